"""Whether every change of a release came by a promotion: the rules of ``audit verify``. Pure.

A change of a release block is in order when its step on the protected branch is a merge, and among the commits that it
brought one has valid trailers about that model and environment, whose release digest is the new release's, whose
evidence digest is the evidence file's, and whose release has been where the trailers say that it comes from: in that
environment, at that time or before. Where signatures are required, that commit has a good one. The first commit of the
history is taken as it is, as are those before ``since``; the file of a model that was retired may be deleted. So it is
with a hold that is lifted or changed. The stable release of a rollout may be set by anybody, to what that environment
has had before.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from mlgitops.promotion.branch import Kind
from mlgitops.promotion.trail import EVIDENCE, GOOD_SIGNATURE, HOLD, STABLE, Brought, ReleaseChange, Step
from mlgitops.promotion.trailers import Trailers

_SIGNATURES = {
    "B": "has a bad signature",
    "U": "is signed by a key that is not trusted",
    "X": "has a signature that has expired",
    "Y": "is signed by a key that has expired",
    "R": "is signed by a key that was revoked",
    "E": "has a signature that cannot be checked, because its key is missing",
    "N": "is not signed",
}


@dataclass(frozen=True, slots=True)
class Policy:
    """How strictly the history is judged.

    ``signatures`` asks for a good signature on each promotion's commit. ``squash`` also takes a commit of the branch
    itself for a merge, for teams that squash or rebase. ``environments`` are those that are judged; all where it is
    empty.
    """

    signatures: bool = False
    squash: bool = False
    environments: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Violation:
    """One change that did not come as it should: the commit on the protected branch, the file, the field, and why."""

    commit: str
    path: str
    field: str
    reason: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was looked at and what was wrong. ``taken`` counts releases that were there when the history begins."""

    steps: int
    changes: int
    taken: int
    violations: tuple[Violation, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether nothing was wrong."""
        return not self.violations


@dataclass
class _Walk:
    policy: Policy
    seen: set[tuple[str, str, str]] = field(default_factory=set)  # model, environment, release digest

    def judge(self, step: Step, change: ReleaseChange) -> Iterator[Violation]:
        reason, at = self._reason(step, change) if change.needs_claim else ("", ())
        if reason:
            for name in at or change.fields or ("spec.release",):
                yield Violation(step.commit, change.path, name, reason)
        if change.stable and (change.model, change.environment, change.stable) not in self.seen:
            reason = f"it is not a release that {change.environment} has had before"
            yield Violation(step.commit, change.path, STABLE, reason)

    def note(self, step: Step) -> None:
        self.seen |= {(change.model, change.environment, change.digest) for change in step.changes if change.digest}

    def take(self, step: Step) -> None:
        self.seen |= {(change.model, change.environment, change.stable) for change in step.changes}

    def _reason(self, step: Step, change: ReleaseChange) -> tuple[str, tuple[str, ...]]:
        """What is wrong with a change, and the field that it is about where that is not what changed."""
        if change.new is None and change.retired:
            return "", ()  # it ran nothing any more
        if change.new is not None and not change.digest:
            return "it is not a valid release", ()
        if not (step.merges or self.policy.squash):
            return "it came by a direct commit, not by a merged pull request", ()
        claims = [brought for brought in step.brought if brought.commit != step.commit or not step.merges]
        reasons = [self._about(brought, change) for brought in claims]
        about = [reason for reason in reasons if reason is not None]
        if not about:
            return "no commit of the merge has a promotion's trailers about it", ()
        return min(about, key=lambda found: bool(found[0]))

    def _about(self, brought: Brought, change: ReleaseChange) -> tuple[str, tuple[str, ...]] | None:
        """What is wrong with the change by the claim of a commit; None where that makes no claim about it."""
        short = brought.commit[:12]
        try:
            trailers = brought.claim(change)
        except ValueError as error:
            return f"the trailers of {short} are not valid: {error}", ()
        if trailers is None:
            return None
        if trailers.release_digest != change.digest:
            return f"the release is not the one that {short} promoted ({trailers.release_digest or 'none'})", ()
        if trailers.evidence_digest != change.evidence:
            return f"the evidence is not what {short} promoted it with", (EVIDENCE,)
        if HOLD in change.beside and trailers.change not in (Kind.ROLLBACK, Kind.RELEASE_HOLD):
            return f"{short} is there to {trailers.change}, and changes no hold", (HOLD,)
        if change.digest and not self._was_there(trailers, change):
            return f"{short} says that it comes from {trailers.source or 'nowhere'}, where it has not been", ()
        if self.policy.signatures and brought.signature != GOOD_SIGNATURE:
            return f"{short} {_SIGNATURES.get(brought.signature, 'is not signed')}", ()
        return "", ()

    def _was_there(self, trailers: Trailers, change: ReleaseChange) -> bool:
        if trailers.change is Kind.RELEASE:
            return not trailers.source
        return (change.model, trailers.source, change.digest) in self.seen


def verify(steps: Iterable[Step], policy: Policy, taken: Collection[str] = ()) -> Verdict:
    """Judges the steps of a history, oldest first. Commits in ``taken`` and the first one are taken as they are."""
    walk = _Walk(policy)
    violations: list[Violation] = []
    counts = {"steps": 0, "changes": 0, "taken": 0}
    for step in steps:
        counts["steps"] += 1
        judged = [one for one in step.changes if not policy.environments or one.environment in policy.environments]
        if step.is_first or step.commit in taken:
            counts["taken"] += len(judged)
            walk.take(step)
        else:
            counts["changes"] += len(judged)
            violations += [found for change in judged for found in walk.judge(step, change)]
        walk.note(step)
    return Verdict(counts["steps"], counts["changes"], counts["taken"], tuple(violations))
