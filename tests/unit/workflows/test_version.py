from __future__ import annotations

import platform
import re

import pytest

from mlgitops import __version__
from mlgitops.workflows.version import versions


def test_the_versions_of_everything_that_shapes_a_result() -> None:
    found = versions()
    assert (found["mlgitops"], found["python"]) == (__version__, platform.python_version())
    assert re.search(r"\d+\.\d+", found["git"])
    assert found["api"] == "mlgitops.dev/v1alpha1"


def test_a_tool_that_is_not_there_is_said_and_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLGITOPS_KUSTOMIZE", "/nowhere/kustomize")
    assert versions()["kustomize"].startswith("not usable: ")
