"""Wrong usage that no other test provokes: the message names what to give, and nothing is done."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mlgitops.cli.main import USAGE, exit_code


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["compile", "flow.yaml", "--env", "dev", "--accelerator", "gpu"], "RESOURCE=CLASS"),
        (["controller", "--repository", ".", "--replica", "a"], "--leader-election"),
        (["controller", "--repository", ".", "--replica", "A!", "--leader-election", "ml"], "lower-case letters"),
        (["controller", "--repository", ".", "--webhook-secret", "here"], "--listen"),
        (["rollout", "resume", "--env", "dev"], "--controller PLACE"),
        (["run", "--env", "dev"], "PIPELINE"),
        (["serve", "--public-name", "*.example.com"], "--public-name is one name"),
        (["run", "train", "--env", "dev", "--set", "x"], "NAME=VALUE"),
    ],
)
def test_options_that_do_not_go_together_are_refused(
    project: Any, monkeypatch: pytest.MonkeyPatch, capsys: Any, arguments: list[str], told: str
) -> None:
    root: Path = project({"flow.yaml": "kind: Workflow\n", "here": "secret\n"})
    monkeypatch.chdir(root)
    code = exit_code(arguments)
    assert (code, told in capsys.readouterr().err) == (USAGE, True)
