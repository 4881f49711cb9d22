"""The questions of ``init``: each is asked once, unless a flag answers it, and again after a wrong answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click
import pytest
from click.testing import CliRunner

from mlgitops.cli.asking import asked

USUAL = {
    "name": "shop", "clouds": ("onprem",), "environments": ("dev", "prod"), "connection": "directory", "model": "iris",
    "forge": "local", "vendors": (),
}  # fmt: skip


def answers(typed: str, flags: Mapping[str, Any] | None = None) -> tuple[dict[str, Any], str]:
    """What is chosen by typing that, and what was shown meanwhile."""
    with CliRunner().isolation(input=typed) as streams:
        chosen = asked(flags or {}, "shop")
        return chosen, streams[-1].getvalue().decode()


def test_return_alone_takes_the_usual() -> None:
    assert answers("\n" * 7)[0] == USUAL


@pytest.mark.parametrize("wrong", ["moon", "aws moon", ",", "aws,,moon"])
def test_a_wrong_cloud_is_named_with_those_there_are_and_asked_again(wrong: str) -> None:
    chosen, shown = answers(f"\n{wrong}\naws gcp\n" + "\n" * 5)
    assert chosen["clouds"] == ("aws", "gcp")
    assert "aws, gcp, azure, onprem" in shown


def test_flags_are_not_asked_for() -> None:
    flags = {name: value for name, value in USUAL.items() if name != "model"}
    assert answers("fraud\n", flags)[0] == {"model": "fraud"}


def test_a_forge_with_a_server_is_asked_for_its_repository_and_where_it_is() -> None:
    chosen, shown = answers("\n" * 5 + "gitea\nacme/shop\nhttps://git.example.com\ngitlab github\n")
    assert (chosen["repository"], chosen["forge_url"]) == ("acme/shop", "https://git.example.com")
    assert chosen["vendors"] == ("gitlab", "github")
    assert "owner/name" in shown


def test_the_public_forge_is_not_asked_where_it_is() -> None:
    assert "forge_url" not in answers("\n" * 5 + "github\nacme/shop\n\n")[0]


def test_an_end_of_the_answers_ends_it() -> None:
    with pytest.raises(click.Abort):
        answers("shop\n")
