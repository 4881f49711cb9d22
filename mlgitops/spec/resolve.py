"""From documents to what runs where: every model and pipeline of an environment, merged, at each of its targets. Pure.

Layers, each over the one before: built-in defaults, Project defaults, Environment defaults, base model, the
environment's own file, Target profile.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import BaseModel

from mlgitops.finding import Finding, Location
from mlgitops.spec import step_library
from mlgitops.spec.document import Document
from mlgitops.spec.envelope import Head, Metadata
from mlgitops.spec.environment import Environment
from mlgitops.spec.merge import Layer, Pointer, Provenance, merge
from mlgitops.spec.model import ModelSpec
from mlgitops.spec.pipeline import PipelineSpec
from mlgitops.spec.positions import Written, value_of
from mlgitops.spec.project import Project
from mlgitops.spec.project_files import PROJECT_FILE, EnvironmentFiles, ProjectFiles, did_you_mean
from mlgitops.spec.resolved import STABLE, Place, Resolved, ResolvedModel, ResolvedPipeline
from mlgitops.spec.step_library import Library
from mlgitops.spec.target import Target
from mlgitops.spec.validation import validate

Kind = TypeVar("Kind", bound=BaseModel)
Spec = TypeVar("Spec", ModelSpec, PipelineSpec)


@dataclass(frozen=True)
class Resolution:
    """What one environment runs, and everything that was found on the way. Findings with errors refuse it.

    ``model_names`` are of all its models, also of those that cannot be read or resolved.
    """

    environment: str
    project: Project | None
    spec: Environment | None
    targets: Mapping[str, Target]
    models: tuple[ResolvedModel, ...]
    pipelines: tuple[ResolvedPipeline, ...]
    findings: tuple[Finding, ...]
    model_names: frozenset[str] = frozenset()
    step_templates: Library = field(default_factory=dict)


@dataclass(frozen=True)
class _Frame:
    """What all models and pipelines of one environment share."""

    files: ProjectFiles
    own: EnvironmentFiles
    project: Project
    environment: Environment
    targets: Mapping[str, Target]
    library: Library


def resolve(files: ProjectFiles, environment: str) -> Resolution:
    """Everything of one environment. Never raises for bad input: what is wrong is in ``findings``.

    Without a name of an environment, what is wrong with the rest of the project.
    """
    findings: list[Finding] = []
    own = files.environments.get(environment, EnvironmentFiles())
    project = _typed(Project, files.project, findings)
    declared = _typed(Environment, own.environment, findings)
    findings += [*_missing_files(files, environment), *_default_layers(files, own)]
    targets = _targets(files, own, declared, findings)
    names = _model_names(files, own, environment)
    library = step_library.read(files.steps, findings)
    if project is None or declared is None:
        findings += _alone(own)
        return Resolution(environment, project, declared, targets, (), (), tuple(findings), names, library)
    frame = _Frame(files, own, project, declared, targets, library)
    models = tuple(_resolve_all(frame, own.models, ModelSpec, ResolvedModel, findings))
    pipelines = tuple(_resolve_all(frame, own.pipelines, PipelineSpec, ResolvedPipeline, findings))
    return Resolution(environment, project, declared, targets, models, pipelines, tuple(findings), names, library)


def _model_names(files: ProjectFiles, own: EnvironmentFiles, environment: str) -> frozenset[str]:
    folder = f"environments/{environment}/models/"
    unread = (path.removeprefix(folder).removesuffix(".yaml") for path in files.unread if path.startswith(folder))
    return frozenset({*own.models, *unread})


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


def _missing_files(files: ProjectFiles, environment: str) -> Iterator[Finding]:
    if files.project is None and PROJECT_FILE not in files.unread:
        yield Finding(
            "project-missing", "there is no mlgitops.yaml", Location("mlgitops.yaml"),
            help="every project has one at its root; it names the environments",
        )  # fmt: skip
    for name in sorted({environment, *files.environments} - {""}):
        path = f"environments/{name}/environment.yaml"
        held = files.environments.get(name)
        if (held is None or held.environment is None) and path not in files.unread:
            yield Finding(
                "environment-missing", f"environment '{name}' has no file", Location(path),
                help=f"write {path}, without which nothing in its folder is read",
            )  # fmt: skip


def _targets(
    files: ProjectFiles, own: EnvironmentFiles, declared: Environment | None, findings: list[Finding]
) -> dict[str, Target]:
    """The environment's targets by name, in the order in which it names them. Those that nobody names are read too."""
    typed = {name: _typed(Target, document, findings) for name, document in files.targets.items()}
    targets: dict[str, Target] = {}
    for index, name in enumerate(declared.spec.targets if declared else ()):
        if (target := typed.get(name)) is not None:
            targets[name] = target
        elif name not in typed and f"targets/{name}.yaml" not in files.unread:
            assert own.environment is not None
            written = own.environment.written(("spec", "targets", index))
            findings.append(_unknown_target(written, name, files.targets))
    return targets


