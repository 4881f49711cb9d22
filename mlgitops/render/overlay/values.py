"""YAML as kustomize reads and writes it: JSON types, and nothing that merely looks like a date or an old octal.

kustomize writes from Go values and quotes every string that would read as something else, so a plain scalar that is not
a JSON number, a boolean or null is a string. PyYAML's own rules (YAML 1.1) would make ``12:30`` a number and fail on
``=``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

DEPTH = 100
"""How deeply a document may be nested. Kubernetes objects stay below 30."""

_NULL = re.compile(r"^(?:~|null|Null|NULL|)$")
_BOOL = re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$")
_INT = re.compile(r"^-?(?:0|[1-9][0-9]*)$")
_FLOAT = re.compile(r"^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?$")


class Loader(yaml.CSafeLoader):
    """The safe loader with kustomize's scalars instead of YAML 1.1's."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 (PyYAML's attribute)


for _tag, _pattern, _first in (
    ("null", _NULL, ["~", "n", "N", ""]),
    ("bool", _BOOL, list("tTfF")),
    ("int", _INT, list("-0123456789")),
    ("float", _FLOAT, list("-0123456789")),
):
    Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", _pattern, _first)


class TooDeepError(yaml.MarkedYAMLError):
    """A document is nested more deeply than ``DEPTH``."""


def documents(content: bytes) -> tuple[Any, ...]:
    """The documents of a YAML file, without the empty ones. Raises ``yaml.YAMLError``, also for too deep nesting."""
    check_depth(content)
    return tuple(document for document in yaml.load_all(content, Loader=Loader) if document is not None)


def check_depth(content: bytes) -> None:
    """Raises ``TooDeepError`` for a document that is nested too deeply, which the parsers would crash on."""
    depth = 0
    for event in yaml.parse(content, Loader=Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > DEPTH:
            mark: Any = event.start_mark
            raise TooDeepError(problem=f"nested more than {DEPTH} levels deep", problem_mark=mark)


def strings(value: Any, without: frozenset[str] = frozenset()) -> Iterator[str]:
    """Every string in a value, keys left out, and nothing below the keys ``without``. Shared parts count once."""
    seen: set[int] = set()
    left = [value]
    while left:
        item = left.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, (dict, list)) and id(item) not in seen:
            seen.add(id(item))
            left.extend((v for k, v in item.items() if k not in without) if isinstance(item, dict) else item)
