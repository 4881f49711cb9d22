"""What starts quickly stays quick: heavy libraries are imported only by the verbs that need them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HEAVY = (
    "cel", "deepdiff", "hera", "jsonschema", "jsonschema_rs", "kubernetes",
    "opentelemetry", "prometheus_client", "rich",
)  # fmt: skip
PROBE = """
import json, sys
from mlgitops.cli.main import run
sys.argv = ["mlgitops", *sys.argv[1:]]
try:
    run()
except SystemExit as stop:
    code = stop.code or 0
else:
    code = 0
print(json.dumps({"exit": code, "modules": sorted(sys.modules)}), file=sys.stderr)
"""


def imported_by(*arguments: str) -> set[str]:
    """The modules that one invocation of the command loads, once it has succeeded."""
    result = subprocess.run(
        [sys.executable, "-c", PROBE, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    outcome = json.loads(result.stderr.splitlines()[-1])
    assert outcome["exit"] == 0, result.stdout + result.stderr
    return set(outcome["modules"])


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["validate"]], ids=" ".join)
def test_it_imports_nothing_heavy(arguments: list[str]) -> None:
    assert imported_by(*arguments) & set(HEAVY) == set()


def test_the_version_needs_no_spec_models() -> None:
    assert "pydantic" not in imported_by("--version")
