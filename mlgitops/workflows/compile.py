"""Compiles a file of hera, of Argo or of Kubeflow Pipelines into a Pipeline in Git. Writes nothing.

A Python file is run to learn what it defines, by whoever calls this: a person or a build, never the controller.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlgitops.errors import FindingsError, MlgitopsError, SourceError
from mlgitops.finding import Finding, Location, Severity, has_errors, in_order
from mlgitops.tools.process import Limits

if TYPE_CHECKING:
    from mlgitops.compile.draft import Draft
    from mlgitops.compile.notes import Notes
    from mlgitops.compile.written import Written
    from mlgitops.workflows.project import Opened

LARGEST = 8 << 20
"""Bytes of the largest file that is compiled: compiled pipelines hold the sources of all their functions."""
_WRONG_SHAPE = (AttributeError, KeyError, TypeError, ValueError, IndexError)


@dataclass(frozen=True)
class Request:
    """What is to be compiled, and for where.

    ``name`` and ``chosen`` (which of several workflows of the file) may be empty. ``targets`` are for
    ``spec.targets``. ``classes`` has the accelerator class that is meant by a resource such as ``nvidia.com/gpu``.
    ``python`` runs a Python file within ``limits``.
    """

    file: Path
    environment: str
    python: str
    limits: Limits
    name: str = ""
    chosen: str = ""
    targets: tuple[str, ...] = ()
    classes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Compiled:
    """The Pipeline's text, its path within the project, and warnings about what is not quite as in the source."""

    path: str
    text: str
    steps: int
    warnings: tuple[Finding, ...]


def compile_file(opened: Opened, request: Request) -> Compiled:
    """The Pipeline. Raises ``FindingsError`` with everything that it cannot say, and with what validate would refuse.

    Raises ``ToolError`` where a Python file fails, and ``MlgitopsError`` where it is not clear which workflow is meant.
    """
    from mlgitops.compile.draft import text
    from mlgitops.compile.naming import Names
    from mlgitops.compile.notes import Notes
    from mlgitops.workflows.project import choose_environments

    choose_environments(opened, (request.environment,))
    written, content = _read(opened.root, request.file)
    one = _chosen(_sources(written, content, request), request)
    notes = Notes(one.written)
    draft = _draft(one, request, notes)
    name = request.name or Names(notes, "pipeline").of(draft.name or request.file.stem, one.place)
    _refuse(notes.findings)
    path = f"environments/{request.environment}/pipelines/{name}.yaml"
    made = text(draft.document(name, request.targets), written)
    _refuse([*notes.findings, *_refused(opened, request.environment, path, made)])
    return Compiled(path, made, len(draft.steps), tuple(in_order(notes.findings)))


@dataclass(frozen=True)
class _Source:
    """One workflow of the file: its name there, its data, and the text in which its fields are found."""

    name: str
    data: Any
    written: Written

    @property
    def place(self) -> Any:
        from mlgitops.compile.written import Where

        return Where(("metadata" if "metadata" in self.data else "pipelineInfo", "name"), self.name)


def _read(root: Path, file: Path) -> tuple[Written, bytes]:
    from mlgitops.compile.written import Written
    from mlgitops.spec.document import content_digest

    try:
        with file.open("rb") as opened:
            content = opened.read(LARGEST + 1)
    except OSError as error:
        raise SourceError(
            f"{file} cannot be read: {error.strerror}", help="name a file that is there and that you may read"
        ) from error
    if len(content) > LARGEST:
        raise SourceError(f"{file} is larger than {LARGEST >> 20} MiB", help="Compile a smaller part of it.")
    resolved, base = file.resolve(), root.resolve()
    name = resolved.relative_to(base).as_posix() if resolved.is_relative_to(base) else file.name
    return Written(name, content.decode("utf-8", "replace"), content_digest(content)), content


