"""From documents to what runs where: every model and pipeline of an environment, merged, at each of its targets. Pure.

Layers, each over the one before: built-in defaults, Project defaults, Environment defaults, base model, the
environment's own file, Target profile.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel

from mlgitops.finding import Finding, Location
from mlgitops.spec.document import Document
from mlgitops.spec.envelope import Head, Metadata
from mlgitops.spec.environment import Environment
from mlgitops.spec.merge import Layer, Pointer, Provenance, merge
from mlgitops.spec.model import ModelSpec
from mlgitops.spec.pipeline import PipelineSpec
from mlgitops.spec.project import Project
from mlgitops.spec.project_files import PROJECT_FILE, EnvironmentFiles, ProjectFiles, did_you_mean
from mlgitops.spec.resolved import Place, Resolved, ResolvedModel, ResolvedPipeline
from mlgitops.spec.target import Target
from mlgitops.spec.validation import validate

Kind = TypeVar("Kind", bound=BaseModel)
Spec = TypeVar("Spec", ModelSpec, PipelineSpec)

_ENVELOPE = ("apiVersion", "kind", "metadata")


@dataclass(frozen=True)
class Resolution:
    """What one environment runs, and everything that was found on the way. Findings with errors refuse it."""

    environment: str
    project: Project | None
    spec: Environment | None
    targets: Mapping[str, Target]
    models: tuple[ResolvedModel, ...]
    pipelines: tuple[ResolvedPipeline, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class _Frame:
    """What all models and pipelines of one environment share."""

    files: ProjectFiles
    own: EnvironmentFiles
    project: Project
    environment: Environment
    targets: Mapping[str, Target]


def resolve(files: ProjectFiles, environment: str) -> Resolution:
    """Everything of one environment. Never raises for bad input: what is wrong is in ``findings``."""
    findings: list[Finding] = []
    own = files.environments.get(environment, EnvironmentFiles())
    project = _typed(Project, files.project, findings)
    declared = _typed(Environment, own.environment, findings)
    findings += [*_missing_files(files, own, environment), *_default_layers(files, own)]
    targets = _targets(files, own, declared, findings)
    if project is None or declared is None:
        findings += _alone(own)
        return Resolution(environment, project, declared, targets, (), (), tuple(findings))
    frame = _Frame(files, own, project, declared, targets)
    models = tuple(_resolve_all(frame, own.models, ModelSpec, ResolvedModel, findings))
    pipelines = tuple(_resolve_all(frame, own.pipelines, PipelineSpec, ResolvedPipeline, findings))
    return Resolution(environment, project, declared, targets, models, pipelines, tuple(findings))


def _alone(own: EnvironmentFiles) -> Iterator[Finding]:
    """Findings in models and pipelines by themselves, where what they are merged with cannot be read."""
    for documents, kind in ((own.models, ModelSpec), (own.pipelines, PipelineSpec)):
        for document in documents.values():
            yield from validate(Head, document.data, document.written)[1]
            yield from _partial(document, kind, ("spec",))


def _typed(kind: type[Kind], document: Document | None, findings: list[Finding]) -> Kind | None:
    if document is None:
        return None
    value, found = validate(kind, document.data, document.written)
    findings += found
    return value


def _missing_files(files: ProjectFiles, own: EnvironmentFiles, environment: str) -> Iterator[Finding]:
    if files.project is None and PROJECT_FILE not in files.unread:
        yield Finding(
            "project-missing", "there is no mlgitops.yaml", Location("mlgitops.yaml"),
            help="every project has one at its root; it names the environments",
        )  # fmt: skip
    path = f"environments/{environment}/environment.yaml"
    if own.environment is None and path not in files.unread:
        yield Finding(
            "environment-missing", f"environment '{environment}' has no file", Location(path),
            help=f"write {path}, or choose one of: {', '.join(sorted(files.environments)) or 'none yet'}",
        )  # fmt: skip


def _targets(
    files: ProjectFiles, own: EnvironmentFiles, declared: Environment | None, findings: list[Finding]
) -> dict[str, Target]:
    """The environment's targets by name, in the order in which the environment names them."""
    targets: dict[str, Target] = {}
    for index, name in enumerate(declared.spec.targets if declared else ()):
        document = files.targets.get(name)
        if document is None:
            assert own.environment is not None
            if f"targets/{name}.yaml" in files.unread:
                continue
            findings.append(_unknown_target(own.environment, ("spec", "targets", index), name, files.targets))
        elif (target := _typed(Target, document, findings)) is not None:
            targets[name] = target
    return targets


def _unknown_target(document: Document, pointer: Pointer, name: str, known: Mapping[str, Any]) -> Finding:
    return document.finding(
        "unknown-target", pointer, f"there is no target '{name}'",
        help=f"targets: {', '.join(sorted(known)) or 'none'}; each is a file under targets/",
        suggestion=did_you_mean(name, known),
    )  # fmt: skip


def _default_layers(files: ProjectFiles, own: EnvironmentFiles) -> Iterator[Finding]:
    """Findings in layers that may hold a part of a spec, even where no model happens to use them."""
    for document, *pointer in (
        *((d, "spec", "defaults") for d in (files.project, own.environment) if d),
        *((d, "spec", "profile") for d in files.targets.values()),
    ):
        yield from _shared(document, ModelSpec, (*pointer, "model"))
        yield from _shared(document, PipelineSpec, (*pointer, "pipeline"))
    for document in files.bases.values():
        yield from _release_of_all(document, ("spec",))
        yield from _partial(document, ModelSpec, ("spec",))
        yield from validate(Head, document.data, document.written)[1]


