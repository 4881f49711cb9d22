"""Reviews on a forge without a server: read, approved of and merged by verbs, with the trail that a server leaves."""

from __future__ import annotations

import json
from typing import Any

import pytest

pytestmark = pytest.mark.integration

BRANCH = "promote/staging/iris"


@pytest.fixture
def waiting(shop: Any) -> Any:
    """Test has proposed iris 2.0 for staging."""
    assert shop.run("promote", "iris", "--to", "staging").code == 0
    return shop


def become(shop: Any, name: str) -> None:
    shop.git("config", "user.name", name)
    shop.git("config", "user.email", f"{name.lower()}@example.com")


def test_what_waits_is_listed_and_shown_whole(waiting: Any) -> None:
    waiting.forge.comment(1, "gates", "all\x1b[31m passed")
    listed = waiting.run("review", "list").out
    assert listed.splitlines()[1].split(maxsplit=1)[0] == "1"
    assert "Promote iris 2.0 from dev to staging" in listed
    shown = waiting.run("review", "show", "1").out
    assert shown.splitlines()[:2] == ["1: Promote iris 2.0 from dev to staging", "state: open"]
    assert "approved by: nobody yet" in shown
    assert "## How to go back\n\nmlgitops rollback iris --env staging --to 1.0\n" in shown
    assert "    all passed" in shown


def test_an_approval_is_in_the_merge_and_in_the_history(waiting: Any) -> None:
    own = waiting.run("review", "approve", "1")
    assert (own.code, "who cannot approve of it" in own.err) == (1, True)
    become(waiting, "Eve")
    ran = waiting.run("review", "approve", "1")
    assert (ran.code, "approved by Eve <eve@example.com>" in ran.out) == (0, True), ran.err
    assert "Eve <eve@example.com>" in waiting.run("review", "list").out
    ran = waiting.run("review", "merge", "1")
    assert (ran.code, "pull request 1 merged" in ran.out) == (0, True), ran.err
    assert waiting.run("review", "list").out == "No pull request waits.\n"
    events = json.loads(waiting.run("history", "iris", "--env", "staging", "-o", "json").out)["events"]
    assert [(one["version"], one["pullRequest"], one["approvedBy"]) for one in events] == [
        ("1.0", None, []), ("2.0", 1, ["Eve <eve@example.com>"]),
    ]  # fmt: skip
    assert waiting.run("audit", "verify").code == 0


def test_a_push_ends_an_approval(waiting: Any, model_text: Any) -> None:
    become(waiting, "Eve")
    assert waiting.run("review", "approve", "1").code == 0
    waiting.commit({"environments/dev/models/iris.yaml": model_text("dev", "3.0")})
    assert "updated" in waiting.run("promote", "iris", "--to", "staging").out
    assert "approved by: nobody yet" in waiting.run("review", "show", "1").out


def test_what_the_gates_refuse_is_not_merged(waiting: Any) -> None:
    waiting.git("fetch", "--quiet", str(waiting.bare), "+refs/heads/main:refs/remotes/origin/main", BRANCH)
    waiting.git("checkout", "--quiet", "--detach", waiting.git("rev-parse", BRANCH, at=waiting.bare))
    path = waiting.root / "environments/staging/models/iris.yaml"
    path.write_text(path.read_text().replace("max: 3", "max: 9"))
    waiting.git("commit", "--quiet", "--all", "--amend", "--no-edit")
    waiting.git("push", "--quiet", "--force", str(waiting.bare), f"HEAD:refs/heads/{BRANCH}")
    assert waiting.run("gates", "--base", "refs/remotes/origin/main", "--post").code == 1
    ran = waiting.run("review", "merge", "1")
    assert (ran.code, "its status mlgitops/gates is failure" in ran.err) == (1, True), ran.err
    assert "mlgitops/gates failure" in waiting.run("review", "list").out


@pytest.mark.parametrize("verb", ["show", "approve", "merge"])
def test_a_number_that_is_not_there_is_said(shop: Any, verb: str) -> None:
    ran = shop.run("review", verb, "7")
    assert (ran.code, "there is no pull request 7" in ran.err) == (1, True)


def test_a_forge_with_a_server_has_its_own_reviews(shop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    project = (shop.root / "mlgitops.yaml").read_text()
    forge = "    kind: gitea\n    url: http://127.0.0.1:1\n    repository: acme/shop\n"
    (shop.root / "mlgitops.yaml").write_text(project.split("    kind: local")[0] + forge)
    shop.git("remote", "add", "origin", str(shop.bare))
    monkeypatch.setenv("GITEA_TOKEN", "t")
    ran = shop.run("review", "list")
    assert (ran.code, "the forge has a server (gitea), where reviews are given" in ran.err) == (1, True), ran.err
