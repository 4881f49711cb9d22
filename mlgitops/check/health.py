"""Rules about an environment's rules of health: they are CEL, and no two are for the same kind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mlgitops.finding import Finding
from mlgitops.spec.cel import compiled
from mlgitops.spec.document import Document
from mlgitops.spec.positions import Pointer

_HELP = "for example: object.status.phase == 'Ready'"


def check(documents: Iterable[Document]) -> Iterator[Finding]:
    """Findings for every Environment that declares rules."""
    for document in documents:
        if document.data.get("kind") == "Environment":
            yield from _rules(document)


def _rules(document: Document) -> Iterator[Finding]:
    spec = document.data.get("spec")
    rules = spec.get("health") if isinstance(spec, dict) else None
    seen: set[tuple[str, str]] = set()
    for index, rule in enumerate(rules if isinstance(rules, list) else ()):
        if not isinstance(rule, dict):
            continue
        pointer: Pointer = ("spec", "health", index)
        group, kind = rule.get("group", ""), rule.get("kind")
        if isinstance(group, str) and isinstance(kind, str):
            if (group, kind) in seen:
                yield document.finding(
                    "duplicate-health-rule", pointer, f"there is another rule for {kind}", help="keep one of the two"
                )
            seen.add((group, kind))
        for field in ("ready", "failed"):
            if isinstance(rule.get(field), str):
                yield from _expression(document, (*pointer, field), rule[field])


def _expression(document: Document, pointer: Pointer, text: str) -> Iterator[Finding]:
    try:
        compiled(text)
    except ValueError as error:
        yield document.finding("invalid-expression", pointer, f"this expression cannot be used: {error}", help=_HELP)
