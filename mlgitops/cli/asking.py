"""The questions of ``init``, for a person at a terminal."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

import click

from mlgitops.forges.kinds import KINDS
from mlgitops.scaffold.choices import CLOUDS, CONNECTIONS, FORGES, VENDORS, Choices


def asked(flags: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The answers to all that no flag says; ``name`` is the usual name. Raises ``click.Abort`` at an end of input."""
    usual = Choices(name)
    questions: dict[str, Callable[[], Any]] = {
        "name": lambda: _word("The project's name", name),
        "clouds": lambda: _words(f"Clouds, of {', '.join(CLOUDS)}", usual.clouds, CLOUDS),
        "environments": lambda: _words("Environments, in the order in which a release travels", usual.environments),
        "connection": lambda: _one("Targets are a", CONNECTIONS, usual.connection),
        "model": lambda: _word("The name of the example model", usual.model),
        "forge": lambda: _one("Pull requests are at", FORGES, usual.forge),
    }
    answers = {field: question() for field, question in questions.items() if field not in flags}
    answers |= _about_the_forge(flags.get("forge") or answers["forge"], flags)
    if "vendors" not in flags:
        answers["vendors"] = _words(f"Files for CI, of {', '.join(VENDORS)}; - for none", ("-",), (*VENDORS, "-"))
        answers["vendors"] = tuple(vendor for vendor in answers["vendors"] if vendor != "-")
    return answers


def _about_the_forge(forge: str, flags: Mapping[str, Any]) -> dict[str, str]:
    kind = KINDS.get("azureDevOps" if forge == "azure-devops" else forge)
    if kind is None:
        return {}
    answers = {}
    if "repository" not in flags:
        answers["repository"] = _word(f"The repository, as {kind.form}", None)
    if not kind.url and "forge_url" not in flags:
        answers["forge_url"] = _word("Where the forge is, as https://HOST", None)
    return answers


def _word(question: str, usual: str | None) -> str:
    return str(click.prompt(question, default=usual, err=True)).strip()


def _one(question: str, of: Collection[str], usual: str) -> str:
    return str(click.prompt(question, type=click.Choice(list(of)), default=usual, err=True))


def _words(question: str, usual: Collection[str], of: Collection[str] = ()) -> tuple[str, ...]:
    """Words with commas or blanks between them; asked again while one is none of ``of``, where that has any."""

    def read(answer: str) -> tuple[str, ...]:
        words = tuple(answer.replace(",", " ").split())
        wrong = [word for word in words if of and word not in of]
        if wrong or not words:
            raise click.UsageError(f"'{wrong[0] if wrong else ''}' is none of {', '.join(of) or 'them'}")
        return words

    given: tuple[str, ...] = click.prompt(question, default=", ".join(usual), value_proc=read, err=True)
    return given
