"""Imports what targets serve into the project, as one small file a kind, and lists what was imported."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlgitops.check.served import definitions, openapi
from mlgitops.check.served.kind import FOLDER, ServedKind, from_json, name_of, to_json
from mlgitops.errors import FindingsError, MlgitopsError
from mlgitops.finding import Finding, Location
from mlgitops.sources import MAX_FILE_BYTES
from mlgitops.sources.given import Given, read_given
from mlgitops.targets import files
from mlgitops.workflows.project import Opened

_FULL = "give the folder or file with the full definitions alone"


@dataclass(frozen=True)
class Imported:
    """What an import did: paths within the project. ``not_read`` are files in folders that are no YAML or JSON."""

    written: tuple[str, ...]
    unchanged: tuple[str, ...]
    removed: tuple[str, ...]
    not_read: tuple[str, ...]


def import_files(opened: Opened, targets: Sequence[str], sources: Sequence[Path], *, replace: bool) -> Imported:
    """Imports every kind that the files define or describe. With ``replace``, the targets' other kinds are removed.

    Nothing is written unless all of it can be. Raises ``MlgitopsError``.
    """
    not_read: list[str] = []
    kinds = [kind for given in read_given(sources) for kind in _kinds_in(given, not_read)]
    if not kinds:
        named = ", ".join(str(source) for source in sources)
        raise MlgitopsError(
            f"{named}: no custom resource definition and no OpenAPI v3 document in it",
            help="name files of CustomResourceDefinitions, or what kubectl get --raw /openapi/v3/… prints",
        )
    return import_kinds(opened, targets, kinds, replace=replace, not_read=not_read)


def import_cluster(
    opened: Opened, targets: Sequence[str], context: str | None, kubeconfig: Path | None, *, replace: bool
) -> Imported:
    """Imports every kind that a cluster serves, from the OpenAPI v3 that it publishes. Raises ``MlgitopsError``."""
    from mlgitops.targets.kubernetes.client import Client
    from mlgitops.targets.kubernetes.configuration import load
    from mlgitops.targets.kubernetes.published import openapi_documents

    _check_targets(opened, targets)
    settings = {"context": context, "kubeconfig": str(kubeconfig.absolute()) if kubeconfig else None}
    client = Client(lambda: load(settings, opened.root))
    try:
        kinds = [kind for name, document in openapi_documents(client) for kind in openapi.kinds_of(document, name)]
    except ValueError as error:
        raise MlgitopsError(
            f"the cluster's OpenAPI cannot be read: {error}",
            help="import the definitions from files instead: kubectl get crd -o yaml",
        ) from error
    return import_kinds(opened, targets, kinds, replace=replace)


def import_kinds(
    opened: Opened, targets: Sequence[str], kinds: Iterable[ServedKind], *, replace: bool,
    not_read: Sequence[str] = (),
) -> Imported:  # fmt: skip
    """Writes the kinds into each target's folder. Raises ``MlgitopsError`` where two of them are one and differ."""
    _check_targets(opened, targets)
    contents = _contents(kinds)
    present = {path for target in targets for path in opened.source.files() if path.startswith(f"{FOLDER}/{target}/")}
    wanted = {f"{FOLDER}/{target}/{name}": content for target in targets for name, content in contents.items()}
    changed = {path: content for path, content in wanted.items() if opened.source.files().get(path) != content}
    removed = sorted(path for path in present - wanted.keys() if replace)
    for path, content in sorted(changed.items()):
        _write(opened.root, path, content)
    for path in removed:
        files.remove(opened.root / path)
    return Imported(tuple(sorted(changed)), tuple(sorted(wanted.keys() - changed)), tuple(removed), tuple(not_read))


def listed(opened: Opened) -> dict[str, list[ServedKind]]:
    """The kinds of every target that has any, in order. Raises ``FindingsError`` for files that no import wrote."""
    found: dict[str, list[ServedKind]] = {}
    wrong: list[Finding] = []
    for path, content in opened.source.files().items():
        if not path.startswith(FOLDER + "/") or path.count("/") != 3 or name_of(path.rpartition("/")[2]) is None:
            continue
        try:
            found.setdefault(path.split("/")[2], []).append(from_json(content))
        except ValueError as error:
            wrong.append(Finding("served-schema-unreadable", f"{path} cannot be used: {error}", Location(path),
                                 help="import the schemas of this target again"))  # fmt: skip
    if wrong:
        raise FindingsError(wrong)
    return found


def _check_targets(opened: Opened, targets: Sequence[str]) -> None:
    from mlgitops.spec.project_files import what_there_is

    paths = [path.split("/") for path in opened.source.files() if path.startswith("targets/")]
    known = [parts[1].removesuffix(".yaml") for parts in paths if len(parts) == 2 and parts[1].endswith(".yaml")]
    for target in targets:
        if target not in known:
            raise MlgitopsError(f"there is no target '{target}'", help=what_there_is(target, known, "targets"))


def _kinds_in(given: Given, not_read: list[str]) -> Iterator[ServedKind]:
    try:
        documents = _documents(given.content)
    except ValueError as error:
        if given.named:
            raise MlgitopsError(
                f"{given.name} cannot be read: {error}", help="name files that are YAML or JSON"
            ) from error
        not_read.append(given.name)  # a folder may hold templates and other things that look like YAML
        return
    for document in documents:
        try:
            if openapi.is_openapi(document):
                yield from openapi.kinds_of(document, given.name)
            for definition in definitions.definitions_in(document):
                yield from definitions.kinds_of(definition, given.name)
        except ValueError as error:
            raise MlgitopsError(f"{given.name}: {error}", help="correct the definition, or leave it out") from error


def _documents(content: bytes) -> Sequence[Any]:
    """The documents of a JSON or YAML file. Raises ``ValueError``."""
    import orjson
    import yaml

    from mlgitops.render.overlay.values import documents

    if content.lstrip()[:1] == b"{":
        try:
            return [orjson.loads(content)]
        except orjson.JSONDecodeError:
            pass  # YAML may begin with a brace too
    try:
        return documents(content)
    except yaml.YAMLError as error:
        raise ValueError(getattr(error, "problem", None) or "it is not YAML") from error


def _contents(kinds: Iterable[ServedKind]) -> Mapping[str, bytes]:
    """The files by name. Of a kind that is given twice, both have to say the same."""
    contents: dict[str, bytes] = {}
    first: dict[str, ServedKind] = {}
    for kind in kinds:
        name = kind.file_name
        held = first.setdefault(name, kind)
        if held.schema != kind.schema:
            raise MlgitopsError(
                f"{kind.kind} {kind.api_version} is in {held.source} and, otherwise, in {kind.source}", help=_FULL
            )
        if name not in contents:
            contents[name] = to_json(kind)
        if len(contents[name]) > MAX_FILE_BYTES:
            raise MlgitopsError(
                f"the schema of {kind.kind} has more than {MAX_FILE_BYTES:,} bytes", help="leave that kind out"
            )
    return contents


def _write(root: Path, path: str, content: bytes) -> None:
    folder = root
    for part in path.split("/")[:-1]:
        folder /= part
        files.make_folder(folder)
    files.write_atomically(root / path, content)
