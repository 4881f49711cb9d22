"""``{{...}}`` of other tools as placeholders of ours, cut as Argo cuts them: from ``{{`` to the next ``}}``. Pure."""

from __future__ import annotations

from collections.abc import Callable

Lookup = Callable[[str], str | None]
"""The text that stands for a tag (without its braces and the white space within them); None where there is none."""


def parameter(name: str) -> str:
    """The placeholder of a parameter."""
    return f"{{{{parameters.{name}}}}}"


def output(step: str, name: str) -> str:
    """The placeholder of a step's output."""
    return f"{{{{steps.{step}.{name}}}}}"


def translated(text: str, lookup: Lookup, unknown: Callable[[str], None]) -> str:
    """The text with each tag replaced; ``unknown`` is told of those that have no place, which stay as they are.

    What is put in place of a tag is not looked through again.
    """
    made = []
    while "{{" in text:
        before, _, rest = text.partition("{{")
        tag, closed, text = rest.partition("}}")
        found = lookup(tag.strip()) if closed else None
        if found is None:
            unknown("{{" + tag + closed)
        made += [before, "{{" + tag + closed if found is None else found]
    return "".join([*made, text])
