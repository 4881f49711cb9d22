"""Whether a kustomization has the shape that kustomize documents: fields spelt exactly, lists of the right things."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mlgitops.finding import Finding
from mlgitops.render.overlay.kustomization import Kustomization, Pointer
from mlgitops.spec.project_files import did_you_mean


def unknown_fields(
    source: Kustomization, pointer: Pointer, names: Iterable[str], known: Iterable[str]
) -> list[Finding]:
    """A finding for each of ``names``, the keys of the mapping at ``pointer``, that is not ``known``."""
    allowed = sorted(known)
    return [_unknown(source, (*pointer, name), name, allowed) for name in names if name not in allowed]


def _unknown(source: Kustomization, pointer: Pointer, name: str, allowed: list[str]) -> Finding:
    same = (one for one in allowed if one.lower() == name.lower())
    return source.finding(
        "overlay-unknown-field",
        f"{name} is not a field that can be used here",
        pointer,
        help="fields have to be spelt exactly as kustomize documents them",
        suggestion=next(same, "") or did_you_mean(name, allowed),
    )


def items(source: Kustomization, pointer: Pointer, kind: type) -> tuple[list[tuple[Pointer, Any]], list[Finding]]:
    """The items of the list at ``pointer`` that are of ``kind`` (str or dict), with their places, and what is wrong."""
    value: Any = source.value
    for part in pointer:
        value = value.get(part) if isinstance(value, dict) else value[part]
    if value is None:
        return [], []
    if not isinstance(value, list):
        return [], [
            source.finding(
                "overlay-wrong-type",
                f"{pointer[-1]} has to be a list",
                pointer,
                "write its items below each other, each after '- '",
            )
        ]
    noun = "a string" if kind is str else "a mapping"
    good = [((*pointer, index), item) for index, item in enumerate(value) if isinstance(item, kind)]
    wrong = [
        source.finding(
            "overlay-wrong-type", f"an item of {pointer[-1]} has to be {noun}", (*pointer, index), f"write {noun} there"
        )
        for index, item in enumerate(value)
        if not isinstance(item, kind)
    ]
    return good, wrong
