"""The ``git`` target against real repositories: one commit an apply, or nothing; never forced, never in the way."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from mlgitops.errors import StalePlanError, TargetError
from mlgitops.manifest import Manifest, identity
from mlgitops.plan.change import Plan
from mlgitops.plan.compare import plan_target
from mlgitops.plan.outcome import Outcome, Result
from mlgitops.targets import InventoryEntry, open_connection
from mlgitops.targets.git.connection import BranchConnection
from mlgitops.targets.git.location import mirror
from mlgitops.workflows.apply import apply

pytestmark = pytest.mark.integration

TIME = "2026-01-01T00:00:00Z"
BRANCH = "deploy/dev/aws"
SECRET = "canary-5f3a"


def run(directory: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=directory, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def manifest(name: str, target: str = "aws", **data: str) -> Manifest:
    labels = {
        "mlgitops.dev/project": "shop",
        "mlgitops.dev/environment": "dev",
        "mlgitops.dev/target": target,
        "mlgitops.dev/model": "iris",
    }
    metadata = {"name": name, "namespace": "ml", "labels": labels}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}


def connect(root: Path, target: str = "aws", **settings: Any) -> BranchConnection:
    connection = open_connection({"git": settings}, root, f"shop/dev/{target}")
    assert isinstance(connection, BranchConnection)
    return connection


def plan(connection: BranchConnection, *desired: Manifest, target: str = "aws") -> Plan:
    live = connection.live([identity(one) for one in desired])
    planned = plan_target(target, {}, desired, live, connection.inventory())
    return Plan("shop", "dev", "c" * 40, "sha256:r", (planned,), version="0.1.0")


def carry_out(connection: BranchConnection, planned: Plan) -> Outcome:
    connections = {target.target: connection for target in planned.targets}
    return apply(planned, connections, lambda: TIME, lambda change: None)


def deploy(connection: BranchConnection, *desired: Manifest, target: str = "aws") -> None:
    assert carry_out(connection, plan(connection, *desired, target=target)).succeeded


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A project in a repository, with changes that are staged, that are not, and that Git does not know."""
    own = tmp_path / "own"
    own.mkdir()
    (own / "staged").write_text("1")
    (own / "changed").write_text("1")
    run(own, "init", "-q")
    run(own, "add", ".")
    run(own, "commit", "-q", "-m", "x")
    (own / "staged").write_text("2")
    run(own, "add", ".")
    (own / "changed").write_text("2")
    (own / "new").write_text("2")
    return own


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    run(tmp_path, "init", "-q", "--bare", "remote.git")
    return tmp_path / "remote.git"


def test_the_work_tree_and_the_index_are_left_alone(own: Path) -> None:
    before = run(own, "status", "--porcelain"), (own / ".git/index").read_bytes(), run(own, "rev-parse", "HEAD")
    deploy(connect(own), manifest("a"))
    deploy(connect(own), manifest("b"))
    assert (
        run(own, "status", "--porcelain"),
        (own / ".git/index").read_bytes(),
        run(own, "rev-parse", "HEAD"),
    ) == before
    assert run(own, "log", "--format=%s", BRANCH).splitlines() == ["Deploy dev on aws from cccccccccccc"] * 2
    assert run(own, "ls-tree", "-r", "--name-only", BRANCH).splitlines() == [
        ".mlgitops/shop.dev.aws/inventory", "ml/configmap_b.yaml",
    ]  # fmt: skip
    assert run(own, "fsck", "--strict") == ""


def test_a_commits_trailers_name_where_it_is_from(own: Path) -> None:
    deploy(connect(own), manifest("a"))
    assert run(own, "log", "-1", "--format=%(trailers:unfold)%ct", BRANCH).splitlines() == [
        "Mlgitops-Project: shop",
        "Mlgitops-Environment: dev",
        "Mlgitops-Target: aws",
        "Mlgitops-Version: 0.1.0",
        f"Source-Commit: {'c' * 40}",
        "Rendered-Digest: sha256:r",
        "1767225600",
    ]


@pytest.fixture
def signing(own: Path, tmp_path: Path) -> Path:
    """The project's own clone is told to sign its commits by an SSH key, which is the one that is trusted."""
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(key)], check=True)
    settings = {"gpg.format": "ssh", "user.signingKey": str(key), "commit.gpgSign": "true", "user.name": "Deployer"}
    for name, value in settings.items():
        run(own, "config", name, value)
    (tmp_path / "signers").write_text(f"test@example.com {(tmp_path / 'key.pub').read_text()}")
    return key