def _shared(document: Document, kind: type[ModelSpec] | type[PipelineSpec], pointer: Pointer) -> Iterator[Finding]:
    """Findings in what several models or pipelines share."""
    data = _at(document.data, pointer)
    if not isinstance(data, Mapping):
        return
    if kind is ModelSpec:
        yield from _release_of_all(document, pointer)
    if "targets" in data:
        yield document.finding(
            "targets-outside-model", (*pointer, "targets"), "targets are chosen by a model or pipeline",
            help="move it to the model's or pipeline's own file, or to the base model", key=True,
        )  # fmt: skip
    yield from _partial(document, kind, pointer)


def _partial(document: Document, kind: type[ModelSpec] | type[PipelineSpec], pointer: Pointer) -> list[Finding]:
    """Findings in a part of a spec, where what is left out may come from another layer."""
    data = _at(document.data, pointer)
    if not isinstance(data, Mapping):
        return []
    return validate(kind, merge([data]), document.written, partial=True, prefix=pointer)[1]


def _release_of_all(document: Document, pointer: Pointer) -> Iterator[Finding]:
    if "release" in (_at(document.data, pointer) or {}):
        yield document.finding(
            "release-outside-environment", (*pointer, "release"),
            "a release exists only in an environment's own file of the model",
            help="move it to environments/ENVIRONMENT/models/NAME.yaml; promotion copies it from there", key=True,
        )  # fmt: skip


def _at(data: Any, pointer: Pointer) -> Any:
    for part in pointer:
        data = data.get(part) if isinstance(data, Mapping) else None
    return data


def _resolve_all(
    frame: _Frame, documents: Mapping[str, Document], spec: type[Spec], result: Any, findings: list[Finding]
) -> Iterator[Any]:
    for name in sorted(documents):
        document = documents[name]
        findings += validate(Head, document.data, document.written)[1]
        target_names = _target_names(frame, document, findings)
        findings += [] if target_names else _partial(document, spec, ("spec",))
        for target_name in target_names:
            resolved = _resolve_one(frame, name, document, target_name, spec, findings)
            if resolved is not None:
                metadata, place, provenance, value = resolved
                yield result(metadata, place, provenance, value)


def _target_names(frame: _Frame, document: Document, findings: list[Finding]) -> list[str]:
    """The targets of one document: those that its spec names, or all of the environment's."""
    spec = document.data.get("spec")
    chosen = spec.get("targets") if isinstance(spec, dict) else None
    if not isinstance(chosen, list):
        base = frame.files.bases.get(document.path.rpartition("/")[2].removesuffix(".yaml"))
        base_spec = base.data.get("spec") if base and document.data.get("kind") == "Model" else None
        chosen = base_spec.get("targets") if isinstance(base_spec, dict) else None
    if not isinstance(chosen, list):
        return list(frame.targets)
    known = frame.environment.spec.targets
    for index, name in enumerate(chosen):
        if name not in known:
            findings.append(_unknown_target(document, ("spec", "targets", index), str(name), dict.fromkeys(known)))
    return [name for name in frame.targets if name in chosen]


def _resolve_one(
    frame: _Frame, name: str, document: Document, target_name: str, spec: type[Spec], findings: list[Finding]
) -> tuple[Metadata, Place, Provenance, Spec] | None:
    layers = _layers(frame, name, document, target_name, "model" if spec is ModelSpec else "pipeline")
    provenance = Provenance(layers)
    value, found = validate(spec, provenance.merged, provenance.written)
    findings += found
    metadata = _metadata(frame, name, document)
    if value is None or metadata is None:
        return None
    return metadata, _place(frame, target_name), provenance, value


def _layers(frame: _Frame, name: str, document: Document, target_name: str, part: str) -> list[Layer]:
    files, own = frame.files, frame.own
    candidates = [
        ("project defaults", files.project, ("spec", "defaults", part)),
        ("environment defaults", own.environment, ("spec", "defaults", part)),
        ("base model", files.bases.get(name) if part == "model" else None, ("spec",)),
        (f"environment's {part}", document, ("spec",)),
        ("target profile", files.targets.get(target_name), ("spec", "profile", part)),
    ]
    layers = []
    for layer, source, base in candidates:
        data = _at(source.data, base) if source else None
        if isinstance(data, Mapping):
            layers.append(Layer(layer, source, base, data))
    return layers


def _metadata(frame: _Frame, name: str, document: Document) -> Metadata | None:
    base = frame.files.bases.get(name) if document.data.get("kind") == "Model" else None
    parts = [d.data.get("metadata") for d in (base, document) if d]
    merged = merge([part for part in parts if isinstance(part, Mapping)])
    return validate(Metadata, merged, document.written, prefix=("metadata",))[0]


def _place(frame: _Frame, target_name: str) -> Place:
    environment, target = frame.environment.spec, frame.targets[target_name].spec
    return Place(
        project=frame.project.metadata.name,
        environment=frame.environment.metadata.name,
        target=target_name,
        namespace=environment.namespace or target.namespace,
        spec=target,
        labels=environment.labels,
        annotations=environment.annotations,
    )


def all_resolved(resolution: Resolution) -> Iterator[Resolved]:
    """Models, then pipelines, each by name and by target in the environment's order."""
    yield from resolution.models
    yield from resolution.pipelines
