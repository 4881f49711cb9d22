"""The order of environments: what promotion.from says binds, and whoever skips one is told so."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.integration

BOUND = "environments/prod/environment.yaml"
RELEASE = ("release", "iris", "--version", "3.0", "--artifact", "s3://models/iris/3.0", "--env")
SKIPPED = "comes to prod without having been in staging"


def bind(shop: Any) -> None:
    """Prod takes what is in staging, and nothing else."""
    shop.commit({BOUND: shop.file(BOUND) + "  promotion:\n    from: staging\n"})


def verified(shop: Any, branch: str) -> Any:
    shop.git("fetch", "--quiet", str(shop.bare), "+refs/heads/main:refs/remotes/origin/main", branch)
    shop.git("checkout", "--quiet", "--detach", shop.git("rev-parse", branch, at=shop.bare))
    ran = shop.run("gates", "--base", "refs/remotes/origin/main")
    shop.git("checkout", "--quiet", "main")
    return ran


@pytest.mark.parametrize("arguments", [("promote", "iris", "--from", "dev", "--to", "prod"), (*RELEASE, "prod")])
def test_an_environment_that_says_from_where_takes_releases_from_there_alone(
    shop: Any, arguments: tuple[str, ...]
) -> None:
    bind(shop)
    ran = shop.run(*arguments)
    assert (ran.code, shop.open_pulls()) == (1, [])
    assert "prod takes releases from staging alone" in ran.err
    assert "mlgitops promote iris --to prod" in ran.err


def test_all_and_gates_are_bound_too(shop: Any) -> None:
    bind(shop)
    for arguments in (
        ("promote", "--all", "--from", "dev", "--to", "prod"), ("gates", "iris", "--from", "dev", "--env", "prod"),
    ):  # fmt: skip
        shop.pull()
        ran = shop.run(*arguments)
        assert (ran.code, "prod takes releases from staging alone" in ran.err) == (1, True), ran.out


@pytest.mark.parametrize(
    ("arguments", "branch"),
    [
        (("promote", "iris", "--from", "dev", "--to", "prod"), "promote/prod/iris"),
        ((*RELEASE, "prod"), "release/prod/iris"),
    ],
)
def test_what_was_opened_before_the_environment_said_so_fails(
    shop: Any, arguments: tuple[str, ...], branch: str
) -> None:
    assert shop.run(*arguments).code == 0
    assert verified(shop, branch).code == 0
    bind(shop)
    ran = verified(shop, branch)
    assert (ran.code, "prod takes releases from staging alone" in ran.out) == (1, True), ran.out


@pytest.mark.parametrize("arguments", [("promote", "iris", "--from", "dev", "--to", "prod"), (*RELEASE, "prod")])
def test_a_pull_request_that_skips_an_environment_says_so(shop: Any, arguments: tuple[str, ...]) -> None:
    ran = shop.run(*arguments)
    assert ran.code == 0, ran.err
    (branch,) = shop.open_pulls()
    pull = shop.forge.find(branch)
    assert f"- ⚠️ <code>{SKIPPED}</code>\n" in pull.body
    assert f"\n{SKIPPED}\n" in shop.git("log", "-1", "--format=%B", branch, at=shop.bare)
    assert "unchanged" in shop.run(*arguments).out


def test_nothing_is_said_where_no_environment_is_skipped(shop: Any) -> None:
    for arguments in (
        (*RELEASE, "dev"), ("promote", "iris", "--to", "staging"), ("promote", "iris", "--to", "prod"),
    ):  # fmt: skip
        assert "without having been" not in shop.run(*arguments, "--dry-run").out
    shop.promoted("promote", "iris", "--to", "staging")
    skipping = ("promote", "iris", "--from", "dev", "--to", "prod", "--dry-run")
    assert "without having been" not in shop.run(*skipping).out
