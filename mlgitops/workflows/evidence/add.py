"""Adds to a release's evidence what a file or a run at MLflow says."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from mlgitops.errors import MlgitopsError
from mlgitops.promotion.evidence import checked
from mlgitops.promotion.measured import About, Fields, fields_of
from mlgitops.workflows.evidence.subject import Written, subject, write
from mlgitops.workflows.project import Opened


@dataclass(frozen=True)
class Added:
    """What is to be added: files, runs, and fields that the command line gives itself (as in the evidence)."""

    files: Sequence[Path] = ()
    runs: Sequence[str] = ()
    lower_is_better: frozenset[str] = frozenset()
    given: dict[str, Any] = field(default_factory=dict)


def add(opened: Opened, model: str, environment: str, added: Added, now: str, *, dry_run: bool) -> Written:
    """The evidence with everything that was added, written beside the spec unless it is a dry run.

    Raises ``MlgitopsError`` naming the file or run that is of no use, ``SourceError``, ``RegistryError`` and
    ``NotAuthorisedError``. Nothing is written then.
    """
    about = subject(opened, model, environment)
    release = About(about.model, about.release.version, about.digest, about.environment, now, added.lower_is_better)
    fields = joined([*of_files(added.files, release), *_runs(added.runs, release), added.given])
    return write(opened, about, fields, now, dry_run=dry_run)


def of_files(files: Sequence[Path], about: About) -> Iterator[Fields]:
    """What each file says of a release. Raises ``MlgitopsError`` naming the file that is of no use."""
    from mlgitops.sources.given import read_given
    from mlgitops.spec.document import content_digest

    for given in read_given(files):
        source = {"file": given.name, "digest": content_digest(given.content)}
        yield _fields(given.name, given.content, about) | {"source": [source]}


def _runs(runs: Sequence[str], about: About) -> Iterator[Fields]:
    from mlgitops.registries import mlflow

    for address in runs:
        run = mlflow.find(address, os.environ)
        content = mlflow.read(run, os.environ)
        path = urlsplit(run.server)
        uri = f"{path.scheme}://{path.netloc}{path.path}/#/runs/{run.id}"
        source = {"runId": run.id, "uri": uri}
        yield _fields(f"run {run.id}", content, about) | {"source": [source]}


def _fields(name: str, content: bytes, about: About) -> Fields:
    try:
        fields = fields_of(content, about)
        checked({"formatVersion": "mlgitops.dev/evidence/v1", "model": about.model, "version": "0",
                 "createdAt": about.now, **fields})  # fmt: skip
    except ValueError as error:
        raise MlgitopsError(
            f"{name} cannot be used as evidence: {error}", help="See docs/gates.md for what evidence holds."
        ) from error
    return fields


def joined(parts: Iterable[Fields]) -> Fields:
    """The fields of several parts, where the last one counts for what each says once."""
    fields: Fields = {}
    for part in parts:
        fields = _over(fields, part)
    return fields


def _over(fields: Fields, part: Fields) -> Fields:
    """Both, lists one after the other; where the same metric is in two files, that is said when it is checked."""
    joined = {name: [*fields[name], *part[name]] for name in part if isinstance(fields.get(name), list)}
    maps = {name: {**fields[name], **part[name]} for name in ("parameters",) if name in fields and name in part}
    return {**fields, **part, **joined, **maps}
