"""What Jenkins is given, read and run by a real Groovy."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from mlgitops.scaffold.choices import Choices
from mlgitops.scaffold.pipelines import pipelines
from tests.testbed.groovy.fixtures import groovy

__all__ = ["groovy"]

pytestmark = [pytest.mark.integration, pytest.mark.groovy]

STEP = Path(__file__).parents[3] / "vars" / "mlgitops.groovy"


def named(told: dict[str, Any], step: str) -> list[list[Any]]:
    return [call[1:] for call in told["calls"] if call[0] == step]


def test_the_jenkinsfile_that_init_writes_is_groovy(groovy: Any, tmp_path: Path) -> None:
    whole, cut = tmp_path / "Jenkinsfile", tmp_path / "Cut"
    whole.write_text(pipelines(Choices("shop", vendors=("jenkins",)))["Jenkinsfile"])
    cut.write_text(whole.read_text().rsplit("}", 1)[0])
    good, bad = groovy("parse", str(whole), str(cut))
    assert good["error"] == ""
    assert "Cut: " in bad["error"]


def test_the_step_of_the_shared_library(groovy: Any) -> None:
    """Its arguments reach the script as variables; the script is the same for every call: none becomes shell."""
    full, plain, hostile, wrong = groovy(
        "call",
        str(STEP),
        "mlgitops(job: 'promote', package: 'mlgitops==1', environments: ['a', 'b'], options: ['--group-by', 'team'], "
        "directory: 'models', credentialsId: 'forge', tokenVariable: 'GITEA_TOKEN')",
        "mlgitops()",
        "mlgitops(job: 'check', options: ['$(touch pwned)'])",
        "mlgitops(job: 'destroy')",
    )
    assert full["error"] == ""
    assert named(full, "dir") == [["models"]]
    variables = ["MLGITOPS_RUN=promote", "MLGITOPS_PACKAGE=mlgitops==1", "MLGITOPS_ENVIRONMENTS=a\nb"]
    assert named(full, "withEnv") == [[[*variables, "MLGITOPS_OPTIONS=--group-by\nteam"]]]
    assert named(full, "string") == [[{"credentialsId": "forge", "variable": "GITEA_TOKEN"}]]
    assert [call[0] for call in full["calls"]][-3:] == ["sh", "junit", "archiveArtifacts"]

    assert not named(plain, "withCredentials")
    assert named(full, "sh") == named(plain, "sh") == named(hostile, "sh")
    ((script,),) = named(plain, "sh")
    done = subprocess.run(["sh", "-n", "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr

    assert wrong["error"] == "mlgitops: there is no job 'destroy'; choose check, apply, drift or promote"
    assert not named(wrong, "sh")