def verified(repository: Path, signers: Path) -> str:
    """Who signed the branch's commit; fails where nobody did whose key is trusted."""
    asked = ["-c", f"gpg.ssh.allowedSignersFile={signers}", "verify-commit", "-v", BRANCH]
    done = subprocess.run(["git", *asked], cwd=repository, check=True, capture_output=True, text=True)
    return done.stderr


@pytest.mark.parametrize("elsewhere", [False, True])
@pytest.mark.usefixtures("signing")
def test_commits_are_signed_where_git_is_told_to_sign(own: Path, remote: Path, tmp_path: Path, elsewhere: bool) -> None:
    """As the clone that holds the project is configured, also where the branch is in another repository."""
    deploy(connect(own, **({"repository": str(remote)} if elsewhere else {})), manifest("a"))
    there = remote if elsewhere else own
    assert 'Good "git" signature for test@example.com' in verified(there, tmp_path / "signers")
    assert run(there, "log", "-1", "--format=%an %cn", BRANCH) == "Deployer Deployer"
    run(own, "config", "commit.gpgSign", "false")
    deploy(connect(own, **({"repository": str(remote)} if elsewhere else {})), manifest("a", v="2"))
    with pytest.raises(subprocess.CalledProcessError):
        verified(there, tmp_path / "signers")


def test_what_cannot_be_signed_is_not_written(own: Path, signing: Path) -> None:
    signing.unlink()
    connection = connect(own)
    outcome = carry_out(connection, plan(connection, manifest("a")))
    assert "commit-tree failed" in outcome.targets[0].error
    assert {one.result for one in outcome.targets[0].objects} == {Result.SKIPPED}
    assert run(own, "for-each-ref", "--format=%(refname)") == "refs/heads/main"


def test_equal_renderings_give_equal_trees_whatever_was_there_before(own: Path, remote: Path, tmp_path: Path) -> None:
    deploy(connect(own), manifest("a"), manifest("b"))
    elsewhere = connect(tmp_path, repository="remote.git")
    deploy(elsewhere, manifest("old"), manifest("b", v="1"))
    later = plan(elsewhere, manifest("a"), manifest("b"))
    apply(later, {"aws": elsewhere}, lambda: "2030-01-01T00:00:00Z", lambda change: None)
    assert run(own, "rev-parse", f"{BRANCH}^{{tree}}") == run(remote, "rev-parse", f"{BRANCH}^{{tree}}")
    assert elsewhere.inventory().applied_at == "2030-01-01T00:00:00Z"


def test_where_nothing_changed_nothing_is_committed(own: Path) -> None:
    deploy(connect(own), manifest("a"))
    before = run(own, "rev-parse", BRANCH)
    assert plan(connect(own), manifest("a")).is_empty
    deploy(connect(own), manifest("a"))
    assert run(own, "rev-parse", BRANCH) == before


def test_other_files_of_the_branch_stay(own: Path) -> None:
    run(own, "branch", "deploy/all")
    deploy(connect(own, branch="deploy/all", path="clusters/aws"), manifest("a"))
    assert run(own, "ls-tree", "-r", "--name-only", "deploy/all").splitlines() == [
        "changed", "clusters/aws/.mlgitops/shop.dev.aws/inventory", "clusters/aws/ml/configmap_a.yaml", "staged",
    ]  # fmt: skip


@pytest.mark.parametrize("in_the_way", ["clusters", "clusters/aws", "clusters/aws/ml", "clusters/aws/.mlgitops"])
@pytest.mark.parametrize("link", [True, False])
def test_a_file_or_link_in_the_way_is_refused(own: Path, tmp_path: Path, in_the_way: str, link: bool) -> None:
    work = tmp_path / "work"
    run(own, "worktree", "add", "-q", "--detach", str(work))
    place = work / in_the_way
    place.parent.mkdir(parents=True, exist_ok=True)
    place.symlink_to("/etc") if link else place.write_text("x")
    run(work, "add", ".")
    run(work, "commit", "-q", "-m", "x")
    run(own, "branch", "deploy/all", run(work, "rev-parse", "HEAD"))
    before = run(own, "rev-parse", "deploy/all")
    connection = connect(own, branch="deploy/all", path="clusters/aws")
    assert re.search("is not a folder|is in the way", failure(connection))
    assert run(own, "rev-parse", "deploy/all") == before


def failure(connection: BranchConnection) -> str:
    """Why an apply fails, be it at its planning or at its end."""
    try:
        return carry_out(connection, plan(connection, manifest("a"))).targets[0].error
    except TargetError as error:
        return error.message


def test_a_branch_that_is_checked_out_is_not_moved(own: Path) -> None:
    outcome = carry_out(connect(own, branch="main"), plan(connect(own, branch="main"), manifest("a")))
    assert f"branch main is checked out in {own}" in outcome.targets[0].error
    assert run(own, "log", "--format=%s", "main") == "x"


