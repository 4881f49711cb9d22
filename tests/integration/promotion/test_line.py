"""What an audit finds where somebody pushes, without any force, a commit that leads around the protected branch."""

from __future__ import annotations

import json
from typing import Any

import pytest

pytestmark = pytest.mark.integration

PROD = "environments/prod/models/iris.yaml"


@pytest.fixture
def promoted(shop: Any) -> Any:
    """Iris 2.0 has come to staging and to prod by promotions."""
    shop.promoted("promote", "iris", "--to", "staging")
    shop.promoted("promote", "iris", "--to", "prod")
    shop.pull()
    return shop


def pushed(shop: Any, tree: str, *parents: str) -> str:
    """A commit of a tree and parents that is pushed to the protected branch as anybody's would be."""
    flags = [word for parent in parents for word in ("-p", parent)]
    commit = str(shop.git("commit-tree", tree, *flags, "-m", "Merge branch 'main'"))
    shop.git("push", "--quiet", str(shop.bare), f"{commit}:refs/heads/main")
    return commit


def edited(shop: Any) -> str:
    """A tree in which another model runs in prod."""
    path = shop.root / PROD
    path.write_text(path.read_text().replace("models/iris/2.0", "models/evil/2.0"))
    shop.git("add", "--all")
    tree = str(shop.git("write-tree"))
    shop.git("reset", "--quiet", "--hard")
    return tree


@pytest.mark.parametrize("options", [(), ("--replay",), ("--squash",), ("--env", "dev")])
def test_a_second_beginning_is_found_and_named(promoted: Any, options: tuple[str, ...]) -> None:
    main, tree = promoted.git("rev-parse", "HEAD"), edited(promoted)
    root = promoted.git("commit-tree", tree, "-m", "Tidy")
    commit = pushed(promoted, tree, root, main)
    ran = promoted.run("audit", "verify", *options, "-o", "json")
    found = [(one["commit"], one["field"]) for one in json.loads(ran.out)["violations"]]
    assert (ran.code, found) == (1, [(commit, "history")])


def test_a_second_beginning_is_found_where_nothing_was_promoted_yet(shop: Any) -> None:
    main = shop.git("rev-parse", "HEAD")
    root = shop.git("commit-tree", f"{main}^{{tree}}", "-m", "Tidy")
    commit = pushed(shop, f"{main}^{{tree}}", root, main)
    ran = shop.run("audit", "verify")
    assert (ran.code, f"{commit[:12]} environments: history" in ran.out) == (1, True), ran.out
    assert "another beginning" in ran.out


def test_a_merged_promotion_cannot_be_undone_by_a_merge_of_what_was_before(promoted: Any) -> None:
    before, main = promoted.git("rev-parse", "HEAD~1", "HEAD").split()
    commit = pushed(promoted, f"{before}^{{tree}}", before, main)
    ran = promoted.run("audit", "verify")
    assert (ran.code, f"{commit[:12]} environments: history" in ran.out) == (1, True), ran.out
    assert f"it brings {main[:12]}, which merged a promotion" in ran.out


def test_what_was_promoted_cannot_hide_behind_more_merges(promoted: Any) -> None:
    before, main, branch = promoted.git("rev-parse", "HEAD~1", "HEAD", "HEAD^2").split()
    tree = f"{before}^{{tree}}"
    undone = promoted.git("commit-tree", tree, "-p", branch, "-m", "Undo")
    first = pushed_later(promoted, tree, before, undone)
    inner = pushed_later(promoted, tree, undone, main)
    commit = pushed(promoted, tree, first, inner)
    ran = promoted.run("audit", "verify")
    assert (ran.code, f"{commit[:12]} environments: history" in ran.out) == (1, True), ran.out


def pushed_later(shop: Any, tree: str, *parents: str) -> str:
    flags = [word for parent in parents for word in ("-p", parent)]
    return str(shop.git("commit-tree", tree, *flags, "-m", "Merge"))


def test_since_must_be_on_the_branch_itself(promoted: Any) -> None:
    main, tree = promoted.git("rev-parse", "HEAD"), edited(promoted)
    root = promoted.git("commit-tree", tree, "-m", "Tidy")
    commit = pushed(promoted, tree, root, main)
    ran = promoted.run("audit", "verify", "--since", main)
    assert (ran.code, f"{main[:12]}" in ran.err, "is not one that the branch was at" in ran.err) == (1, True, True)
    assert promoted.run("audit", "verify", "--since", commit).code == 0


def test_since_takes_no_commit_of_a_pull_request(promoted: Any) -> None:
    ran = promoted.run("audit", "verify", "--since", "HEAD^2")
    assert (ran.code, "is not one that the branch was at" in ran.err) == (1, True)
    ran = promoted.run("audit", "verify", "--since", "HEAD~1")
    assert (ran.code, ran.out) == (0, "Passed: 1 change of releases in 3 commits, 4 releases taken as found.\n")


def test_a_branch_that_caught_up_passes(shop: Any, model_text: Any) -> None:
    shop.run("promote", "iris", "--to", "staging")
    shop.commit({"environments/dev/models/rose.yaml": model_text("dev", "2.0", "rose")})
    shop.commit({"environments/staging/models/rose.yaml": model_text("staging", "1.0", "rose")})
    start = shop.git("rev-parse", "HEAD")
    shop.promoted("promote", "rose", "--to", "staging")
    shop.git("fetch", "--quiet", str(shop.bare), "main:after", "promote/staging/iris:update")
    shop.git("checkout", "--quiet", "update")
    shop.git("merge", "--quiet", "--no-edit", "after")
    shop.git("push", "--quiet", str(shop.bare), "update:promote/staging/iris")
    shop.merge("promote/staging/iris")
    ran = shop.run("audit", "verify", "--since", start)
    assert ran.code == 0, ran.out


def test_another_project_may_be_merged_in_beside(promoted: Any) -> None:
    blob = promoted.git("hash-object", "-w", PROD)
    (promoted.root / "tools.txt").write_text("tools")
    promoted.git("add", "tools.txt")
    main = promoted.git("rev-parse", "HEAD")
    merged = promoted.git("write-tree")
    promoted.git("read-tree", "--empty")
    promoted.git("update-index", "--add", "--cacheinfo", f"100644,{blob},other/file.yaml")
    other = promoted.git("commit-tree", promoted.git("write-tree"), "-m", "Another project")
    pushed(promoted, merged, main, other)
    ran = promoted.run("audit", "verify")
    assert ran.code == 0, ran.out
