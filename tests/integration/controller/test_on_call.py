"""`mlgitops status --all` beside a real controller: what both say of targets of files, on one screen and as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import yaml

from mlgitops.cli.main import exit_code
from mlgitops.controller.place import ask
from mlgitops.errors import TargetError
from mlgitops.manifest import Manifest
from mlgitops.plan.problem import Place
from mlgitops.targets import InventoryEntry
from mlgitops.targets.directory import DirectoryConnection
from tests.integration.controller.conftest import MODEL, Site, until
from tests.testbed import fleet

pytestmark = pytest.mark.integration

Status = Callable[..., tuple[int, str]]


@pytest.fixture
def status(site: Site, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Status:
    """``status("-v")``: the exit code and what was printed, with the controller's state directory."""
    monkeypatch.delenv("MLGITOPS_CONTROLLER", raising=False)

    def run(*more: str, place: str | None = None) -> tuple[int, str]:
        asked = str(site.settings.state) if place is None else place
        capsys.readouterr()
        code = exit_code(["status", "--root", str(site.root), "--all", "--controller", asked, *more])
        return code, capsys.readouterr().out

    return run


def problems(status: Status, **more: str) -> list[dict[str, Any]]:
    code, out = status("-o", "json", **more)
    found = json.loads(out)
    assert (code == 1) == found["wrong"]
    return list(found["problems"])


def states(found: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(one["state"], ",".join(one["where"]["targets"])) for one in found]


def test_where_all_is_well_it_takes_three_lines(site: Site, status: Status) -> None:
    site.targets("here", "there")
    head = site.commit()
    site.once()
    code, out = status()
    assert code == 0
    first, second, third = out.splitlines()
    assert first == "Project shop  nothing is wrong"
    assert second.startswith(f"The controller follows commit {head[:10]}, for ")
    assert third == "Well: 2 models and pipelines at 2 of 2 targets, in 1 environment."
    assert "  dev/there  iris 1.0" in status("--verbose")[1]


def test_an_edit_by_hand_a_damaged_target_and_a_suspended_environment(site: Site, status: Status) -> None:
    site.targets("here", "there", "yonder")
    site.commit()
    site.once()
    site.service("here").write_text(site.service("here").read_text().replace("kserve-sklearnserver", "another"))
    fleet.damage(site.root, "there")
    site.reconcile(suspend="we move to new nodes")
    site.models("iris", "rose")
    site.commit()
    site.once()
    found = problems(status)
    assert states(found) == [("unreachable", "there"), ("drifted", "here"), ("suspended", "")]
    assert found[1]["help"] == "mlgitops drift --env dev --target here --model iris --fix"
    assert found[1]["what"] == ["iris"]
    assert (found[2]["reason"], found[2]["since"] != "") == ("we move to new nodes", True)


def test_what_only_the_controller_knows_is_told(site: Site, status: Status) -> None:
    site.targets("here", "there")
    site.commit()
    site.once()
    site.git("checkout", "--quiet", "--orphan", "other")
    site.commit()
    site.git("branch", "--force", "main", "other")
    site.once()
    (one,) = problems(status)
    assert (one["state"], one["where"]) == ("not followed", {"environment": "", "targets": []})
    assert one["since"]
    shown = one["help"].partition("What changed: git fetch && ")[2]
    program, *arguments = shown.split()
    assert program == "git"
    lines = site.git(*arguments).splitlines()
    assert sorted({line[0] for line in lines}) == ["<", ">"]


def test_a_commit_that_holds_no_project_is_told_with_what_it_changed(site: Site, status: Status) -> None:
    followed = site.commit()
    site.once()
    site.git("rm", "-r", "--quiet", "--", "mlgitops.yaml", "environments")
    head = site.commit()
    site.once()
    site.git("checkout", "--quiet", "HEAD~1", "--", ".")
    (one,) = problems(status)
    assert (one["state"], one["reason"].startswith(f"commit {head[:12]} cannot be used: ")) == ("not followed", True)
    assert one["help"].endswith(f"git log --oneline --left-right {followed[:12]}...{head[:12]}")


