"""Manifests as YAML text that every reader understands alike.

YAML 1.1 and 1.2 disagree about plain scalars, and PyYAML's own dumper leaves ``12345e6`` or ``0o12`` plain, which other
readers take for numbers. Here a string is plain only where no version of YAML could read it as anything else.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import yaml

from mlgitops.errors import TargetError
from mlgitops.manifest import Manifest, canonical, identity

_PLAIN = re.compile(r"[A-Za-z/][A-Za-z0-9_./-]*(:[A-Za-z0-9_./-]+)*")
_RESERVED = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf", "undefined"})
_LITERAL_LINE = re.compile(r"([\x20-\x7e\u00a1-\u02ff]*[\x21-\x7e\u00a1-\u02ff])?")
_FIRST = {key: place for place, key in enumerate(("apiVersion", "kind", "metadata", "name", "namespace"))}
_WIDTH = 2**30  # no line is folded


class _Dumper(yaml.CSafeDumper):
    """Writes block style without aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


class _AsGiven(_Dumper):
    """The same, with keys in the order that they come in."""


class _Loader(yaml.CSafeLoader):
    """Reads as the safe loader does, but a date is text, because JSON has none."""


def _string(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=_style(text))


def _style(text: str) -> str | None:
    if _PLAIN.fullmatch(text) and text.lower() not in _RESERVED:
        return None
    return "|" if _is_literal(text) else '"'


def _is_literal(text: str) -> bool:
    """Whether a literal block holds the text safely: several lines, none with odd characters or space at its end."""
    lines = text.removesuffix("\n").split("\n")
    if "\n" not in text or not lines[0] or lines[0].startswith(" ") or not lines[-1]:
        return False
    return all(_LITERAL_LINE.fullmatch(line) for line in lines)


def _mapping(dumper: _Dumper, data: dict[str, Any]) -> yaml.MappingNode:
    in_order = sorted(data.items(), key=lambda item: (_FIRST.get(item[0], len(_FIRST)), item[0]))
    return dumper.represent_mapping("tag:yaml.org,2002:map", in_order)


def _mapping_as_given(dumper: _AsGiven, data: dict[str, Any]) -> yaml.MappingNode:
    return dumper.represent_mapping("tag:yaml.org,2002:map", data.items())


def _number(dumper: _AsGiven, number: float) -> yaml.ScalarNode:
    """Without an exponent, which YAML readers understand differently."""
    text = format(Decimal(repr(number)), "f")
    return dumper.represent_scalar("tag:yaml.org,2002:float", text if "." in text else f"{text}.0")


_Dumper.add_representer(str, _string)
_Dumper.add_representer(dict, _mapping)
_AsGiven.add_representer(dict, _mapping_as_given)
_AsGiven.add_representer(float, _number)
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


def dump(manifest: Manifest) -> str:
    """The one YAML text of a manifest: equal manifests have equal text, whatever the order of their keys."""
    return _dumped(manifest, _Dumper)


def dump_as_given(data: dict[str, Any]) -> str:
    """The same for what people read and edit: keys stay in their order."""
    return _dumped(data, _AsGiven)


def _dumped(data: dict[str, Any], dumper: type[_Dumper]) -> str:
    return str(yaml.dump(data, Dumper=dumper, default_flow_style=False, allow_unicode=True, width=_WIDTH))


def parse(content: bytes, name: str = "manifest") -> Manifest:
    """The manifest in a file's content: what ``dump`` wrote, or what somebody edited.

    ``name`` is the file's name in messages. Raises ``TargetError`` for what is not one Kubernetes object, for aliases
    (a few bytes could stand for gigabytes) and for values that JSON does not have.
    """
    try:
        if b"*" in content and _has_aliases(content):
            raise ValueError("it uses YAML aliases")
        manifest = yaml.load(content, Loader=_Loader)  # noqa: S506
        identity(manifest)
        canonical(manifest)
    except (yaml.YAMLError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise TargetError(
            f"{name} is not a Kubernetes object: {_reason(error)}",
            help="Repair the file or delete it, then plan again.",
        ) from error
    return dict(manifest)


def _has_aliases(content: bytes) -> bool:
    return any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(content, yaml.CSafeLoader))


def _reason(error: Exception) -> str:
    """What is wrong in one line, without any of the file's content, which may be secret."""
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark:
        return f"invalid YAML in line {error.problem_mark.line + 1}"
    if isinstance(error, KeyError):
        return f"it has no {error.args[0]}"
    return str(error) if type(error) is ValueError else "it is not a mapping of JSON values"
