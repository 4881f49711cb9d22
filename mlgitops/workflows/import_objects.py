"""Imports objects of clusters as specs: from files, from stdin, or from a target itself. Writes nothing.

Each spec is rendered again, and what is rendered is held against the object: what is not the same is a finding.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from mlgitops.compile.shape import ANY, Fields, Items
from mlgitops.compile.written import Where, Written
from mlgitops.errors import FindingsError, MlgitopsError
from mlgitops.finding import Finding, Severity, has_errors, in_order
from mlgitops.sources.edited import Edited
from mlgitops.spec.document import content_digest
from mlgitops.workflows.project import Opened, choose_environments
from mlgitops.workflows.render import checked

if TYPE_CHECKING:
    from mlgitops.compile.imported import Spec
    from mlgitops.compile.notes import Notes
    from mlgitops.compile.shape import Shape, Wrong
    from mlgitops.manifest import Manifest
    from mlgitops.spec.resolve import Resolution
    from mlgitops.spec.resolved import Resolved

GROUPS = {
    "InferenceService": "serving.kserve.io",
    "TrainJob": "trainer.kubeflow.org",
    "Workflow": "argoproj.io",
    "WorkflowTemplate": "argoproj.io",
    "CronWorkflow": "argoproj.io",
}
"""The kinds that can be imported, and the groups of their APIs."""
ACCEPTABLE = frozenset({"import-not-carried", "import-not-possible"})
"""Codes of findings that are warnings where differences are accepted."""
_LIST = Fields({"items": Items(ANY)})
_DOCUMENT = re.compile(r"^---", re.MULTILINE)


@dataclass(frozen=True)
class Request:
    """What is imported, and for where.

    ``texts`` are names and contents of files; ``live`` objects of the first of ``targets``, as KIND/NAME, in
    ``namespace`` or, where that is empty, in the one that models run in. ``targets`` are for spec.targets. ``release``
    is the version of the releases, guessed where empty. With ``accepts``, what is not carried over is a warning.
    """

    environment: str
    texts: Sequence[tuple[str, bytes]] = ()
    live: Sequence[str] = ()
    namespace: str = ""
    targets: tuple[str, ...] = ()
    release: str = ""
    classes: Mapping[str, str] = field(default_factory=dict)
    accepts: bool = False


@dataclass(frozen=True)
class Imported:
    """Specs by their paths within the project, and what is not quite as in the objects."""

    files: Mapping[str, bytes]
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class _Object:
    """An object of the source: its data, and the text in which its fields are found below ``where``."""

    data: Any
    written: Written
    where: Where


def import_objects(opened: Opened, request: Request) -> Imported:
    """The specs. Raises ``FindingsError`` with everything that cannot be carried over, and what cannot be read.

    Raises ``MlgitopsError`` for names that are not there, and ``TargetError`` where a target cannot be read.
    """
    choose_environments(opened, (request.environment,))
    resolution, _ = checked(opened.source, request.environment, opened.cache)
    _known_targets(resolution, request.targets)
    objects = [one for name, content in request.texts for one in _objects(name, content)]
    objects += [_live(opened, resolution, request, one) for one in request.live]
    if not objects:
        raise MlgitopsError("there is no object to import", help="name a file with objects, or --live KIND/NAME")
    files: dict[str, bytes] = {}
    findings: list[Finding] = []
    for one in objects:
        try:
            made, found = _imported(opened, resolution, request, one)
        except FindingsError as error:
            made, found = {}, list(error.findings)
        findings += [_accepted(each) for each in found] if request.accepts else found
        files |= made
    if has_errors(findings):
        raise FindingsError(in_order(findings))
    return Imported(files, tuple(in_order(findings)))


def _accepted(finding: Finding) -> Finding:
    """A finding of what an object says more than a spec can is a warning for whoever has seen it."""
    return replace(finding, severity=Severity.WARNING) if finding.code in ACCEPTABLE else finding


def _known_targets(resolution: Resolution, targets: Sequence[str]) -> None:
    for name in targets:
        if name not in resolution.targets:
            raise MlgitopsError(
                f"environment {resolution.environment} has no target '{name}'",
                help=f"targets: {', '.join(resolution.targets) or 'none'}",
            )


def _objects(name: str, content: bytes) -> Iterator[_Object]:
    """Every object of a file, those of a List among them. Raises ``FindingsError``."""
    text = content.decode("utf-8", "replace")
    starts = sorted({0, *(match.start() for match in _DOCUMENT.finditer(text))})
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        # Empty lines in the place of the documents before keep the numbers of the lines.
        written = Written(name, "\n" * text.count("\n", 0, start) + text[start:end], content_digest(content))
        data = _loaded(written)
        if isinstance(data, Mapping) and str(data.get("kind")).endswith("List"):
            whole = _Object(data, written, Where((), _title(data)))
            if misshapen := _misshapen(whole, _LIST):
                raise FindingsError(misshapen)
            for index, item in enumerate(data.get("items") or ()):
                yield _Object(item, written, Where(("items", index), _title(item)))
        elif data is not None:
            yield _Object(data, written, Where((), _title(data)))


def _loaded(written: Written) -> Any:
    import yaml

    from mlgitops.compile.repeated import repeats_too_much
    from mlgitops.finding import Location
    from mlgitops.spec.source_text import lines_of
    from mlgitops.spec.syntax import syntax_finding

    try:
        if repeats_too_much(written.text):
            raise FindingsError([
                Finding("too-many-aliases", "aliases repeat more than a file of objects may hold",
                        Location(written.path), help="write it out without anchors and aliases")
            ])  # fmt: skip
        return yaml.load(written.text, Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        raise FindingsError([syntax_finding(written.path, lines_of(written.text), error)]) from error


def _title(data: Any) -> str:
    if not isinstance(data, Mapping):
        return "this"
    metadata = data.get("metadata")
    name = metadata.get("name") or metadata.get("generateName") if isinstance(metadata, Mapping) else ""
    return f"{data.get('kind') or 'an object without a kind'} {name or ''}".strip()


def _live(opened: Opened, resolution: Resolution, request: Request, asked: str) -> _Object:
    """An object as a target has it. Raises ``MlgitopsError`` where it is not there."""
    from mlgitops.manifest import Identity
    from mlgitops.targets.manifest_yaml import dump
    from mlgitops.workflows.sites import connect

    kind, _, name = asked.partition("/")
    if kind not in GROUPS or not name:
        raise MlgitopsError(f"'{asked}' cannot be imported", help=f"KIND/NAME, of {', '.join(GROUPS)}")
    target = _target_name(resolution, request)
    spec = resolution.targets[target].spec
    own = resolution.spec.spec.namespace if resolution.spec else None
    identity = Identity(GROUPS[kind], kind, request.namespace or own or spec.namespace, name)
    settings = spec.connection.model_dump(mode="json", by_alias=True, exclude_none=True)
    project = resolution.project.metadata.name if resolution.project else ""
    found = connect(opened.root, project, resolution.environment, target, settings).live([identity]).get(identity)
    if found is None:
        raise MlgitopsError(f"{identity} is not at target {target}", help="give its namespace with --namespace")
    data = found.read()
    text = dump(data)
    return _Object(data, Written(f"{asked} at {target}", text, content_digest(text.encode())), Where((), _title(data)))


def _target_name(resolution: Resolution, request: Request) -> str:
    name = next(iter(request.targets or resolution.targets), None)
    if name is None:
        raise MlgitopsError(f"environment {resolution.environment} has no target", help="see: mlgitops validate")
    return name


def _imported(
    opened: Opened, resolution: Resolution, request: Request, one: _Object
) -> tuple[dict[str, bytes], list[Finding]]:
    """The file that an object comes to, and what is to be said of it."""
    from mlgitops.compile import argo, inference_service
    from mlgitops.compile.notes import Notes

    if (shape := _shape(one.data)) and (misshapen := _misshapen(one, shape)):
        return {}, misshapen
    notes = Notes(one.written)
    if argo.is_argo(one.data):
        return _workflow(resolution, request, one, notes), notes.findings
    data = inference_service.in_new_words(one.data) if inference_service.is_inference_service(one.data) else one.data
    spec = _spec(resolution, request, replace(one, data=data), notes)
    if spec is None or has_errors(notes.findings):
        return {}, notes.findings
    source = f"{one.where.named} in {one.written.path}"
    content = spec.text(source, request.targets if set(request.targets) != set(resolution.targets) else ())
    rendered = _rendered(opened, request, resolution, spec, content)
    return {spec.path(request.environment): content}, [*notes.findings, *_compared(data, rendered, one)]


def _spec(resolution: Resolution, request: Request, one: _Object, notes: Notes) -> Spec | None:
    """The spec of an object; None where it is of no kind that is known, which ``notes`` has then."""
    from mlgitops.compile import inference_service, train_job

    classes = {**_classes(resolution, request), **request.classes}
    if inference_service.is_inference_service(one.data):
        return inference_service.model(one.data, request.release, classes, notes, one.where)
    if train_job.is_train_job(one.data):
        return train_job.pipeline(one.data, classes, notes, one.where)
    notes.findings.append(_unusable(one, f"{one.where.named} is nothing that a spec describes"))
    return None


def _shape(data: Any) -> Shape | None:
    """What the fields of an object have to be; None where it is of no kind that is known."""
    from mlgitops.compile import argo, inference_service, train_job
    from mlgitops.compile.object_shapes import BY_KIND

    known = inference_service.is_inference_service(data) or train_job.is_train_job(data) or argo.is_argo(data)
    return BY_KIND[data["kind"]] if known else None


def _misshapen(one: _Object, shape: Shape) -> list[Finding]:
    """Each field that has another form than the API gives it, where it is written."""
    return [_wrong_form(one, wrong) for wrong in shape.wrong(one.data, ())]


def _wrong_form(one: _Object, wrong: Wrong) -> Finding:
    from mlgitops.check.served.problem import dotted

    place = one.where.at(*wrong.pointer)
    location = one.written.locate(place)
    field = f"{dotted(wrong.pointer)} of {one.where.named}" if wrong.pointer else one.where.named
    return Finding(
        "import-not-possible", f"{field} has to be {wrong.expected}, and is {wrong.found}", location,
        pointer=dotted(place.pointer), excerpt=one.written.excerpt(location.line),
        help=f"what the API itself says: kubectl apply --dry-run=server -f {one.written.path}",
    )  # fmt: skip


def _unusable(one: _Object, message: str) -> Finding:
    location = one.written.locate(one.where)
    return Finding(
        "import-not-possible", message, location,
        excerpt=one.written.excerpt(location.line),
        help=f"import objects of these kinds: {', '.join(GROUPS)}; others go into the environment's kustomization.yaml",
    )  # fmt: skip


def _classes(resolution: Resolution, request: Request) -> dict[str, str]:
    """The accelerator class of each resource that only one class of the target asks for."""
    declared = resolution.targets[_target_name(resolution, request)].spec.accelerators
    by_resource: dict[str, list[str]] = {}
    for name, accelerator in declared.items():
        by_resource.setdefault(accelerator.resource, []).append(name)
    return {resource: names[0] for resource, names in by_resource.items() if len(names) == 1}


def _workflow(resolution: Resolution, request: Request, one: _Object, notes: Notes) -> dict[str, bytes]:
    """A workflow of Argo's, which compiling takes over: it refuses whatever a Pipeline cannot say."""
    from mlgitops.compile import argo
    from mlgitops.compile.draft import note_defaults
    from mlgitops.compile.imported import Spec
    from mlgitops.compile.naming import Names

    classes = {**_classes(resolution, request), **request.classes}
    draft = argo.pipeline(one.data, classes, notes)
    note_defaults(draft, notes, one.where)
    name = Names(notes, "pipeline").of(draft.name, one.where.at("metadata", "name"))
    spec = Spec("Pipeline", name, {**draft.more, "parameters": draft.parameters, "steps": draft.steps}, draft.metadata)
    return {spec.path(request.environment): spec.text(f"{one.where.named} in {one.written.path}", request.targets)}


