"""Refuses secrets that are written out in a spec; a reference to a Secret is the way."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from mlgitops.finding import Finding
from mlgitops.spec.document import Document
from mlgitops.spec.merge import Pointer
from mlgitops.spec.secrets import looks_secret

_REFERENCE = frozenset({"secret", "key", "external"})
"""What a reference to a Secret has, and nothing else: the Secret's name under ``secret``, beside the key in it."""
_NAME = re.compile(r"[a-z]+([-.][a-z0-9]+)*")


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
            yield from _texts((*pointer, child_key), _called(child_key, child, value), child)
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from _texts((*pointer, index), key, child)


def _called(key: str, child: Any, beside: dict[str, Any]) -> str:
    """What the value under a key is called: that of a named variable by its name."""
    is_reference = key == "secret" and "key" in beside and beside.keys() <= _REFERENCE
    if is_reference and isinstance(child, str) and _NAME.fullmatch(child):
        return "secretName"
    return str((beside.get("name") if key == "value" else None) or key)
