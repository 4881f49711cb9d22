"""Rules about what lets a release into an environment: gates that are there, with their parameters, and real times."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from mlgitops.check import times
from mlgitops.finding import Finding
from mlgitops.spec.cel import compiled
from mlgitops.spec.document import Document
from mlgitops.spec.gates import GATE_VARIABLES, GATES
from mlgitops.spec.positions import Pointer
from mlgitops.spec.project_files import did_you_mean
from mlgitops.spec.validation import validate

_AT: Pointer = ("spec", "promotion")


def check(documents: Iterable[Document]) -> Iterator[Finding]:
    """Findings for every Environment that says what a release must meet."""
    documents = list(documents)
    environments = _environments(documents)
    for document in documents:
        promotion = _map(_map(document.data.get("spec")).get("promotion"))
        if document.data.get("kind") == "Environment" and promotion:
            yield from _gates(document, _maps(promotion.get("gates")))
            yield from times.check(document, _AT, promotion)
            yield from _origin(document, promotion.get("from"), environments)


def _gates(document: Document, gates: list[tuple[int, Mapping[str, Any]]]) -> Iterator[Finding]:
    seen: set[str] = set()
    for index, gate in gates:
        pointer: Pointer = (*_AT, "gates", index)
        name = gate.get("name") or gate.get("uses")
        if isinstance(name, str):
            if name in seen:
                yield document.finding(
                    "duplicate-gate",
                    pointer,
                    f"there is another gate called '{name}'",
                    help="give it a name of its own",
                )
            seen.add(name)
        yield from _gate(document, pointer, gate)


def _gate(document: Document, pointer: Pointer, gate: Mapping[str, Any]) -> Iterator[Finding]:
    uses, expression = gate.get("uses"), gate.get("expression")
    if isinstance(expression, str):
        yield from _expression(document, (*pointer, "expression"), expression)
    if not isinstance(uses, str):
        return
    if uses not in GATES:
        yield document.finding(
            "unknown-gate", (*pointer, "uses"), f"there is no built-in gate '{uses}'",
            help=f"one of: {', '.join(GATES)}", suggestion=did_you_mean(uses, GATES),
        )  # fmt: skip
        return
    given = gate.get("with", {})
    if isinstance(given, dict):
        yield from validate(GATES[uses], given, document.written, prefix=(*pointer, "with"))[1]


def _expression(document: Document, pointer: Pointer, text: str) -> Iterator[Finding]:
    try:
        compiled(text, GATE_VARIABLES)
    except ValueError as error:
        yield document.finding(
            "invalid-expression", pointer, f"this expression cannot be used: {error}",
            help="for example: candidate.metrics.accuracy > 0.9",
        )  # fmt: skip


def _origin(document: Document, origin: Any, environments: Collection[str]) -> Iterator[Finding]:
    own = str(_map(document.data.get("metadata")).get("name"))
    known = [name for name in environments if name != own]
    if isinstance(origin, str) and origin not in known:
        told = "a release cannot come from where it goes" if origin == own else f"there is no environment '{origin}'"
        yield document.finding(
            "unknown-environment", (*_AT, "from"), told, help=f"one of: {', '.join(known) or 'none'}",
            suggestion=did_you_mean(origin, known),
        )  # fmt: skip


def _environments(documents: Iterable[Document]) -> list[str]:
    """The environments that the Project names."""
    named: list[str] = []
    for document in documents:
        if document.data.get("kind") == "Project":
            found = _map(document.data.get("spec")).get("environments")
            named += [name for name in found if isinstance(name, str)] if isinstance(found, list) else []
    return list(dict.fromkeys(named))


def _map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _maps(value: Any) -> list[tuple[int, Mapping[str, Any]]]:
    items = value if isinstance(value, list) else []
    return [(index, item) for index, item in enumerate(items) if isinstance(item, dict)]
