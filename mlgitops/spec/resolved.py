"""What resolving gives: each model and pipeline of an environment at each of its targets, ready to check and render."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from mlgitops.finding import Finding, Severity
from mlgitops.manifest import LINEAGE
from mlgitops.spec.envelope import Metadata
from mlgitops.spec.model import ModelSpec
from mlgitops.spec.pipeline import PipelineSpec
from mlgitops.spec.positions import Pointer, value_of
from mlgitops.spec.project_files import step_reference
from mlgitops.spec.release import release_digest
from mlgitops.spec.target import TargetSpec

if TYPE_CHECKING:
    from mlgitops.spec.merge import Provenance
    from mlgitops.spec.step_library import StepTemplate


STABLE: Pointer = ("rollout", "stable")
NEW_SUFFIX = "-canary"
"""What the new one of two releases is called after the model's name, while the other one has the name."""


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
    """A model at one target. ``part`` says which of two releases this is, where two run (``side_by_side``)."""

    spec: ModelSpec
    part: Literal["", "stable", "new"] = ""

    @property
    def instance(self) -> str:
        """The name of what is there once for each release that runs; the stable one has the model's own."""
        return self.name + NEW_SUFFIX if self.part == "new" else self.name

    def written_at(self, pointer: Pointer) -> Pointer:
        """Where in the spec a field is written: the stable one of two releases stands in the rollout."""
        return (*STABLE, *pointer[1:]) if self.part == "stable" and pointer[:1] == ("release",) else pointer

    def finding(
        self, code: str, pointer: Pointer, message: str, *, help: str = "", severity: Severity = Severity.ERROR
    ) -> Finding:
        """As of everything resolved, at the place where this release is written."""
        return super().finding(code, self.written_at(pointer), message, help=help, severity=severity)

    @cached_property
    def release_digest(self) -> str:
        """The digest of the release block: what travels, and nothing else."""
        return release_digest(self.spec.release)

    @cached_property
    def needs(self) -> tuple[str, ...]:
        """The models, by name, that are ready before this one is applied: those of ``dependsOn`` and of its graph."""
        graph = self.spec.serving.graph
        in_graph = {step.model for node in graph.nodes for step in node.steps if step.model} if graph else set()
        return tuple(sorted({*self.spec.depends_on, *(in_graph - {self.name})}))

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
    """A pipeline at one target. ``templates`` are those of the steps that use one, by the step's name."""

    spec: PipelineSpec
    templates: Mapping[str, StepTemplate] = field(default_factory=dict)

    def is_of_template(self, pointer: Pointer) -> bool:
        """Whether the value at ``pointer`` was written in a step template, for all that use it."""
        if not self.templates:
            return False
        document = self.provenance.origin(pointer).layer.document
        return document is not None and bool(step_reference(document.path))

    def finding(
        self, code: str, pointer: Pointer, message: str, *, help: str = "", severity: Severity = Severity.ERROR
    ) -> Finding:
        """As of everything resolved; what a template says is told where the step uses it, with the template's line."""
        if not self.is_of_template(pointer):
            return super().finding(code, pointer, message, help=help, severity=severity)
        written = self.provenance.origin(pointer).location
        told = f"{message}, as {written.path}:{written.line} says"
        return super().finding(code, (*pointer[:2], "uses"), told, help=help, severity=severity)
