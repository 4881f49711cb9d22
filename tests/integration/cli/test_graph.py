"""`mlgitops graph` at the command line: what it prints, what it writes, and what it says of what is not there."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from tests.conftest import PROJECT_FILES


def test_mermaid_is_printed_where_nothing_else_is_asked_for(run: Any, project: Any) -> None:
    ran = run(project(), "graph")
    assert ran.code == 0
    assert ran.out.startswith('flowchart LR\n  environment_x_dev(["dev<br/>1 model, 0 pipelines<br/>at here"])\n')


def test_several_formats_are_written_at_once(run: Any, project: Any) -> None:
    root: Path = project()
    ran = run(root, "graph", "dependencies", "-o", "svg=shop.svg", "-o", "shop.dot")
    assert (ran.code, ran.out) == (0, "")
    assert ElementTree.parse(root / "shop.svg").getroot().get("role") == "img"
    assert '"dev_x_model_x_iris" -> "dev_x_target_x_here"' in (root / "shop.dot").read_text()


def test_a_model_that_is_not_there_is_an_error_with_the_nearest_name(run: Any, project: Any) -> None:
    ran = run(project(), "graph", "--model", "irsi")
    assert ran.code == 1
    assert "there is no model 'irsi'" in ran.err
    assert "did you mean 'iris'?" in ran.err


def test_a_broken_spec_is_told_and_the_rest_is_drawn(run: Any, project: Any) -> None:
    broken = PROJECT_FILES["environments/dev/models/iris.yaml"].replace("sklearn\n", "sklearn\n    scalling: {}\n", 1)
    ran = run(project({"environments/dev/models/other.yaml": broken}), "graph", "dependencies")
    assert ran.code == 0
    assert "iris" in ran.out
    assert "left out. See: mlgitops validate" in ran.err