def test_hooks_and_attributes_of_the_repository_run_nothing(own: Path) -> None:
    for name in ("pre-commit", "commit-msg", "post-commit", "reference-transaction", "post-index-change", "pre-push"):
        hook = own / ".git/hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\ntouch {own}/ran\nexit 1\n")
        hook.chmod(0o755)
    run(own, "config", "filter.evil.clean", f"touch {own}/ran; cat")
    run(own, "config", "core.fsmonitor", f"touch {own}/ran")
    (own / ".git/info/attributes").write_text("* filter=evil text eol=crlf\n")
    deploy(connect(own), manifest("a"))
    assert not (own / "ran").exists()
    assert connect(own).live(())[identity(manifest("a"))].manifest == manifest("a")


@pytest.mark.parametrize("after", ["lock", "put", "commit"])
def test_a_crash_in_between_leaves_the_branch_as_it_was(own: Path, after: str, monkeypatch: pytest.MonkeyPatch) -> None:
    class CrashError(BaseException):
        pass

    def crash(*_: Any, **_options: Any) -> None:
        raise CrashError

    deploy(connect(own), manifest("a"))
    before = run(own, "for-each-ref")
    connection = connect(own)
    planned = plan(connection, manifest("a", v="2"), manifest("b"))
    with monkeypatch.context() as patch:
        if after == "commit":
            patch.setattr("mlgitops.tools.git_refs.move", crash)
        else:
            patch.setattr(
                connection, "put" if after == "lock" else "record", crash if after == "lock" else _second(crash)
            )
        with pytest.raises(CrashError):
            carry_out(connection, planned)
    assert run(own, "for-each-ref") == before
    assert connect(own).live(()).keys() == {identity(manifest("a"))}
    deploy(connect(own), manifest("a", v="2"), manifest("b"))
    assert connect(own).live(()).keys() == connect(own).inventory().entries.keys()
    assert len(connect(own).live(())) == 2


def _second(act: Callable[..., None]) -> Callable[..., None]:
    """Does nothing when it is called first, and acts from then on."""
    calls: list[Any] = []

    def called(*given: Any) -> None:
        calls.append(given)
        if len(calls) > 1:
            act()

    return called


@pytest.mark.parametrize("remote_branch", [True, False])
def test_a_branch_that_moved_while_it_was_applied_is_not_overwritten(
    own: Path, remote: Path, remote_branch: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {"repository": str(remote)} if remote_branch else {}
    deploy(connect(own, **settings), manifest("a"))
    mine = connect(own, **settings)
    planned = plan(mine, manifest("a", v="mine"), manifest("c"))
    theirs = connect(own, **settings)
    monkeypatch.setattr("mlgitops.targets.lock.hold", _unlocked)
    put = mine.put
    others = iter([lambda: deploy(theirs, manifest("a", v="theirs"))])

    def overtaken(manifest: Manifest, expected: str, *, force: bool) -> InventoryEntry:
        next(others, lambda: None)()
        return put(manifest, expected, force=force)

    monkeypatch.setattr(mine, "put", overtaken)
    outcome = carry_out(mine, planned)
    assert "moved after the plan was made" in outcome.targets[0].error
    assert {one.result for one in outcome.targets[0].objects} == {Result.SKIPPED}
    assert connect(own, **settings).live(())[identity(manifest("a"))].manifest == manifest("a", v="theirs")
    with pytest.raises(StalePlanError):
        carry_out(connect(own, **settings), planned)


class _unlocked:  # noqa: N801 - stands for the function ``lock.hold``: another machine's lock is not seen here
    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        return None


@pytest.mark.parametrize("remote_branch", [True, False])
def test_targets_that_share_a_branch_are_applied_at_once(own: Path, remote: Path, remote_branch: bool) -> None:
    settings = {"repository": str(remote), "branch": "deploy"} if remote_branch else {"branch": "deploy"}
    targets = [f"t{number}" for number in range(8)]

    def deploy_one(target: str) -> None:
        deploy(connect(own, target, path=f"clusters/{target}", **settings), manifest(target, target), target=target)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(deploy_one, targets))
    repository = remote if remote_branch else own
    assert len(run(repository, "log", "--format=%H", "deploy").splitlines()) == 8
    assert run(repository, "log", "--merges", "--format=%H", "deploy") == ""
    for target in targets:
        found = connect(own, target, path=f"clusters/{target}", **settings).live(())
        assert found.keys() == {identity(manifest(target))}