def _sources(written: Written, content: bytes, request: Request) -> list[_Source]:
    """Everything in the file that can be compiled."""
    if not written.is_program:
        data, more = _loaded(written)
        if more:
            data = {**data, "platforms": more} if isinstance(data, dict) else data
        return [_Source(_name_of(data), data, written)]
    from mlgitops.tools.python import defined_by

    defined = defined_by(request.file, request.python, request.limits)
    argo = [_Source(_name_of(data), data, written) for data in defined.argo]
    compiled = [replace(written, path=f"{written.path} (compiled)", text=text) for text in defined.kfp]
    return [*argo, *(_Source(_name_of(data), data, one) for one in compiled for data, _ in [_loaded(one)])]


def _loaded(written: Written) -> tuple[Any, Any]:
    """The first document of a YAML text, and the second, which KFP writes for what only one platform has."""
    import yaml

    from mlgitops.compile.repeated import repeats_too_much
    from mlgitops.spec.source_text import lines_of
    from mlgitops.spec.syntax import syntax_finding

    try:
        if repeats_too_much(written.text):
            raise FindingsError([_repeating(written)])
        first, *more = list(yaml.load_all(written.text, Loader=yaml.CSafeLoader)) or [None]
    except yaml.YAMLError as error:
        raise FindingsError([syntax_finding(written.path, lines_of(written.text), error)]) from error
    return first, next((one for one in more if one), None)


def _name_of(data: Any) -> str:
    if not isinstance(data, dict):
        return ""
    metadata, info = data.get("metadata"), data.get("pipelineInfo")
    names = [one.get("name") or one.get("generateName") for one in (metadata, info) if isinstance(one, dict)]
    return str(next(filter(None, names), "")).rstrip("-")


def _chosen(sources: list[_Source], request: Request) -> _Source:
    if not sources:
        raise MlgitopsError(
            f"{request.file} defines no workflow of hera and no pipeline of Kubeflow",
            help="Keep it in a name of the module, or in a with block that is run when the file is imported.",
        )
    names = [one.name for one in sources]
    found = [one for one in sources if request.chosen in ("", one.name)]
    if len(found) != 1:
        what = f"has {len(sources)} workflows" if not request.chosen else f"has no single workflow '{request.chosen}'"
        raise MlgitopsError(f"{request.file} {what}", help=f"Name one with --workflow: {', '.join(names)}")
    return found[0]


def _draft(one: _Source, request: Request, notes: Notes) -> Draft:
    from mlgitops.compile import argo, component, kfp
    from mlgitops.compile.draft import note_defaults

    try:
        if argo.is_argo(one.data):
            draft = argo.pipeline(one.data, request.classes, notes)
        elif kfp.is_kfp(one.data):
            draft = kfp.pipeline(one.data, request.classes, notes)
        elif component.is_component(one.data):
            draft = component.pipeline(one.data, notes)
        else:
            raise FindingsError([_unknown(one.written)])
    except _WRONG_SHAPE as error:
        raise FindingsError([*notes.findings, _misshapen(one.written, error)]) from error
    note_defaults(draft, notes, one.place)
    return draft


def _unknown(written: Written) -> Finding:
    return Finding(
        "compile-not-readable", "this is nothing that can be compiled", Location(written.path),
        help="a Workflow, WorkflowTemplate or CronWorkflow of Argo, a pipeline compiled by KFP 2, or a component file",
    )  # fmt: skip


def _repeating(written: Written) -> Finding:
    return Finding(
        "too-many-aliases", "aliases repeat more than a compiled file may hold", Location(written.path),
        help="have the tool that wrote the file write it without anchors and aliases",
    )  # fmt: skip


def _misshapen(written: Written, error: Exception) -> Finding:
    return Finding(
        "compile-not-readable", f"a field has another form than Argo or Kubeflow Pipelines give it ({error})",
        Location(written.path), help="have the tool that wrote the file check it, such as `argo lint`",
    )  # fmt: skip


def _refuse(findings: list[Finding]) -> None:
    if has_errors(findings):
        raise FindingsError(in_order(findings))


def _refused(opened: Opened, environment: str, path: str, text: str) -> list[Finding]:
    """What validate would refuse, if the Pipeline were there."""
    from mlgitops.sources.edited import Edited
    from mlgitops.workflows.render import checked

    _, findings = checked(Edited(opened.source, {path: text.encode()}), environment, opened.cache)
    return [one for one in findings if one.location.path == path and one.severity is Severity.ERROR]
