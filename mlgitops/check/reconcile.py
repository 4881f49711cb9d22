"""Rules about what the controller is told of an environment: real times, and canaries that are among its targets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from mlgitops.check import times
from mlgitops.finding import Finding
from mlgitops.spec.document import Document
from mlgitops.spec.positions import Pointer
from mlgitops.spec.project_files import did_you_mean

_AT: Pointer = ("spec", "reconcile")


def check(documents: Iterable[Document]) -> Iterator[Finding]:
    """Findings for every Environment that says something to the controller."""
    for document in documents:
        spec = _map(document.data.get("spec"))
        reconcile = _map(spec.get("reconcile"))
        if document.data.get("kind") == "Environment" and reconcile:
            yield from times.check(document, _AT, reconcile)
            canaries = _names(_map(reconcile.get("waves")).get("canary"))
            yield from _canaries(document, canaries, _names(spec.get("targets")))


def _canaries(document: Document, canaries: list[str], targets: list[str]) -> Iterator[Finding]:
    for index, name in enumerate(canaries):
        if name not in targets:
            yield document.finding(
                "unknown-target", (*_AT, "waves", "canary", index), f"'{name}' is not a target of this environment",
                help=f"one of: {', '.join(targets) or 'none'}", suggestion=did_you_mean(name, targets),
            )  # fmt: skip


def _map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _names(value: Any) -> list[str]:
    return [name for name in value if isinstance(name, str)] if isinstance(value, list) else []