@pytest.mark.parametrize("remote_branch", [False, True], ids=["here", "elsewhere"])
def test_one_plan_for_targets_that_share_a_branch_makes_a_commit_for_each(
    own: Path, remote: Path, remote_branch: bool
) -> None:
    settings = {"branch": "live", **({"repository": str(remote)} if remote_branch else {})}
    names = [f"t{number}" for number in range(6)]
    connections = {name: connect(own, name, path=name, **settings) for name in names}
    for round in range(2):
        planned = [
            plan(connection, manifest("a", name, v=str(round)), target=name).targets[0]
            for name, connection in connections.items()
        ]
        whole = Plan("shop", "dev", "c" * 40, "sha256:r", tuple(planned), version="0.1.0")
        outcome = apply(whole, connections, lambda: TIME, lambda change: None)
        assert [target.error for target in outcome.targets] == [""] * len(names)
        assert outcome.succeeded
    where = remote if remote_branch else own
    assert len(run(where, "log", "--format=%H", "live").splitlines()) == 2 * len(names)


def test_a_refused_push_writes_nothing_and_says_why(own: Path, remote: Path) -> None:
    hook = remote / "hooks/pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho the branch is protected\nexit 1\n")
    hook.chmod(0o755)
    connection = connect(own, repository=str(remote))
    outcome = carry_out(connection, plan(connection, manifest("a")))
    assert "the branch is protected" in outcome.targets[0].error
    assert {one.result for one in outcome.targets[0].objects} == {Result.SKIPPED}
    assert run(remote, "for-each-ref") == ""
    hook.unlink()
    deploy(connection, manifest("a"))
    assert run(remote, "for-each-ref", "--format=%(refname)") == f"refs/heads/{BRANCH}"


def test_a_push_whose_answer_was_lost_is_done(own: Path, remote: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hook = remote / "hooks/post-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nkill -9 $PPID\n")
    hook.chmod(0o755)
    deploy(connect(own, repository=str(remote)), manifest("a"))
    assert connect(own, repository=str(remote)).live(()).keys() == {identity(manifest("a"))}


def test_origin_is_followed_and_pushed_to(own: Path, remote: Path, tmp_path: Path) -> None:
    with pytest.raises(TargetError, match="has no remote 'origin'"):
        connect(own, push=True)
    run(own, "remote", "add", "origin", str(remote))
    deploy(connect(own, push=True), manifest("a"))
    run(tmp_path, "clone", "-q", str(remote), "clone")
    deploy(connect(tmp_path / "clone", push=True), manifest("a", v="2"))
    assert connect(own, push=True).live(())[identity(manifest("a"))].manifest == manifest("a", v="2")
    assert run(own, "for-each-ref", "--format=%(refname)").splitlines() == [
        "refs/heads/main", f"refs/remotes/origin/{BRANCH}",
    ]  # fmt: skip


def test_a_mirror_may_be_deleted_at_any_time(own: Path, remote: Path) -> None:
    deploy(connect(own, repository=str(remote)), manifest("a"))
    shutil.rmtree(mirror(str(remote)))
    deploy(connect(own, repository=str(remote)), manifest("b"))
    assert len(run(remote, "log", "--format=%H", BRANCH).splitlines()) == 2


def test_a_login_is_in_no_message_commit_or_setting(own: Path, home: Path) -> None:
    url = f"https://me:{SECRET}@127.0.0.1:9/x.git"
    run(own, "remote", "add", "origin", url)
    before = (own / ".git/config").read_bytes()
    with pytest.raises(TargetError) as refused:
        connect(own, push=True).inventory()
    with pytest.raises(TargetError) as unread:
        connect(own, repository=url)
    for error in (refused.value, unread.value):
        assert SECRET not in f"{error.message} {error.help}"
    assert (own / ".git/config").read_bytes() == before
    for path in (path for path in home.rglob("*") if path.is_file()):
        assert SECRET.encode() not in path.read_bytes()


def test_a_repository_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(TargetError, match=r"branch deploy/dev/aws: .* is not in a Git repository"):
        connect(tmp_path)
    with pytest.raises(TargetError, match=r"branch deploy/dev/aws of .*gone\.git: git ls-remote failed"):
        connect(tmp_path, repository="gone.git").inventory()


def test_what_somebody_else_put_on_the_branch_is_neither_followed_nor_taken_over(own: Path, tmp_path: Path) -> None:
    deploy(connect(own), manifest("a"))
    work = tmp_path / "work"
    run(own, "worktree", "add", "-q", str(work), BRANCH)
    (work / "ml/configmap_a.yaml").unlink()
    (work / "ml/configmap_a.yaml").symlink_to("/etc/passwd")
    (work / "ml/broken.yaml").write_text("kind: List\n")
    run(work, "add", ".")
    run(work, "commit", "-q", "-m", "by hand")
    run(work, "checkout", "-q", "--detach")
    with pytest.raises(TargetError, match="is a symbolic link"):
        connect(own).live(())
