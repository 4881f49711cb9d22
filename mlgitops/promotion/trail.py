"""The protected branch's history as data: what each commit on its first-parent line did to releases. Pure.

``workflows`` reads it from Git; ``history`` and ``audit`` judge it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mlgitops.promotion.trailers import Trailers, last_paragraph, parse_all

GOOD_SIGNATURE = "G"
"""What Git says of a good signature by a key that is trusted; ``git log --format=%G?``."""
EVIDENCE = "spec.release.evidence"
"""The field that names the evidence."""
HOLD = "spec.hold"
"""The field that only a rollback and the verb that lifts a hold change."""
STABLE = "spec.rollout.stable"
"""The release that runs beside that of ``spec.release`` while a rollout lasts."""

INVALID = "invalid"
"""In the place of a digest."""

_NUMBERS = (
    re.compile(r"Merge pull request #?(\d+)\b"),  # GitHub, and ours
    re.compile(r"^Merge pull request '.*' \(#(\d+)\) from ", re.MULTILINE),  # Gitea, Forgejo
    re.compile(r"^See merge request \S*!(\d+)$", re.MULTILINE),  # GitLab
    re.compile(r"^Merged PR (\d+): "),  # Azure DevOps
    re.compile(r"\(#(\d+)\)$", re.MULTILINE),  # squashed at GitHub
)
_APPROVALS = ("reviewed-by", "approved-by", "acked-by")


@dataclass(frozen=True, slots=True)
class Brought:
    """A commit that a step brought, and what Git says of its signature (``%G?``; empty where it was not asked)."""

    commit: str
    message: str
    author: str = ""
    signature: str = ""
    signer: str = ""

    def claim(self, change: ReleaseChange) -> Trailers | None:
        """What it says last of a model in an environment; None where it says nothing about that.

        Raises ``ValueError`` where its trailers are not valid.
        """
        about = (change.model, change.environment)
        found = [one for one in parse_all(self.message) if (one.model, one.target) == about]
        return found[-1] if found else None


@dataclass(frozen=True, slots=True)
class ReleaseChange:
    """What a step did to the release of a model in an environment: JSON data before and after, None for none.

    ``path`` is the file's. ``digest`` is the new release's, empty for none and where it is no valid release.
    ``evidence`` is the digest of its evidence file as it is in that commit; empty where there is none. ``retired`` says
    that the file had retired the model before. ``beside`` are fields that changed though the release may be the same:
    its hold. ``stable`` is the digest of the release that runs beside it from then on, where that is another one than
    before, and ``INVALID`` where it is no valid release.
    """

    path: str
    environment: str
    model: str
    old: Mapping[str, Any] | None = field(repr=False)
    new: Mapping[str, Any] | None = field(repr=False)
    digest: str = ""
    evidence: str = ""
    retired: bool = False
    beside: tuple[str, ...] = ()
    stable: str = ""

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that differ: ``spec.release.artifact.digest``."""
        return (*_differing("spec.release", self.old, self.new), *self.beside)

    @property
    def needs_claim(self) -> bool:
        """Whether it takes a promotion's trailers: all but a change of the stable release alone."""
        return self.moves or bool(self.beside)

    @property
    def moves(self) -> bool:
        """Whether another release runs from then on."""
        return self.old != self.new

    @property
    def version(self) -> str:
        """The version that runs from then on; empty where the release was taken away."""
        return str((self.new or {}).get("version", ""))


@dataclass(frozen=True, slots=True)
class Step:
    """One commit of the first-parent line that changed a release.

    ``time`` is the committer's, RFC 3339. ``merges`` says that it has several parents; ``brought`` are the commits that
    came with it, itself included. The first commit of a history has no parent: ``is_first``.
    """

    commit: str
    time: str
    message: str
    author: str
    is_first: bool
    merges: bool
    brought: tuple[Brought, ...] = ()
    changes: tuple[ReleaseChange, ...] = ()

    @property
    def pull_request(self) -> int | None:
        """The number of the pull request that it merged, as forges write it into the message."""
        found = (pattern.search(self.message) for pattern in _NUMBERS)
        return next((int(match[1]) for match in found if match), None)

    @property
    def approved_by(self) -> tuple[str, ...]:
        """Who approved, as forges write it into the trailers of a merge; what its text says otherwise is no trailer."""
        return tuple(dict.fromkeys(name for key, name in last_paragraph(self.message) if key.lower() in _APPROVALS))


def claim_of(step: Step, change: ReleaseChange) -> tuple[Brought, Trailers] | None:
    """The commit that came with a step and claims to have made a change, newest first; None where none does."""
    for brought in step.brought:
        try:
            trailers = brought.claim(change)
        except ValueError:
            continue
        if trailers:
            return brought, trailers
    return None


def _differing(name: str, old: Any, new: Any) -> list[str]:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        keys = [*old, *(key for key in new if key not in old)]
        return [one for key in keys for one in _differing(f"{name}.{key}", old.get(key), new.get(key))]
    return [] if old == new else [name]
