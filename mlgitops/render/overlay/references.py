"""Everything that a kustomization refers to, found and judged before kustomize runs.

Pure: the project's files are passed in as a mapping. A reference is accepted only if it means a file, or a directory
with a kustomization, of that mapping; so nothing that kustomize could fetch, run or read elsewhere gets through.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from mlgitops.errors import FindingsError
from mlgitops.finding import Finding, in_order
from mlgitops.render.overlay import fields
from mlgitops.render.overlay.kustomization import (
    FILE_NAMES,
    Kustomization,
    Pointer,
    problem_of,
    read,
    syntax_finding,
)
from mlgitops.render.overlay.paths import PathProblem, is_below, resolve
from mlgitops.render.overlay.plugins import plugin_findings
from mlgitops.render.overlay.shapes import items, unknown_fields
from mlgitops.render.overlay.values import documents
from mlgitops.spec.project_files import did_you_mean


@dataclass(frozen=True, slots=True)
class Overlay:
    """A kustomization with all that it refers to.

    ``kustomizations`` are by directory; ``seeing`` are the directories of those that work on the rendered objects: the
    overlay itself, then its components and theirs. ``plugins`` are generator and transformer files, by path.
    ``documents`` are the YAML documents of resource and patch files, by path; ``resources`` says which of them hold
    objects. ``files`` are all files that are copied as they are.
    """

    directory: str
    kustomizations: Mapping[str, Kustomization]
    seeing: tuple[str, ...]
    plugins: Mapping[str, Kustomization]
    documents: Mapping[str, tuple[Any, ...]]
    resources: frozenset[str]
    files: frozenset[str]

    @property
    def top(self) -> Kustomization:
        """The environment's own kustomization."""
        return self.kustomizations[self.directory]


def kustomization_in(directory: str, files: Mapping[str, bytes]) -> list[str]:
    """The paths of the kustomization files in a directory; kustomize accepts exactly one."""
    prefix = f"{directory}/" if directory else ""
    return [prefix + name for name in FILE_NAMES if prefix + name in files]


def walk(directory: str, files: Mapping[str, bytes]) -> Overlay:
    """Follow every reference of the kustomization in ``directory``, within ``files``, content by project-relative path.

    Raises ``FindingsError`` with a finding, at its place, for every reference that leaves the project or its own
    directory, needs the network, a helm chart or a program, or means nothing, and for every field that is not known.
    """
    walker = _Walker(files)
    walker.follow(directory)
    if walker.findings:
        raise FindingsError(in_order(walker.findings))
    return Overlay(
        directory,
        walker.kustomizations,
        tuple(walker.seeing),
        walker.plugins,
        walker.documents,
        frozenset(walker.resources),
        frozenset(walker.files),
    )