def _unknown_target(written: Written, name: str, known: Iterable[str]) -> Finding:
    return Finding(
        "unknown-target", f"there is no target '{name}'", written.location,
        pointer=".".join(map(str, written.pointer)), excerpt=written.excerpt,
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
    data = value_of(document.data, pointer)
    if not isinstance(data, Mapping):
        return
    if kind is ModelSpec:
        yield from _release_of_all(document, pointer)
    if "targets" in data:
        yield document.finding(
            "targets-outside-model", (*pointer, "targets"), "targets are chosen by a model or pipeline",
            help="move it to the model's or pipeline's own file, or to the base model", key=True,
        )  # fmt: skip
    if kind is PipelineSpec and "run" in data:
        yield document.finding(
            "run-outside-pipeline", (*pointer, "run"), "a run is asked for only in a pipeline's own file",
            help="move it to environments/ENVIRONMENT/pipelines/NAME.yaml, where retrain writes the next one", key=True,
        )  # fmt: skip
    yield from _partial(document, kind, pointer)


def _partial(document: Document, kind: type[ModelSpec] | type[PipelineSpec], pointer: Pointer) -> list[Finding]:
    """Findings in a part of a spec, where what is left out may come from another layer."""
    data = value_of(document.data, pointer)
    if not isinstance(data, Mapping):
        return []
    return validate(kind, merge([data]), document.written, partial=True, prefix=pointer)[1]


def _release_of_all(document: Document, pointer: Pointer) -> Iterator[Finding]:
    stable = (*pointer, *STABLE)
    if value_of(document.data, stable) is not None:
        yield document.finding(
            "release-outside-environment", stable, "a release exists only in an environment's own file of the model",
            help="move it to environments/ENVIRONMENT/models/NAME.yaml", key=True,
        )  # fmt: skip
    if "release" in (value_of(document.data, pointer) or {}):
        yield document.finding(
            "release-outside-environment", (*pointer, "release"),
            "a release exists only in an environment's own file of the model",
            help="move it to environments/ENVIRONMENT/models/NAME.yaml; promotion copies it from there", key=True,
        )  # fmt: skip


def _resolve_all(
    frame: _Frame, documents: Mapping[str, Document], spec: type[Spec], result: Any, findings: list[Finding]
) -> Iterator[Any]:
    for name in sorted(documents):
        document = documents[name]
        findings += validate(Head, document.data, document.written)[1]
        if not isinstance(document.data.get("spec"), Mapping):
            continue
        target_names = _target_names(frame, name, document, spec, findings)
        findings += [] if target_names else _partial(document, spec, ("spec",))
        for target_name in target_names:
            resolved = _resolve_one(frame, name, document, target_name, spec, findings)
            if resolved is not None:
                yield result(**resolved)


def _target_names(frame: _Frame, name: str, document: Document, spec: type[Spec], findings: list[Finding]) -> list[str]:
    """The targets of one document: those that it or its base names, or all of the environment's."""
    provenance = Provenance(_layers(frame, name, document, "", _part(spec)))
    chosen = provenance.merged.get("targets")
    if not isinstance(chosen, list):
        return list(frame.targets)
    known = frame.environment.spec.targets
    for index, target in enumerate(chosen):
        if target not in known:
            findings.append(_unknown_target(provenance.written(("targets", index)), str(target), known))
    return [target for target in frame.targets if target in chosen]


def _part(spec: type[Spec]) -> str:
    return "model" if spec is ModelSpec else "pipeline"


def _resolve_one(
    frame: _Frame, name: str, document: Document, target_name: str, spec: type[Spec], findings: list[Finding]
) -> dict[str, Any] | None:
    """What a ``ResolvedModel`` or ``ResolvedPipeline`` is made of."""
    layers = _layers(frame, name, document, target_name, _part(spec))
    filled = step_library.fill(layers, frame.library, frame.files.steps, frame.files.unread)
    provenance = Provenance(filled.layers)
    value, found = validate(spec, provenance.merged, provenance.written, partial=not filled.whole)
    findings += filled.findings
    findings += found
    metadata = _metadata(frame, name, document)
    if value is None or metadata is None or not filled.whole:
        return None
    made = {"metadata": metadata, "place": _place(frame, target_name), "provenance": provenance, "spec": value}
    return {**made, "templates": filled.templates} if filled.templates else made


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
        data = value_of(source.data, base) if source else None
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
