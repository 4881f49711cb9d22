"""A change of a model in an environment, as frozen data: what a pull request of ours is about. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from mlgitops.manifest import digest
from mlgitops.promotion.branch import Kind, branch_of
from mlgitops.spec.release import Release, Tensor, release_digest

_SUBJECTS = {
    Kind.PROMOTE: "Promote {model} {version} from {source} to {target}",
    Kind.ROLLBACK: "Roll {model} in {target} back to {version}",
    Kind.RELEASE: "Release {model} {version} to {target}",
    Kind.RELEASE_HOLD: "Lift the hold on {model} in {target}",
    Kind.RETIRE: "Retire {model} in {target}",
    Kind.COMPLETE: "Complete the rollout of {model} {version} in {target}",
    Kind.RETRAIN: "Train {model} anew in {target}",
}

LINEAGE = (
    "artifact digest",
    "training run",
    "source commit",
    "data digest",
    "trained at",
    "evidence",
    "inputs",
    "outputs",
)
"""What tells where a release comes from, what it takes and gives, and how good it is; by the names of ``facts``."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for.

    ``source`` is the environment that the release comes from, empty for a release that comes from training. ``old`` is
    the release that the target runs, None for the first one; ``new`` the one that it is to run, the same where only the
    hold or the lifecycle changes. ``restored`` is the commit whose release a rollback restores. ``stage`` is the stage
    that a retirement leads to. ``reason`` is in the words of who asked.
    ``group`` is ``LABEL=VALUE`` of the models that it travels with, empty where it travels alone. ``notes`` are what
    else a reviewer has to know, a line each, and ``warnings`` what a reviewer must not overlook.
    """

    kind: Kind
    model: str
    source: str
    target: str
    old: Release | None
    new: Release
    restored: str = ""
    stage: str = ""
    reason: str = ""
    group: str = ""
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """16 hexadecimal digits that are the same on every run about the same change of the same release."""
        old = release_digest(self.old) if self.old else ""
        parts = [self.kind.value, self.model, self.source, self.target, old, release_digest(self.new), self.stage]
        return digest(parts).removeprefix("sha256:")[:16]

    @property
    def branch(self) -> str:
        """The branch on which it waits to be merged."""
        return branch_of(self.kind, self.target, self.model, self.group)

    @property
    def subject(self) -> str:
        """What it does, in a line: the commit's subject and the pull request's title."""
        if self.kind is Kind.RETIRE and self.stage == "deprecated":
            return f"Deprecate {self.model} in {self.target}"
        return _SUBJECTS[self.kind].format(
            model=self.model, version=self.new.version, source=self.source, target=self.target
        )


@dataclass(frozen=True, slots=True)
class Difference:
    """One line of two releases side by side; empty where a release does not say."""

    name: str
    old: str
    new: str


def side_by_side(old: Release | None, new: Release) -> list[Difference]:
    """The old and the new release with their lineage, field by field; fields that neither has are left out."""
    before, after = facts(old) if old else {}, facts(new)
    names = [*after, *(name for name in before if name not in after)]
    return [Difference(name, before.get(name, ""), after.get(name, "")) for name in names]


def unsaid(release: Release) -> list[str]:
    """What a release leaves out of its lineage, in the words of ``facts``."""
    said = facts(release)
    return [name for name in LINEAGE if name not in said]


def facts(release: Release) -> dict[str, str]:
    """What a release says of itself and its lineage, in words; what it does not say is left out."""
    framework = release.framework
    signature = release.signature
    said = {
        "version": release.version,
        "artifact": release.artifact.uri,
        "artifact digest": release.artifact.digest,
        "framework": f"{framework.name} {framework.version or ''}".strip() if framework else None,
        "image": release.image,
        "training run": release.training_run,
        "source commit": release.source_commit,
        "data digest": release.data_digest,
        "reference data": release.reference,
        "trained at": release.trained_at,
        "registered as": release.registered,
        "bill of materials": release.sbom,
        "evidence": release.evidence,
        "inputs": ", ".join(map(_tensor, signature.inputs)) if signature else None,
        "outputs": ", ".join(map(_tensor, signature.outputs)) if signature else None,
    }
    return {name: value for name, value in said.items() if value}


def _tensor(tensor: Tensor) -> str:
    return f"{tensor.name} {tensor.datatype}[{', '.join(map(str, tensor.shape))}]"
