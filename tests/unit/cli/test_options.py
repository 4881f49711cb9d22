from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import pytest

from mlgitops.cli.options import Output, output_option, selection_options
from mlgitops.plan.asked import Asked


@pytest.mark.parametrize(
    ("value", "output"),
    [
        ("json", ("json", None)),
        ("json=plan.json", ("json", Path("plan.json"))),
        ("json=a=b.txt", ("json", Path("a=b.txt"))),
        ("plan.json", ("json", Path("plan.json"))),
        ("out/plan.text", ("text", Path("out/plan.text"))),
        ("out/run=1/plan.json", ("json", Path("out/run=1/plan.json"))),
        ("json=", ("json", None)),
    ],
)
def test_an_output_is_a_format_a_format_with_a_path_or_a_path(value: str, output: Any) -> None:
    assert Output("text", "json").convert(value, None, None) == output


@pytest.mark.parametrize("value", ["xml", "plan.xml", "", "xml=plan.json.xml", ".json", "plan", "jsn=plan.json"])
def test_another_output_is_wrong_usage(value: str) -> None:
    with pytest.raises(click.BadParameter, match="is none of text, json"):
        Output("text", "json").convert(value, None, None)


def ran(command: click.Command, *arguments: str) -> Any:
    return command.main(list(arguments), standalone_mode=False)


def test_outputs_may_be_repeated_and_the_first_format_is_the_default() -> None:
    @click.command()
    @output_option("text", "json")
    def command(outputs: Any) -> Any:
        return outputs

    assert list(ran(command)) == [("text", None)]
    assert list(ran(command, "-o", "json", "--output", "a.text")) == [("json", None), ("text", Path("a.text"))]
    assert list(ran(command, "--format", "json")) == [("json", None)]


def test_what_is_selected_reaches_a_verb_as_one_argument() -> None:
    @click.command()
    @selection_options
    def command(asked: Asked) -> Asked:
        return asked

    assert ran(command) == Asked()
    arguments = ("-e", "dev", "--env", "prod", "-t", "aws", "-m", "iris", "--select", "A/b")
    assert ran(command, *arguments) == Asked(("dev", "prod"), ("aws",), ("iris",), ("A/b",))
