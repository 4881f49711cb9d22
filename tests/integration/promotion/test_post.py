"""``gates --base REF --post``: the commit status and the one comment, read back from each kind of forge."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from tests.fakes.hub import STRANGER, TOKEN
from tests.fakes.mirrored import MirroredHub
from tests.fakes.scene import FAKES, FakeScene

pytestmark = pytest.mark.integration

BRANCH = "promote/staging/iris"
STAGING = "environments/staging/models/iris.yaml"
GOOD, BAD = {"success", "succeeded"}, {"failure", "failed"}


class LocalView:
    """What the shop's own forge shows."""

    def __init__(self, shop: Any) -> None:
        self._shop = shop

    def statuses(self, commit: str) -> dict[str, str]:
        return {context: state.value for context, state in self._shop.forge.statuses(commit).items()}

    def comments(self, number: int) -> list[str]:
        return list(self._shop.forge.comments(number))


@pytest.fixture(params=[*FAKES, "local"])
def view(request: pytest.FixtureRequest, shop: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The shop's forge, each kind in turn, and what anybody sees there."""
    if request.param == "local":
        yield LocalView(shop)
        return
    kind, repository = FAKES[request.param]
    with kind() as server:
        server.hub = MirroredHub(shop.bare)
        block = (
            f"    kind: {request.param}\n    url: {server.url}\n    repository: {repository}\n    tokenFrom: TOKEN\n"
        )
        project = shop.file("mlgitops.yaml").split("    kind: local")[0] + block
        shop.commit({"mlgitops.yaml": project})
        shop.git("remote", "add", "origin", str(shop.bare))
        monkeypatch.setenv("TOKEN", TOKEN)
        yield FakeScene(request.param, server)


def checkout(shop: Any) -> str:
    """The head of the pull request's branch, checked out."""
    shop.git("fetch", "--quiet", str(shop.bare), "+refs/heads/main:refs/remotes/base/main", BRANCH)
    head = shop.git("rev-parse", BRANCH, at=shop.bare)
    shop.git("checkout", "--quiet", "--detach", head)
    return str(head)


def verify(shop: Any, *more: str) -> Any:
    return shop.run("gates", "--base", "refs/remotes/base/main", "--post", *more)


def held(shop: Any, model_text: Any) -> None:
    """A hold on main, by which the claim that waits becomes stale."""
    shop.git("checkout", "--quiet", "main")
    shop.commit({STAGING: model_text("staging", "1.0") + "  hold:\n    reason: under watch\n"})


def test_the_status_and_one_comment_say_what_was_found_and_are_written_in_place(
    shop: Any, view: Any, model_text: Any
) -> None:
    assert shop.run("promote", "iris", "--to", "staging").code == 0
    head = checkout(shop)
    for _ in range(2):
        ran = verify(shop)
        assert ran.code == 0, ran.out + ran.err
    assert view.statuses(head).keys() == {"mlgitops/gates"}
    assert view.statuses(head)["mlgitops/gates"] in GOOD
    (comment,) = view.comments(1)
    assert comment.startswith("<!-- mlgitops:gates -->\n### Release gates: ✅ passed")
    assert "<code>promote iris in staging</code> <code>2.0</code>" in comment
    held(shop, model_text)
    assert checkout(shop) == head
    ran = verify(shop)
    assert (ran.code, "told pull request 1" in ran.err) == (1, True), ran.out + ran.err
    assert view.statuses(head)["mlgitops/gates"] in BAD
    (comment,) = view.comments(1)
    assert comment.startswith("<!-- mlgitops:gates -->\n### Release gates: ❌ failed")
    assert "iris is on hold in staging: under watch" in comment


def test_a_conflict_is_told_without_being_told_the_number(shop: Any, view: Any, model_text: Any) -> None:
    shop.run("promote", "iris", "--to", "staging")
    shop.commit({STAGING: model_text("staging", "1.5")})
    head = checkout(shop)
    ran = verify(shop)
    assert ran.code == 1, ran.out + ran.err
    assert view.statuses(head)["mlgitops/gates"] in BAD
    assert ["it conflicts with" in comment for comment in view.comments(1)] == [True]


def test_the_pull_request_may_be_named(shop: Any, view: Any) -> None:
    shop.run("promote", "iris", "--to", "staging")
    head = checkout(shop)
    assert verify(shop, "--pull-request", "1").code == 0
    assert view.statuses(head)["mlgitops/gates"] in GOOD
    missing = verify(shop, "--pull-request", "99")
    assert (missing.code, view.statuses(head).keys()) == (1, {"mlgitops/gates"})


def test_what_changes_no_release_gets_its_status_and_no_comment(shop: Any, view: Any) -> None:
    """So that the status can be required of every pull request."""
    shop.run("promote", "iris", "--to", "staging")
    checkout(shop)
    shop.git("checkout", "--quiet", "-B", "own", "refs/remotes/base/main")
    (shop.root / "README.md").write_text("more")
    shop.git("add", "README.md")
    shop.git("commit", "--quiet", "-m", "A page")
    shop.git("push", "--quiet", "--force", str(shop.bare), f"HEAD:refs/heads/{BRANCH}")
    head = checkout(shop)
    assert verify(shop, "--pull-request", "1").code == 0
    assert view.statuses(head)["mlgitops/gates"] in GOOD
    assert view.comments(1) == []


def test_a_comment_that_a_stranger_forged_is_left_alone(shop: Any, view: Any) -> None:
    if isinstance(view, LocalView):
        pytest.skip("nobody is a stranger where the file system decides who may write")
    shop.run("promote", "iris", "--to", "staging")
    view.hub.comment(1, STRANGER, "<!-- mlgitops:gates -->\n### Release gates: ✅ passed")
    head = checkout(shop)
    assert verify(shop).code == 0
    assert len(view.comments(1)) == 2
    assert view.statuses(head)["mlgitops/gates"] in GOOD


def test_the_forge_is_the_one_of_the_base_and_never_one_that_the_pull_request_names(shop: Any) -> None:
    """Or else anybody who proposes a change could have the token sent to a host of theirs."""
    assert shop.run("promote", "iris", "--to", "staging").code == 0
    head = checkout(shop)
    elsewhere = shop.bare.with_name("elsewhere.git")
    shutil.copytree(shop.bare, elsewhere)
    path = shop.root / "mlgitops.yaml"
    path.write_text(path.read_text().replace(shop.bare.name, elsewhere.name))
    assert elsewhere.name in path.read_text()
    before = {one: one.read_bytes() for one in elsewhere.rglob("*") if one.is_file()}
    verify(shop)
    assert {one: one.read_bytes() for one in elsewhere.rglob("*") if one.is_file()} == before
    assert LocalView(shop).statuses(head).keys() == {"mlgitops/gates"}
