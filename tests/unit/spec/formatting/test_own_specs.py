"""The specs of this repository, which people copy from, are as ``mlgitops fmt`` writes them."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlgitops.spec.formatting.written import formatted
from mlgitops.spec.project_files import expected_kind

ROOT = Path(__file__).parents[4]
PROJECTS = (ROOT, ROOT / "docs" / "catalogue")
FOLDERS = ("environments", "models", "steps", "targets")


@pytest.mark.parametrize("project", PROJECTS, ids=lambda path: path.name)
def test_every_spec_is_as_fmt_writes_it(project: Path) -> None:
    paths = [project / "mlgitops.yaml", *(path for name in FOLDERS for path in (project / name).rglob("*.yaml"))]
    specs = {one.relative_to(project).as_posix(): one.read_bytes() for one in paths}
    known = {path: content for path, content in specs.items() if expected_kind(path) is not None}
    assert len(known) > 10
    assert [path for path, content in known.items() if formatted(path, content) != content] == [], "run: mlgitops fmt"
