"""``--help`` of every verb says what it does and shows examples, each of which the verb would take."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from typing import Any

import click
import pytest

from mlgitops.cli.main import VERBS, main
from mlgitops.cli.sections import SECTIONS, sections

EXAMPLES = re.compile(r"^\s*Examples?:\n((?:\s*\S.*\n?)+)", re.MULTILINE)


def groups(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Group]]:
    """Every verb that has verbs of its own, with the words that lead to it."""
    context = click.Context(group, **main.context_settings)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield (*path, name), command
            yield from groups(command, (*path, name))


def verbs(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every verb that does something, with the words that lead to it."""
    context = click.Context(group, **main.context_settings)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None, name
        if isinstance(command, click.Group):
            yield from verbs(command, (*path, name))
        else:
            yield (*path, name), command


ALL = dict(verbs(main))
GROUPS = dict(groups(main))


def examples(command: click.Command) -> list[str]:
    """The lines below Example: or Examples:, without what comes after a #."""
    found = EXAMPLES.search(re.sub(r"^ +", "", command.help or "", flags=re.MULTILINE))
    return [line.partition("  #")[0].strip() for line in found[1].splitlines() if line.strip()] if found else []


def calls(example: str) -> list[list[str]]:
    """The arguments of each mlgitops in a line of shell, be it within $( ): as far as a pipe or a redirection."""
    lines = [part.partition(" | ")[0] for part in re.split(r"(?<!\w)mlgitops ", example)[1:]]
    return [shlex.split(re.sub(r" [0-9]?>.*|;.*|\)\"?$", "", line)) for line in lines]


@pytest.fixture(autouse=True)
def _any_path(monkeypatch: pytest.MonkeyPatch) -> None:
    """An example may name a file that its reader has and this test has not."""
    convert = click.Path.convert

    def lenient(self: click.Path, value: Any, *rest: Any) -> Any:
        self.exists = False
        return convert(self, value, *rest)

    monkeypatch.setattr(click.Path, "convert", lenient)


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_the_help_of_a_verb_has_examples(path: tuple[str, ...]) -> None:
    shown = [call for example in examples(ALL[path]) for call in calls(example)]
    assert any(call[: len(path)] == list(path) for call in shown), f"no example of mlgitops {' '.join(path)}"


@pytest.mark.parametrize(
    ("path", "example"),
    [pytest.param(path, line, id=line[:60]) for path, command in ALL.items() for line in examples(command)],
)
def test_an_example_is_one_that_the_verb_takes(path: tuple[str, ...], example: str) -> None:
    shown = calls(example)
    assert shown, f"no mlgitops in: {example}"
    for arguments in shown:
        group: click.Command = main
        context = click.Context(main, info_name="mlgitops", **main.context_settings)
        while isinstance(group, click.Group):
            name, command, arguments = group.resolve_command(context, arguments)  # noqa: PLW2901 - the rest of the words
            assert command is not None
            group, context = command, click.Context(command, info_name=name, parent=context)
        group.make_context(context.info_name, arguments, parent=context.parent)


@pytest.mark.parametrize("path", GROUPS, ids=" ".join)
def test_the_list_of_a_verbs_verbs_says_what_each_does_in_a_whole_sentence(path: tuple[str, ...]) -> None:
    shown = GROUPS[path].get_help(click.Context(GROUPS[path], info_name=path[-1], **main.context_settings))
    assert "..." not in shown.partition("Commands:")[2]


@pytest.mark.parametrize("path", GROUPS, ids=" ".join)
def test_a_verb_that_has_verbs_shows_examples_of_them(path: tuple[str, ...]) -> None:
    lines = examples(GROUPS[path])
    assert lines
    for example in lines:
        test_an_example_is_one_that_the_verb_takes(path, example)


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_an_example_is_one_and_examples_are_several(path: tuple[str, ...]) -> None:
    assert ("Examples:" in (ALL[path].help or "")) == (len(examples(ALL[path])) > 1)


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_what_an_option_takes_is_named_in_the_words_of_the_field(path: tuple[str, ...]) -> None:
    shown = ALL[path].get_help(click.Context(ALL[path], info_name=path[-1], **main.context_settings))
    assert "RANGE" not in shown


def test_only_apply_says_that_it_needs_an_environment() -> None:
    told = {path: one.help or "" for path, verb in ALL.items() for one in verb.params if one.name == "environments"}
    assert [path for path, help in told.items() if "needed" in help] == [("apply",)]
    assert [path for path, help in told.items() if "apply" in help] == []


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_every_option_and_the_verb_itself_say_what_they_are_for(path: tuple[str, ...]) -> None:
    command = ALL[path]
    assert command.help
    silent = [one.name for one in command.params if isinstance(one, click.Option) and not (one.help or one.hidden)]
    assert silent == []


def test_the_list_of_verbs_has_every_verb_with_its_purpose() -> None:
    shown = main.get_help(click.Context(main, info_name="mlgitops", **main.context_settings))
    assert all(name in shown and purpose in re.sub(r"\s+", " ", shown) for name, purpose in VERBS.items())


def test_every_verb_is_in_one_section_of_the_list() -> None:
    placed = [verb for members in SECTIONS.values() for verb in members]
    assert sorted(placed) == sorted(VERBS)


def test_a_verb_that_no_section_names_is_still_listed() -> None:
    assert ("Others", [("new", "Do it.")]) in list(sections({"new": "Do it.", "plan": "Show."}))


@pytest.mark.parametrize("example", examples(main))
def test_an_example_of_the_whole_command_is_one_that_its_verb_takes(example: str) -> None:
    test_an_example_is_one_that_the_verb_takes((), example)
