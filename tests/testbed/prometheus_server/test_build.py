"""Where the Prometheus that tests run comes from, without building or running it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.testbed.errors import TestbedError
from tests.testbed.prometheus_server import build

PROMTOOL = Path(__file__).parents[1] / "promtool"


def test_the_one_that_the_user_names_comes_first(tmp_path: Path) -> None:
    named = tmp_path / "prometheus"
    named.write_text("#!/bin/sh\n")
    named.chmod(0o755)
    assert build.program({"PROMETHEUS": str(named)}) == named


def test_a_name_of_no_program_says_so(tmp_path: Path) -> None:
    with pytest.raises(TestbedError, match="PROMETHEUS names"):
        build.program({"PROMETHEUS": str(tmp_path / "none")})


def test_one_that_is_built_is_found_in_the_cache(tmp_path: Path) -> None:
    variables = {"HOME": str(tmp_path), "PATH": str(tmp_path)}
    there = build.built(variables)
    there.mkdir(parents=True)
    assert build.program(variables) == there / "prometheus"


def test_it_is_of_promtools_version() -> None:
    """Both evaluate the same rules, and share what Go has compiled."""
    (own,), (promtool,) = (
        [line.split()[-1] for line in (folder / "go.mod").read_text().splitlines() if "prometheus/prometheus v" in line]
        for folder in (build.MODULE, PROMTOOL)
    )
    assert own == promtool
