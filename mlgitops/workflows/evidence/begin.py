"""Begins the evidence of a release that is not proposed yet: what a training run measured, with the bounds it asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mlgitops.errors import MlgitopsError
from mlgitops.promotion.bounds import Bounds, broken, with_bounds
from mlgitops.promotion.evidence import FORMAT, Evidence, checked, text
from mlgitops.promotion.measured import About
from mlgitops.targets import files
from mlgitops.workflows.evidence.add import joined, of_files
from mlgitops.workflows.evidence.subject import refuse_secrets


@dataclass(frozen=True)
class Begun:
    """Whose evidence it is, the files that say what was measured, bounds, and fields that the command line gives."""

    model: str
    version: str
    files: Sequence[Path]
    bounds: Bounds = field(default_factory=Bounds)
    given: dict[str, Any] = field(default_factory=dict)


def begin(begun: Begun, to: Path, now: str) -> tuple[Evidence, list[str]]:
    """Writes the evidence to a file of its own; it, and the bounds that are not held, in words.

    Needs no project: ``mlgitops release --evidence-from`` puts the file where it belongs. It is written whether the
    bounds hold or not. Raises ``MlgitopsError`` for a file that is of no use, ``SourceError`` and ``TargetError``.
    """
    about = About(begun.model, begun.version, "", "", now, frozenset(begun.bounds.at_most))
    fields = joined([*of_files(begun.files, about), begun.given])
    metrics = fields.get("metrics", [])
    refuse_secrets(fields)
    made = _checked({**fields, "metrics": with_bounds(metrics, begun.bounds)}, begun, now)
    files.write_atomically(to, text(made))
    return made, list(broken(metrics, begun.bounds))


def _checked(fields: dict[str, Any], begun: Begun, now: str) -> Evidence:
    identity = {"formatVersion": FORMAT, "model": begun.model, "version": begun.version, "createdAt": now}
    try:
        return checked({**fields, **identity})
    except ValueError as error:
        raise MlgitopsError(
            f"this is no evidence: {error}", help="See docs/gates.md for what evidence holds."
        ) from error
