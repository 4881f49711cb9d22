"""Whether a branch's new head may follow the last accepted commit: by its history, and by who signed it.

What is trusted is said from outside the repository, since whoever may push could say so from within.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from mlgitops.tools import git_history, git_objects, git_signatures
from mlgitops.tools.git_signatures import Keys

_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Trust:
    """What makes a commit acceptable, besides following the last accepted one.

    ``signed``: every commit on the first-parent way must be signed by one of ``keys``. ``since`` is the commit from
    which this holds where none was accepted yet: the first head must follow it. Without, the first head is accepted by
    its own signature alone.
    """

    signed: bool = False
    keys: Keys = field(default_factory=Keys)
    since: str = ""


ANYBODY = Trust()
"""Whoever may push to the branch is trusted; only going backwards is refused."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A commit that is not accepted, why (a sentence without its end), and what to do."""

    commit: str
    reason: str
    help: str


def refusal(git_dir: Path, accepted: str, head: str, trust: Trust) -> Refused | None:
    """Why ``head`` may not follow ``accepted`` (empty: none was yet); None where it may.

    Raises ``SourceError`` where the trusted keys cannot be read, and ``ToolError``.
    """
    last = accepted or trust.since
    what = "the last accepted commit" if accepted else "since which commits are trusted"
    if last and not _follows(git_dir, head, last):
        return _older(head, last, what) if _follows(git_dir, last, head) else _rewritten(head, last, what)
    return _untrusted(git_dir, last, head, trust.keys) if trust.signed else None


def _follows(git_dir: Path, commit: str, earlier: str) -> bool:
    known = git_objects.has_commit(git_dir, earlier) and git_objects.has_commit(git_dir, commit)
    return known and git_history.is_ancestor(git_dir, earlier, commit)


def _untrusted(git_dir: Path, last: str, head: str, keys: Keys) -> Refused | None:
    """The first commit on the way to the new head whose signature does not count."""
    for signed in git_signatures.signatures(git_dir, last, head, keys):
        if signed.problem:
            where = "" if signed.commit == head else f", on the way to {head[:_DIGITS]},"
            reason = f"commit {signed.commit[:_DIGITS]}{where} {signed.problem}"
            return Refused(signed.commit, reason, "Have it signed by a trusted key, or trust the key that signed it.")
    return None


def _older(head: str, last: str, what: str) -> Refused:
    reason = f"the branch is at {head[:_DIGITS]}, which is older than {last[:_DIGITS]}, {what}"
    return Refused(head, reason, f"To undo a change, push a commit on top of {last[:_DIGITS]} that reverts it.")


def _rewritten(head: str, last: str, what: str) -> Refused:
    reason = f"the branch is at {head[:_DIGITS]}, which does not follow {last[:_DIGITS]}, {what}"
    return Refused(head, reason, f"Push commits that follow {last[:_DIGITS]}, or accept it as docs/install.md says.")
