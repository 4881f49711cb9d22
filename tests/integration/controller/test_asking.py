"""`mlgitops rollout`: what a person asks for, and how somebody who asks in vain is told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from mlgitops.cli.main import exit_code
from tests.integration.controller.conftest import Site, of

pytestmark = pytest.mark.integration
Ask = Callable[..., tuple[int, str]]


@pytest.fixture
def ask(site: Site, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Ask:
    """``ask("approve")``: the exit code, and what was said."""
    monkeypatch.chdir(site.root)

    def asked(verb: str, environment: str = "dev", place: Path | None = None) -> tuple[int, str]:
        capsys.readouterr()
        code = exit_code(["rollout", verb, "--env", environment, "--controller", str(place or site.settings.state)])
        return code, "".join(capsys.readouterr())

    return asked


def test_what_waits_for_a_person_is_approved(site: Site, ask: Ask) -> None:
    site.reconcile(mode="manual")
    site.commit()
    site.once()
    assert ask("approve") == (0, "The controller is asked to approve the rollout to dev.\n")
    assert of(site.once()).word == "applied"
    code, said = ask("approve")
    assert (code, "nothing in dev waits to be approved" in said) == (1, True)


@pytest.mark.parametrize("mode", ["auto", "report"])
def test_where_nobody_has_to_approve_that_is_said(site: Site, ask: Ask, mode: str) -> None:
    site.reconcile(mode=mode)
    site.commit()
    site.once()
    code, said = ask("approve")
    assert (code, "nothing in dev waits to be approved" in said) == (1, True)
    assert "reconcile.mode manual; `mlgitops status --all --controller " in said
    assert not list(site.settings.state.glob("requests/*"))


def test_a_path_that_is_not_there_is_named(ask: Ask, tmp_path: Path) -> None:
    code, said = ask("resume", place=tmp_path / "nope")
    assert (code, f"there is no directory {tmp_path / 'nope'}, where a controller would keep" in said) == (1, True)
    assert not (tmp_path / "nope").exists()


def test_a_directory_that_is_no_controllers_is_named(ask: Ask, tmp_path: Path) -> None:
    code, said = ask("abort", place=tmp_path)
    assert (code, f"no controller that keeps its state in {tmp_path} has looked at a target yet" in said) == (1, True)


def test_an_environment_that_the_controller_does_not_know_is_refused_with_those_that_it_does(
    site: Site, ask: Ask
) -> None:
    site.once()
    code, said = ask("resume", "prd")
    assert (code, "knows no environment 'prd'" in said, "it knows dev" in said) == (1, True, True)
