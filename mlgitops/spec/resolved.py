"""What resolving gives: each model and pipeline of an environment at each of its targets, ready to check and render."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from mlgitops.finding import Finding, Severity
from mlgitops.manifest import LINEAGE
from mlgitops.spec.envelope import Metadata
from mlgitops.spec.model import ModelSpec
from mlgitops.spec.pipeline import PipelineSpec
from mlgitops.spec.positions import value_of
from mlgitops.spec.release import release_digest
from mlgitops.spec.target import TargetSpec

if TYPE_CHECKING:
    from mlgitops.spec.merge import Pointer, Provenance


@dataclass(frozen=True, slots=True)
class Place:
    """Where something runs: one target of one environment.

    ``labels`` and ``annotations`` are the environment's, for every manifest. ``locate`` files are the Target's.
    """

    project: str
    environment: str
    target: str
    namespace: str
    spec: TargetSpec
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Resolved:
    """A model or a pipeline at one target, merged from all layers. ``provenance`` tells where each field came from."""

    metadata: Metadata
    place: Place
    provenance: Provenance
    spec: ModelSpec | PipelineSpec

    @property
    def name(self) -> str:
        """The name of the model or pipeline."""
        return self.metadata.name

    def complete(self) -> dict[str, Any]:
        """The whole spec as JSON data, built-in defaults included."""
        data: dict[str, Any] = self.spec.model_dump(mode="json", by_alias=True)
        return data

    def finding(
        self, code: str, pointer: Pointer, message: str, *, help: str = "", severity: Severity = Severity.ERROR
    ) -> Finding:
        """A finding about the field at ``pointer`` (within the spec), at the place in the file that set it."""
        origin = self.provenance.origin(pointer)
        return Finding(
            code, message, origin.location, severity,
            pointer=".".join(map(str, origin.within_document)), excerpt=origin.excerpt, help=help,
        )  # fmt: skip


@dataclass(frozen=True)
class ResolvedModel(Resolved):
    """A model at one target."""

    spec: ModelSpec

    @cached_property
    def release_digest(self) -> str:
        """The digest of the release block: what travels, and nothing else."""
        return release_digest(self.spec.release)

    @cached_property
    def lineage(self) -> dict[str, str]:
        """What every manifest repeats of the spec, by the names of ``LINEAGE``; what is not set is left out.

        Worked out once, since it needs the whole spec as data and every object of the model carries it.
        """
        spec = self.complete()
        known = {name: value_of(spec, pointer.split(".")) for name, pointer in LINEAGE.items()}
        return {name: value for name, value in known.items() if value and name != "release-digest"}


@dataclass(frozen=True)
class ResolvedPipeline(Resolved):
    """A pipeline at one target."""

    spec: PipelineSpec
