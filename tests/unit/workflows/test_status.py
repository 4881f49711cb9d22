from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mlgitops.cli.main import exit_code
from mlgitops.errors import FindingsError
from mlgitops.plan.asked import Asked
from mlgitops.plan.health import State
from mlgitops.spec.cel import Expression
from mlgitops.targets import Connection, open_connection
from mlgitops.workflows import sites
from mlgitops.workflows.health import declared_rules
from mlgitops.workflows.project import Opened, open_project
from mlgitops.workflows.status import status

HEAD = "apiVersion: mlgitops.dev/v1alpha1\n"
FILES = {
    "mlgitops.yaml": "kind: Project\nmetadata: {name: shop}\nspec: {environments: [dev]}\n",
    "targets/files.yaml": """\
kind: Target
metadata: {name: files}
spec:
  cloud: onprem
  connection: {directory: {path: out}}
  components: {kserve: "0.16.0"}
  serving: {deploymentMode: Standard}
""",
    "environments/dev/environment.yaml": """\
kind: Environment
metadata: {name: dev}
spec:
  targets: [files]
  namespace: models
  health:
    - {group: example.com, kind: Widget, ready: object.status.ok, failed: object.status.phase == 'Bad'}
    - {kind: Gadget, ready: 'true'}
""",
    "environments/dev/models/iris.yaml": """\
kind: Model
metadata: {name: iris}
spec:
  release: {version: "1.0", artifact: {uri: "s3://models/iris"}}
  serving: {format: sklearn}
""",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with one model at one target of files."""
    for path, content in FILES.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(HEAD + content)
    return tmp_path


def opened(project: Path) -> Opened:
    return open_project(project, None, no_cache=True)


def test_before_the_first_apply_everything_is_pending(project: Path) -> None:
    (environment,) = status(opened(project), Asked())
    (target,) = environment.targets
    (one,) = target.running
    assert (one.owner, one.applied, one.pending, one.drifted) == ("Model/iris", False, True, False)


def test_after_an_apply_what_is_there_is_as_git_says(project: Path) -> None:
    assert exit_code(["apply", "--root", str(project), "--env", "dev", "--yes"]) == 0
    (environment,) = status(opened(project), Asked())
    (target,) = environment.targets
    (one,) = target.running
    assert (target.rendered, one.applied, one.pending, one.drifted) == (True, True, False, False)
    assert (one.release, one.health.state, one.health.since) == ("1.0", State.UNKNOWN, target.applied_at)


def test_an_edit_is_drift_and_a_change_in_git_is_pending(project: Path) -> None:
    assert exit_code(["apply", "--root", str(project), "--env", "dev", "--yes"]) == 0
    (written,) = [path for path in (project / "out").rglob("*.yaml") if "kind: InferenceService" in path.read_text()]
    written.write_text(written.read_text().replace("s3://models/iris", "s3://models/other"))
    (environment,) = status(opened(project), Asked(models=("iris",)))
    assert [(one.drifted, one.pending) for one in environment.targets[0].running] == [(True, True)]


def test_a_target_that_cannot_be_read_fails_alone(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(["apply", "--root", str(project), "--env", "dev", "--yes"]) == 0
    (inventory,) = (project / "out/.mlgitops").rglob("inventory")
    inventory.write_text("{}")
    (environment,) = status(opened(project), Asked())
    assert "is corrupt" in environment.targets[0].error
    capsys.readouterr()
    assert exit_code(["status", "--root", str(project), "-o", "json"]) == 1
    assert json.loads(capsys.readouterr().out)["failing"] is True


def test_a_target_is_connected_to_once(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened_connections: list[str] = []

    def counted(connection: Any, root: Path, inventory_id: str) -> Connection:
        opened_connections.append(inventory_id)
        return open_connection(connection, root, inventory_id)

    monkeypatch.setattr(sites, "open_connection", counted)
    status(opened(project), Asked())
    assert opened_connections == ["shop/dev/files"]


def test_status_exits_with_zero_where_nothing_failed(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(["status", "--root", str(project), "--env", "dev"]) == 0
    assert "not applied" in capsys.readouterr().out


def test_an_environments_rules_are_read_from_its_file(project: Path) -> None:
    widget, gadget = declared_rules(opened(project), "dev")
    assert (widget.group, widget.kind, widget.failed) == (
        "example.com", "Widget", Expression("object.status.phase == 'Bad'")
    )  # fmt: skip
    assert (gadget.group, gadget.kind, gadget.failed) == ("", "Gadget", None)


def test_rules_of_a_wrong_file_are_refused(project: Path) -> None:
    (project / "environments/dev/environment.yaml").write_text(HEAD + "kind: Environment\nmetadata: {name: dev}\n")
    with pytest.raises(FindingsError):
        declared_rules(opened(project), "dev")


@pytest.mark.parametrize("timeout", ["10", "0s", "-1m", "soon", "1w"])
def test_a_timeout_that_is_no_duration_is_wrong_usage(
    project: Path, timeout: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code(["apply", "--root", str(project), "--env", "dev", "--timeout", timeout]) == 64
    assert "is not a duration such as 90s, 10m or 1h30m" in capsys.readouterr().err
