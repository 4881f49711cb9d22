"""Values of a compiled pipeline's parameters, and the placeholders in which its containers use them. Pure.

Source: ``kfp.dsl.placeholders`` and ``kfp.dsl.executor`` of the KFP SDK 2.17.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mlgitops.compile import tags

EXECUTOR_INPUT = "$"
"""The tag that stands for all inputs and outputs as JSON; KFP's functions are given it."""
_PARAMETER = re.compile(r"\$\.inputs\.parameters\[['\"](.+?)['\"]\]")
_OUTPUT = re.compile(r"\$\.outputs\.parameters\[['\"](.+?)['\"]\]\.output_file")


@dataclass(frozen=True)
class Value:
    """A constant, or the placeholder of a parameter or an output, with its KFP type (``STRING``, ``LIST``, …)."""

    kind: str
    constant: Any = None
    placeholder: str = ""

    @property
    def text(self) -> str:
        """What stands in a text for it."""
        return self.placeholder or plain(self.constant)

    @property
    def json(self) -> str:
        """What stands in JSON for it."""
        if not self.placeholder:
            return json.dumps(number(self.constant))
        return f'"{self.placeholder}"' if self.is_text else self.placeholder

    @property
    def is_text(self) -> bool:
        return self.kind in ("STRING", "")


def plain(value: Any) -> str:
    """A constant as text: ``1`` for 1.0, since KFP keeps all numbers as such, and JSON for lists and mappings."""
    return value if isinstance(value, str) else "" if value is None else json.dumps(number(value))


def number(value: Any) -> Any:
    """A constant as it is, but for a number in whole, which KFP keeps as 1.0."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


@dataclass(frozen=True)
class Container:
    """What a container sees: the values of its inputs, and the files of its outputs, by name."""

    inputs: Mapping[str, Value]
    outputs: Mapping[str, str]

    def tag(self, tag: str) -> str | None:
        """The text of a tag; None where it stands for something that a Pipeline has not."""
        if tag == EXECUTOR_INPUT:
            return self._executor_input()
        if match := _PARAMETER.fullmatch(tag):
            return self.inputs[match[1]].text if match[1] in self.inputs else None
        match = _OUTPUT.fullmatch(tag)
        return self.outputs.get(match[1]) if match else None

    def _executor_input(self) -> str:
        values = ", ".join(f"{json.dumps(name)}: {value.json}" for name, value in self.inputs.items())
        files = {name: {"outputFile": path} for name, path in self.outputs.items()}
        outputs = json.dumps({"parameters": files, "outputFile": "/tmp/kfp/output.json"})  # noqa: S108
        return f'{{"inputs": {{"parameterValues": {{{values}}}}}, "outputs": {outputs}}}'

    def texts(self, given: Any, unknown: Callable[[str], None]) -> Iterator[str]:
        """The texts that one item of a command or of arguments comes to: none, one, or several.

        An item may be JSON that joins texts or depends on whether an input is given.
        """
        structure = _structure(given)
        match structure:
            case {"Concat": list(items)}:
                yield "".join(text for item in items for text in self.texts(item, unknown))
            case {"IfPresent": {"InputName": name, "Then": then, **rest}}:
                chosen = then if name in self.inputs else rest.get("Else", [])
                for item in chosen if isinstance(chosen, list) else [chosen]:
                    yield from self.texts(item, unknown)
            case _:
                yield tags.translated(str(given), self.tag, unknown)


def _structure(given: Any) -> Any:
    if not isinstance(given, str) or not given.startswith(('{"Concat"', '{"IfPresent"')):
        return given
    try:
        return json.loads(given)
    except ValueError:
        return given
