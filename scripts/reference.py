"""The pages of the site that are written from the code, so that they are never stale: kinds and commands. Pure."""

from __future__ import annotations

import re

import click

from mlgitops.cli.main import VERBS, main
from mlgitops.spec.describe import FieldDescription, every_field

_COLUMNS = "| field | type | what it is for |\n|---|---|---|\n"


def pages() -> dict[str, str]:
    """Markdown by the path within the site: one page for each kind, and one of all commands."""
    return {"reference/commands.md": commands(), **kinds()}


def kinds() -> dict[str, str]:
    """One page a kind, with a table of each of its fields."""
    written: dict[str, str] = {}
    for field in every_field():
        kind = field.path.partition(".")[0]
        path = f"reference/{kind}.md"
        if field.path == kind:
            written[path] = f"# {kind.capitalize()}\n\n{_inert(field.description)}\n\n{_COLUMNS}"
        else:
            written[path] += _row(field, field.path.removeprefix(f"{kind}."))
    return written


def commands() -> str:
    """Every verb with its whole help, those inside it included."""
    text = "# Commands\n\nWhat `--help` says of each. Exit codes are in [Operations](../operations.md#exit-codes).\n"
    for name in VERBS:
        command = main.get_command(click.Context(main), name)
        assert command is not None
        text += _command(command, f"mlgitops {name}", 2)
    return text


def _command(command: click.Command, called: str, level: int) -> str:
    context = click.Context(command, info_name=called, max_content_width=100, terminal_width=100)
    text = f"\n{'#' * level} {called}\n\n```text\n{command.get_help(context)}\n```\n"
    inside = command.commands if isinstance(command, click.Group) else {}
    return text + "".join(_command(verb, f"{called} {name}", level + 1) for name, verb in inside.items())


def _row(field: FieldDescription, path: str) -> str:
    facts = [field.type, field.bounds]
    facts += [" &#124; ".join(f"`{word}`" for word in field.allowed)] if field.allowed else []
    facts += [f"default `{_cell(field.default)}`"] if field.default else []
    facts += ["**required**"] if field.required else []
    words = " ".join(part for part in (field.description, field.details) if part)
    return f"| `{path}` | {', '.join(part for part in facts if part)} | {_cell(_inert(words))} |\n"


def _cell(text: str) -> str:
    return re.sub(r"\s+", " ", text).replace("|", "&#124;")


def _inert(text: str) -> str:
    """Words that are no Markdown: a field's description speaks of ``*`` and ``<``."""
    return re.sub(r"([*_<>\[\]])", r"\\\1", text)
