from __future__ import annotations

import click
import pytest

from mlgitops.cli.main import VERBS, exit_code, main
from mlgitops.errors import FindingsError, MlgitopsError, NotAuthorisedError
from mlgitops.finding import Finding, Location


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_a_command_and_a_help(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert isinstance(main.get_command(click.Context(main), verb), click.Command)
    assert exit_code([verb, "--help"]) == 0
    out = capsys.readouterr().out
    assert f"Usage: mlgitops {verb}" in out
    assert "-h, --help" in out


def test_the_help_lists_every_verb(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["--help"], ["-h"]):
        assert exit_code(arguments) == 0
        out = capsys.readouterr().out
        assert [verb for verb in VERBS if f"\n  {verb} " not in out] == []


@pytest.mark.parametrize(
    ("error", "code", "shown"),
    [
        (MlgitopsError("it broke", "mend it"), 1, "error: it broke\nhelp: mend it\n"),
        (MlgitopsError("it broke"), 1, "error: it broke\n"),
        (NotAuthorisedError("no"), 4, "error: no\n"),
        (MlgitopsError("\x1b[2Ja\u202eb\n##vso[x]\n::error::y"), 1, "error: a\\u202eb\n## vso[x]\n: :error::y\n"),
        (KeyboardInterrupt(), 130, "\ninterrupted\n"),
        (click.Abort(), 130, "interrupted\n"),
    ],
    ids=["help", "plain", "not-authorised", "hostile", "interrupt", "abort"],
)
def test_each_error_has_its_code_and_its_words(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: BaseException, code: int, shown: str
) -> None:
    def fails() -> None:
        raise error

    monkeypatch.setattr("mlgitops.workflows.version.versions", fails)
    assert exit_code(["version"]) == code
    assert capsys.readouterr() == ("", shown)


def test_findings_are_shown_with_their_places(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails() -> None:
        raise FindingsError([Finding("some-code", "wrong", Location("a.yaml", 3, 1))])

    monkeypatch.setattr("mlgitops.workflows.version.versions", fails)
    assert exit_code(["version"]) == 1
    assert "error[some-code]: wrong\n --> a.yaml:3:1" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("typo", "meant"), [("plam", "plan"), ("aply", "apply"), ("validat", "validate"), ("xyzzy", "")]
)
def test_a_verb_that_is_none_says_which_was_meant(typo: str, meant: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code([typo]) == 64
    err = capsys.readouterr().err
    assert f"there is no verb '{typo}'" in err
    assert ("Did you mean" in err) is bool(meant)
    assert meant in err
