from __future__ import annotations

import pytest

from mlgitops.compile.written import Where, Written

PROGRAM = """\
from hera.workflows import Container, script

@script()
def load_data():
    pass

Container(
    name="train",
)
"""


@pytest.mark.parametrize(("named", "line"), [("load-data", 4), ("train", 8), ("other", 0)])
def test_a_template_of_a_program_is_at_its_function_or_its_name(named: str, line: int) -> None:
    written = Written("flow.py", PROGRAM, "sha256:0")
    assert written.locate(Where(("spec", "templates", 0), named)).line == line


def test_a_program_that_cannot_be_parsed_is_named_as_a_whole() -> None:
    assert str(Written("flow.py", "def (", "sha256:0").locate(Where((), "x"))) == "flow.py"


def test_a_field_of_yaml_is_at_its_key() -> None:
    written = Written("flow.yaml", "spec:\n  templates:\n  - name: a\n    when: x\n", "sha256:0")
    location = written.locate(Where(("spec", "templates", 0)).at("when"))
    assert (location.line, location.column) == (4, 5)
