"""The Secrets that a spec refers to, wherever in it that is. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mlgitops.spec.fields import Block, SecretKey
from mlgitops.spec.positions import Pointer


def external_keys(spec: Block) -> list[tuple[Pointer, SecretKey]]:
    """The references whose Secret is made by an ExternalSecret, each with its place, in the order of the spec's fields.

    Only what somebody wrote is looked at: no built-in default refers to a Secret.
    """
    return [(pointer, key) for pointer, key in _keys((), spec) if key.external is not None]


def _keys(pointer: Pointer, value: Any) -> Iterator[tuple[Pointer, SecretKey]]:
    if isinstance(value, SecretKey):
        yield pointer, value
    elif isinstance(value, Block):
        for name, field in type(value).model_fields.items():
            if name in value.model_fields_set:
                yield from _keys((*pointer, field.alias or name), getattr(value, name))
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from _keys((*pointer, index), item)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _keys((*pointer, key), item)