def test_targets_that_wait_for_a_canary_are_one_problem_beside_the_rollout_that_stopped(
    site: Site, status: Status, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = DirectoryConnection.put

    def failing(self: DirectoryConnection, manifest: Manifest, expected: str, *, force: bool = False) -> InventoryEntry:
        if manifest["metadata"]["name"] == "rose":
            raise TargetError("the volume is full")
        return put(self, manifest, expected, force=force)

    site.targets("here", "there", "yonder")
    site.reconcile(waves={"canary": ["here"]})
    site.commit()
    site.once()
    site.models("iris", "rose")
    site.commit()
    monkeypatch.setattr(DirectoryConnection, "put", failing)
    site.once()
    found = problems(status)
    assert states(found) == [("failed", "here"), ("stopped", ""), ("waiting", "there,yonder")]
    assert "the volume is full" in found[0]["reason"]
    assert "got to 0 of 3 targets; here failed: " in found[1]["reason"]
    assert found[1]["help"].endswith("mlgitops rollout resume --env dev")
    assert [one["wrong"] for one in found] == [True, True, False]


def test_an_environment_that_became_broken_is_told_once_with_since_when_and_not_again_for_its_targets(
    site: Site, status: Status
) -> None:
    site.targets("here", "there")
    site.commit()
    site.once()
    site.commit({"environments/dev/models/iris.yaml": MODEL.replace("sklearn\n", "sklern\n")})
    site.once()
    (one,) = problems(status)
    assert (one["state"], one["where"]) == ("broken", {"environment": "dev", "targets": []})
    assert one["since"]
    site.commit({"environments/dev/models/iris.yaml": MODEL.replace("sklearn\n", "sklearnn\n")})
    site.once()
    (later,) = problems(status)
    assert later["since"] == one["since"]
    assert later["reason"] != one["reason"]
    site.git("checkout", "--quiet", "HEAD~2", "--", "environments")  # mended here, and not yet where it is followed
    (there,) = problems(status)
    assert (there["state"], there["since"]) == ("broken", one["since"])
    assert there["help"] == f"mlgitops validate --env dev --revision {site.git('rev-parse', 'HEAD')[:12]}"


def test_a_kubeconfig_that_is_not_there_is_not_looked_for_in_the_cluster(site: Site, status: Status) -> None:
    path = site.root / "targets/here.yaml"
    target = yaml.safe_load(path.read_text())
    target["spec"]["connection"] = {"kubernetes": {"kubeconfig": "gone"}}
    path.write_text(yaml.safe_dump(target))
    (one,) = problems(status, place="")
    assert (one["state"], "there is no kubeconfig " in one["reason"]) == ("unreachable", True)
    assert one["help"] == "Set KUBECONFIG, or connection.kubernetes.kubeconfig in the target."


def test_an_environment_that_is_broken_in_git_leaves_the_others_alone(site: Site, status: Status) -> None:
    site.once()
    site.commit({"environments/lab/environment.yaml": "kind: Environment\n"})
    site.once()
    found = problems(status)
    assert [(one["state"], one["where"]["environment"]) for one in found] == [("broken", "lab")]
    assert found[0]["help"] == "mlgitops validate --env lab"


def test_a_controller_that_cannot_be_asked_is_a_problem_and_the_targets_are_told_of(site: Site, status: Status) -> None:
    site.once()
    code, out = status(place="http://127.0.0.1:1")
    assert code == 1
    assert "no controller  -  project  the controller at http://127.0.0.1:1 does not answer" in out
    assert "Well: 1 model or pipeline at 1 of 1 target, in 1 environment." in out


def test_a_running_controller_is_asked_over_http(site: Site, status: Status) -> None:
    site.commit()
    with site.running(listen="127.0.0.1:0"):
        until(lambda: any(line["message"] == "serving" for line in site.told()))
        (port,) = [line["port"] for line in site.told() if line["message"] == "serving"]
        place = f"http://127.0.0.1:{port}"
        until(lambda: Place("dev", "here") in ask(place, 0.0).targets)
        assert problems(status, place=place) == []


def test_the_project_says_where_its_controller_is(
    site: Site, status: Status, capsys: pytest.CaptureFixture[str]
) -> None:
    project = site.root / "mlgitops.yaml"
    site.once()
    project.write_text(project.read_text() + "  controller: http://127.0.0.1:1\n")
    capsys.readouterr()
    assert exit_code(["status", "--root", str(site.root), "--all"]) == 1
    assert "no controller" in capsys.readouterr().out
    assert status()[0] == 0


def test_without_a_controller_the_targets_alone_are_told_of(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(["status", "--root", str(site.root), "--all"]) == 0
    out = capsys.readouterr().out
    assert "pending  -  dev/here  iris: Git says otherwise, and nobody applied it\n    mlgitops plan" in out
    assert "controller" not in out


def test_a_part_of_the_project_is_no_matter_for_all(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(["status", "--root", str(site.root), "--all", "--env", "dev"]) == 64
    assert "--all is about the whole project" in capsys.readouterr().err
