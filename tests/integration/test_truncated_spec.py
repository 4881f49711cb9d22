"""A spec that is just being written: at whichever byte it ends, no commit and no saved plan is taken for it."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from mlgitops.errors import FindingsError, StalePlanError
from mlgitops.plan.asked import Asked
from mlgitops.plan.serialise import dumps
from mlgitops.sources.cache import Cache
from mlgitops.workflows.plan import plans
from mlgitops.workflows.project import open_project
from mlgitops.workflows.render import render_environment
from mlgitops.workflows.saved_plan import read_plan
from tests.conftest import PROJECT_FILES

pytestmark = pytest.mark.integration

IRIS = "environments/dev/models/iris.yaml"


@pytest.fixture
def committed(project: Any) -> Path:
    root: Path = project()
    for arguments in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "-m", "All"]):
        subprocess.run(["git", *arguments], cwd=root, check=True)
    return root


@pytest.mark.parametrize("path", PROJECT_FILES)
def test_a_commit_is_rendered_as_it_is_whatever_the_file_on_disk_has_become(
    committed: Path, path: str, tmp_path: Path
) -> None:
    cache = Cache(tmp_path / "cache")
    expected = render_environment(open_project(committed, None).source, "dev", cache)
    content = (committed / path).read_bytes()
    for length in range(len(content)):
        (committed / path).write_bytes(content[:length])
        assert render_environment(open_project(committed, "HEAD").source, "dev", cache) == expected


def test_a_saved_plan_is_refused_wherever_a_spec_was_truncated_since(committed: Path, tmp_path: Path) -> None:
    (plan,) = plans(open_project(committed, None), Asked())
    (tmp_path / "plan.json").write_bytes(dumps(plan))
    assert read_plan(open_project(committed, None), tmp_path / "plan.json") == plan
    content = (committed / IRIS).read_bytes()
    parsed = 0
    for length in range(len(content)):
        (committed / IRIS).write_bytes(content[:length])
        with pytest.raises((StalePlanError, FindingsError)) as refusal:
            read_plan(open_project(committed, None), tmp_path / "plan.json")
        parsed += refusal.type is StalePlanError
    assert parsed > 10
