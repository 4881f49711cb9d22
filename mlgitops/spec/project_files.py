"""Which file of a project is which: every document by its place, with findings for those that are out of place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from mlgitops.finding import Finding, Location

if TYPE_CHECKING:
    from mlgitops.spec.document import Document

PROJECT_FILE = "mlgitops.yaml"
ENVIRONMENT_FILE = "environment.yaml"
KUSTOMIZATION_FILES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_STEP_TEMPLATE = re.compile(r"steps/(?P<name>[^/]+)/(?P<version>[0-9](?:[-._A-Za-z0-9]*[A-Za-z0-9])?)\.yaml")


@dataclass(frozen=True)
class EnvironmentFiles:
    """The documents of one environment, by name."""

    environment: Document | None = None
    models: dict[str, Document] = field(default_factory=dict)
    pipelines: dict[str, Document] = field(default_factory=dict)


@dataclass(frozen=True)
class ProjectFiles:
    """The documents of a project, by name; step templates by NAME@VERSION.

    ``unread`` are the paths of those that are there and cannot be used.
    """

    project: Document | None = None
    targets: dict[str, Document] = field(default_factory=dict)
    bases: dict[str, Document] = field(default_factory=dict)
    environments: dict[str, EnvironmentFiles] = field(default_factory=dict)
    unread: frozenset[str] = frozenset()
    steps: dict[str, Document] = field(default_factory=dict)


def expected_kind(path: str) -> str | None:
    """The kind that a file at this path must have; ``None`` where the path is not a spec's place."""
    match PurePosixPath(path).parts:
        case ("mlgitops.yaml",):
            return "Project"
        case ("targets", name) if name.endswith(".yaml"):
            return "Target"
        case ("models", name) if name.endswith(".yaml"):
            return "Model"
        case ("environments", _, "environment.yaml"):
            return "Environment"
        case ("environments", _, "models", name) if name.endswith(".yaml"):
            return "Model"
        case ("environments", _, "pipelines", name) if name.endswith(".yaml"):
            return "Pipeline"
        case ("steps", _, _) if _STEP_TEMPLATE.fullmatch(path):
            return "Pipeline"
    return None


def step_reference(path: str) -> str:
    """``NAME@VERSION`` of the step template at this path; empty where no template is."""
    found = _STEP_TEMPLATE.fullmatch(path)
    return f"{found['name']}@{found['version']}" if found else ""


def step_path(reference: str) -> str:
    """Where the step template ``NAME@VERSION`` is."""
    name, _, version = reference.partition("@")
    return f"steps/{name}/{version}.yaml"


def misplaced(paths: Iterable[str]) -> Iterator[Finding]:
    """Findings for files that look like specs but are where nothing would read them."""
    for path in paths:
        parts = PurePosixPath(path).parts
        if parts[:2] == ("targets", "schemas") and len(parts) == 4 and path.endswith(".json"):
            continue  # what a target serves, see check.served.kind
        inside = parts[0] in ("targets", "models", "steps") or (
            len(parts) > 2 and parts[0] == "environments" and parts[2] in ("models", "pipelines")
        )
        if inside and expected_kind(path) is None and path.endswith((".yaml", ".yml", ".json")):
            yield _not_read(path)


def _not_read(path: str) -> Finding:
    if path.startswith("steps/"):
        message = f"{path} is not read: a step template is steps/NAME/VERSION.yaml, with a version such as 1.0"
    else:
        message = f"{path} is not read: specs are .yaml files directly in their folder"
    return Finding("file-not-read", message, Location(path), help="rename it to end in .yaml, or move it")


def arrange(documents: Iterable[Document]) -> tuple[ProjectFiles, list[Finding]]:
    """Every document in its place. Documents whose kind or name does not fit are left out and found."""
    project: Document | None = None
    files = ProjectFiles()
    findings: list[Finding] = []
    unread: set[str] = set()
    for document in documents:
        problems = list(_envelope_problems(document))
        findings += problems
        if any(problem.code == "wrong-kind" for problem in problems):
            unread.add(document.path)
        elif document.path == PROJECT_FILE:
            project = document
        else:
            _put(files, document)
    return replace(files, project=project, unread=frozenset(unread)), findings


def _put(files: ProjectFiles, document: Document) -> None:
    path = PurePosixPath(document.path)
    match path.parts:
        case ("targets", _):
            files.targets[path.stem] = document
        case ("models", _):
            files.bases[path.stem] = document
        case ("steps", _, _):
            files.steps[step_reference(document.path)] = document
        case ("environments", name, "environment.yaml"):
            held = files.environments.get(name, EnvironmentFiles())
            files.environments[name] = EnvironmentFiles(document, held.models, held.pipelines)
        case ("environments", name, "models", _):
            files.environments.setdefault(name, EnvironmentFiles()).models[path.stem] = document
        case ("environments", name, "pipelines", _):
            files.environments.setdefault(name, EnvironmentFiles()).pipelines[path.stem] = document


def _envelope_problems(document: Document) -> Iterator[Finding]:
    kind, expected = document.data.get("kind"), expected_kind(document.path)
    if kind != expected:
        yield document.finding(
            "wrong-kind", ("kind",) if "kind" in document.data else (),
            f"a file in this place is of kind {expected}" + (f", not {kind}" if kind else "; kind is missing"),
            help=f"write 'kind: {expected}', or move the file to where its kind belongs",
        )  # fmt: skip
        return
    name, place = _name(document), _name_of_place(document.path)
    if place and name is not None and name != place:
        yield document.finding(
            "name-differs-from-file", ("metadata", "name"),
            f"metadata.name is '{name}' but the file's place says '{place}'",
            help=f"write 'name: {place}', or rename the file; both must be the same",
        )  # fmt: skip


def _name(document: Document) -> str | None:
    metadata = document.data.get("metadata")
    name = metadata.get("name") if isinstance(metadata, dict) else None
    return name if isinstance(name, str) else None


def _name_of_place(path: str) -> str | None:
    place = PurePosixPath(path)
    if place.name == PROJECT_FILE:
        return None
    return place.parent.name if place.name == ENVIRONMENT_FILE or place.parts[0] == "steps" else place.stem


MOST_NAMES = 12
"""Of known names, how many a help tells."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The known word that was most likely meant, capitals or not; empty where none is near."""
    import difflib

    spelt = {one.casefold(): one for one in known}
    return next((spelt[near] for near in difflib.get_close_matches(word.casefold(), spelt, n=1, cutoff=0.6)), "")


def what_there_is(word: str, known: Iterable[str], kind: str) -> str:
    """The help for a name that nobody knows: what was likely meant, and of what is there, ``models: a, b``, some."""
    known = list(known)
    meant = did_you_mean(word, known)
    more = ", …" if len(known) > MOST_NAMES else ""
    return (f"did you mean '{meant}'? " if meant else "") + f"{kind}: {', '.join(known[:MOST_NAMES]) or 'none'}{more}"
