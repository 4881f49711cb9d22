"""Adds to a release's evidence what a file or a run at MLflow says."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from mlgitops.errors import MlgitopsError
from mlgitops.promotion.evidence import checked
from mlgitops.promotion.measured import About, Fields, fields_of
from mlgitops.workflows.evidence.subject import Subject, Written, subject, write
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
    parts = [*_files(about, added, now), *_runs(about, added, now), added.given]
    fields: Fields = {}
    for part in parts:
        fields = _over(fields, part)
    return write(opened, about, fields, now, dry_run=dry_run)


def _files(about: Subject, added: Added, now: str) -> Iterator[Fields]:
    from mlgitops.sources.given import read_given
    from mlgitops.spec.document import content_digest

    for given in read_given(added.files):
        source = {"file": given.name, "digest": content_digest(given.content)}
        yield _fields(given.name, given.content, about, added, now) | {"source": [source]}


def _runs(about: Subject, added: Added, now: str) -> Iterator[Fields]:
    from mlgitops.registries import mlflow

    for address in added.runs:
        run = mlflow.find(address, os.environ)
        content = mlflow.read(run, os.environ)
        path = urlsplit(run.server)
        uri = f"{path.scheme}://{path.netloc}{path.path}/#/runs/{run.id}"
        source = {"runId": run.id, "uri": uri}
        yield _fields(f"run {run.id}", content, about, added, now) | {"source": [source]}


def _fields(name: str, content: bytes, about: Subject, added: Added, now: str) -> Fields:
    release = About(about.model, about.release.version, about.digest, about.environment, now, added.lower_is_better)
    try:
        fields = fields_of(content, release)
        checked({"formatVersion": "mlgitops.dev/evidence/v1", "model": about.model, "version": "0", "createdAt": now,
                 **fields})  # fmt: skip
    except ValueError as error:
        raise MlgitopsError(f"{name} cannot be used as evidence: {error}") from error
    return fields


def _over(fields: Fields, part: Fields) -> Fields:
    """Both, lists one after the other; where the same metric is in two files, that is said when it is checked."""
    joined = {name: [*fields[name], *part[name]] for name in part if isinstance(fields.get(name), list)}
    maps = {name: {**fields[name], **part[name]} for name in ("parameters",) if name in fields and name in part}
    return {**fields, **part, **joined, **maps}
