"""Refuses secrets that are written out in a spec; a reference to a Secret is the way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mlgitops.finding import Finding
from mlgitops.spec.document import Document
from mlgitops.spec.merge import Pointer
from mlgitops.spec.secrets import looks_secret


def check(document: Document) -> Iterator[Finding]:
    """Findings for every text in a document that looks like a password, a token or a key."""
    for pointer, key, value in _texts((), "", document.data):
        reason = looks_secret(key, value)
        if reason:
            yield document.finding(
                "literal-secret", pointer, f"{'.'.join(map(str, pointer))} looks like a secret ({reason})",
                help="put it into a Secret of the cluster and name that: fromSecret: {secret: NAME, key: KEY}. "
                "A secret that was committed must be replaced, not only removed",
            )  # fmt: skip


def _texts(pointer: Pointer, key: str, value: Any) -> Iterator[tuple[Pointer, str, str]]:
    """Every text with its pointer and what it is called; the value of a named variable is called by that name."""
    if isinstance(value, str):
        yield pointer, key, value
    elif isinstance(value, dict):
        for child_key, child in value.items():
            named = value.get("name") if child_key == "value" else None
            yield from _texts((*pointer, child_key), str(named or child_key), child)
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from _texts((*pointer, index), key, child)
