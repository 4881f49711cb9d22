"""What a field is for, as text for people: the output of ``explain``. Pure."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from mlgitops.report.findings import DEFAULT_WIDTH
from mlgitops.report.style import Style
from mlgitops.spec.describe import FieldDescription


def text(field: FieldDescription, style: Style, width: int = DEFAULT_WIDTH) -> str:
    """The field's path, purpose and facts, then the fields inside it. ``width`` is in columns, at least 40."""
    width = max(40, width)
    blocks = [[style.bold(field.path)]] if field.path else []
    blocks += [list(_paragraphs(part, "  ", width)) for part in (field.description, field.details) if part]
    blocks += [facts] if (facts := list(_facts(field, style, width))) else []
    blocks += [list(_children(field, style, width))] if field.children else []
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def _facts(field: FieldDescription, style: Style, width: int) -> Iterator[str]:
    facts = {
        "type": field.type,
        "one of": ", ".join(field.allowed),
        "bounds": field.bounds,
        "pattern": field.pattern,
        "default": field.default,
        "required": "yes" if field.required else "",
    }
    for name, fact in facts.items():
        if fact and field.path:
            first, *rest = [fact] if name == "pattern" else _wrapped(fact, width - 12)
            yield f"  {style.dim(f'{name:<8}')}  {first}"
            yield from (" " * 12 + continued for continued in rest)


def _children(field: FieldDescription, style: Style, width: int) -> Iterator[str]:
    starred = any(child.required for child in field.children)
    yield style.bold("Fields") + (f" ({style.red('*')} required)" if starred else "") + ":" if field.path else "Kinds:"
    longest = max(len(child.name) for child in field.children)
    for child in field.children:
        mark = style.red("*") if child.required else " "
        padding = " " * (longest - len(child.name))
        yield f"  {style.bold(child.name)}{mark}{padding}  {style.dim(_brief(child, width - longest - 5))}"
        yield from _paragraphs(child.description.split("\n\n")[0], " " * (longest + 5), width)


def _brief(child: FieldDescription, room: int) -> str:
    """Type, bounds and default of a field within a block, as far as a line holds them."""
    words = " | ".join(child.allowed) if child.type == "word" else child.type
    parts = [words, child.bounds, f"default {child.default}" if child.default not in ("", "[]", "{}") else ""]
    brief = ", ".join(part for part in parts if part)
    return brief if len(brief) <= room else brief[: room - 1] + "…"


def _paragraphs(text: str, indent: str, width: int) -> Iterator[str]:
    for number, paragraph in enumerate(text.split("\n\n")):
        if number:
            yield ""
        yield from (indent + line for line in _wrapped(paragraph, max(24, width - len(indent))))


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text.replace("``", ""), width, break_long_words=False, break_on_hyphens=False)