class _Walker:
    def __init__(self, project: Mapping[str, bytes]) -> None:
        self.project = project
        self.kustomizations: dict[str, Kustomization] = {}
        self.seeing: list[str] = []
        self.plugins: dict[str, Kustomization] = {}
        self.documents: dict[str, tuple[Any, ...]] = {}
        self.resources: set[str] = set()
        self.files: set[str] = set()
        self.findings: list[Finding] = []
        self._left: list[tuple[str, bool]] = []

    def follow(self, directory: str) -> None:
        """Visit the kustomization of ``directory`` and all that it leads to, each once."""
        self._left = [(directory, True)]
        while self._left:
            directory, sees = self._left.pop()
            if directory not in self.kustomizations:
                self._visit(directory)
            elif not sees or directory in self.seeing:
                continue
            if sees:
                self.seeing.append(directory)
            self._components(self.kustomizations[directory], sees)

    def _visit(self, directory: str) -> None:
        found = kustomization_in(directory, self.project)
        source = self.kustomizations[directory] = self._read(found[0])
        if len(found) > 1:
            self._refuse(source, "overlay-several-kustomizations", f"{found[1]} is beside it", (), "keep one of them")
        self._names(source)
        for names, judge in (
            (fields.DIRECTORIES_OR_FILES, self._resource),
            (fields.FILES, self._file),
            (fields.PLUGINS, self._plugin),
            (("patchesStrategicMerge",), self._strategic_merge),
        ):
            for pointer, text in (found for name in names for found in self._list(source, (name,), str)):
                judge(source, pointer, text)
        for field, known in fields.ENTRIES.items():
            for pointer, entry in self._list(source, (field,), dict):
                self.findings += unknown_fields(source, pointer, entry, known)
                self._entry(source, pointer, entry)
        self._openapi(source)

    def _read(self, path: str) -> Kustomization:
        try:
            return read(path, self.project[path])
        except FindingsError as error:
            self.findings.extend(error.findings)
            return Kustomization(path, {})

    def _names(self, source: Kustomization) -> None:
        self.findings += unknown_fields(source, (), source.value, fields.KNOWN | fields.REFUSED.keys())
        for name, refusal in fields.REFUSED.items():
            if name in source.value:
                self._refuse(source, refusal.code, f"{name} {refusal.reason}", (name,), refusal.help)

    def _components(self, source: Kustomization, sees: bool) -> None:
        for pointer, reference in self._list(source, ("components",), str):
            self._directory(source, pointer, reference, sees)

    def _resource(self, source: Kustomization, pointer: Pointer, reference: str) -> None:
        path = resolve(source.directory, reference)
        if path not in self.project:
            self._directory(source, pointer, reference, sees=False)
        elif self._file(source, pointer, reference):
            self.resources.add(str(path))
            self._parse(str(path))

    def _directory(self, source: Kustomization, pointer: Pointer, reference: str, sees: bool) -> None:
        path = self._resolve(source, pointer, reference)
        if path is not None and kustomization_in(path, self.project):
            self._left.append((path, sees))
        elif path is not None:
            self._missing(source, pointer, path, "is neither a file nor a directory with a kustomization")

    def _entry(self, source: Kustomization, pointer: Pointer, entry: Mapping[str, Any]) -> None:
        is_patch = pointer[0] in ("patches", "patchesJson6902")
        for key in ("path", "env"):
            text = entry.get(key, "")
            if not isinstance(text, str):
                self._refuse(source, "overlay-wrong-type", f"{key} has to be a string", (*pointer, key), "write a path")
            elif text and self._file(source, (*pointer, key), text) and is_patch:
                self._parse(str(resolve(source.directory, text)))
        if isinstance(entry.get("patch"), str):
            self._inline(source, (*pointer, "patch"), entry["patch"])
        if not is_patch:
            self._sources(source, pointer)

    def _sources(self, source: Kustomization, pointer: Pointer) -> None:
        """The files and literals that a ConfigMap or Secret is generated from."""
        for place, text in self._list(source, (*pointer, "files"), str):
            self._file(source, place, text.partition("=")[2] if "=" in text else text)
        for place, text in self._list(source, (*pointer, "envs"), str):
            self._file(source, place, text)
        for place, text in self._list(source, (*pointer, "literals"), str):
            if "=" not in text:
                # Refused here because kustomize would print the whole literal, which may be a secret.
                self._refuse(source, "overlay-wrong-type", "a literal is written key=value", place, "add the key")

    def _inline(self, source: Kustomization, pointer: Pointer, text: str) -> None:
        try:
            documents(text.encode())
        except yaml.YAMLError as error:
            self._refuse(source, "overlay-yaml", f"the patch {problem_of(error)}", pointer, "correct the patch")

    def _strategic_merge(self, source: Kustomization, pointer: Pointer, text: str) -> None:
        try:
            inline = documents(text.encode())
        except yaml.YAMLError:
            inline = ()
        # What kustomize cannot read as a patch it takes for a path, or for a URL.
        if not inline or not all(isinstance(one, dict) and "kind" in one and "metadata" in one for one in inline):
            self._file(source, pointer, text)

    def _plugin(self, source: Kustomization, pointer: Pointer, reference: str) -> None:
        if "\n" in reference or ": " in reference:
            help = "put it in a file of its own, or use the kustomization's own fields"
            self._refuse(source, "overlay-plugin", "inline generators and transformers are refused", pointer, help)
        elif self._file(source, pointer, reference):
            path = str(resolve(source.directory, reference))
            self.plugins[path] = self._read(path)
            self.findings.extend(plugin_findings(self.plugins[path]))

    def _openapi(self, source: Kustomization) -> None:
        value = source.value.get("openapi")
        if isinstance(value, dict):
            self.findings += unknown_fields(source, ("openapi",), value, fields.OPENAPI)
            if isinstance(value.get("path"), str):
                self._file(source, ("openapi", "path"), value["path"])

    def _file(self, source: Kustomization, pointer: Pointer, reference: str) -> bool:
        """Note a file that the kustomization reads; whether it may."""
        path = self._resolve(source, pointer, reference)
        if path is None:
            return False
        if path not in self.project:
            self._missing(source, pointer, path, "is not a file of the project")
        elif not is_below(source.directory, path):
            help = f"move it below {source.directory}, or make a base or component of it"
            message = f"{path} is outside the kustomization's directory, where kustomize reads no files"
            self._refuse(source, "overlay-outside-directory", message, pointer, help)
        else:
            self.files.add(path)
            return True
        return False

    def _resolve(self, source: Kustomization, pointer: Pointer, reference: str) -> str | None:
        path = resolve(source.directory, reference)
        if isinstance(path, PathProblem):
            self._refuse(source, path.code, f"{reference!r} {path.reason}", pointer, path.help)
            return None
        return path

    def _missing(self, source: Kustomization, pointer: Pointer, path: str, reason: str) -> None:
        near = did_you_mean(path, self.project)
        message = f"{path or 'the project root'} {reason}"
        help = "correct the path, or commit the file"
        self.findings.append(source.finding("overlay-missing-file", message, pointer, help, suggestion=near))

    def _refuse(self, source: Kustomization, code: str, message: str, pointer: Pointer, help: str) -> None:
        self.findings.append(source.finding(code, message, pointer, help))

    def _parse(self, path: str) -> None:
        if path in self.documents:
            return
        self.documents[path] = ()
        try:
            self.documents[path] = documents(self.project[path])
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            problem = problem_of(error) if isinstance(error, yaml.YAMLError) else "is not UTF-8 text"
            self.findings.append(syntax_finding(path, problem, getattr(error, "problem_mark", None)))

    def _list(self, source: Kustomization, pointer: Pointer, kind: type) -> list[tuple[Pointer, Any]]:
        good, wrong = items(source, pointer, kind)
        self.findings += wrong
        return good