def _rendered(opened: Opened, request: Request, resolution: Resolution, spec: Spec, content: bytes) -> list[Manifest]:
    """What is rendered of the spec at the target. Raises ``FindingsError`` where it is not valid."""
    from mlgitops.render.render import render

    path = spec.path(request.environment)
    edited, findings = checked(Edited(opened.source, {path: content}), request.environment, opened.cache)
    own = [one for one in findings if one.location.path == path and one.severity is Severity.ERROR]
    resolved = _resolved(edited, spec, _target_name(resolution, request))
    if resolved is None or any(one.code == "literal-secret" for one in own):
        raise FindingsError(own or findings)
    try:
        return render(resolved)
    except (KeyError, ValueError) as error:
        raise FindingsError(own or findings) from error


def _resolved(resolution: Resolution, spec: Spec, target: str) -> Resolved | None:
    found: Sequence[Resolved] = resolution.models if spec.kind == "Model" else resolution.pipelines
    return next((one for one in found if one.name == spec.name and one.place.target == target), None)


def _compared(data: Any, rendered: Sequence[Manifest], one: _Object) -> list[Finding]:
    from mlgitops.compile.round_trip import differences, findings

    same = next((manifest for manifest in rendered if manifest["kind"] == data["kind"]), None)
    if same is None:
        message = f"{one.where.named} would become {', '.join(manifest['kind'] for manifest in rendered)}"
        return [_unusable(one, message)]
    return list(findings(differences(data, same), one.written, one.where))
