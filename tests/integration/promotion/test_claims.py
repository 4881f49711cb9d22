"""Forged claims whose trailers are all right: only what the verb itself would have made of the base goes in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mlgitops.promotion.branch import Kind
from mlgitops.promotion.request import Request
from mlgitops.spec.document import load
from mlgitops.workflows.project import open_project
from mlgitops.workflows.promotion.base import release_of
from mlgitops.workflows.promotion.prepare import prepare
from mlgitops.workflows.promotion.proposal import Draft
from mlgitops.workflows.promotion.verify import base_at

pytestmark = pytest.mark.integration

NOW = "2026-11-25T03:00:00Z"
HOLD = "  hold:\n    reason: slow\n    since: '2026-11-25T03:00:00Z'\n    by: Ann <ann@example.com>\n"


def path(environment: str) -> str:
    return f"environments/{environment}/models/iris.yaml"


def verified(shop: Any) -> Any:
    return shop.run("gates", "--base", "refs/remotes/origin/main")


def forge(shop: Any, kind: Kind, environment: str, edit: Callable[[str], str], **said: str) -> None:
    """Commits an edit of iris with all the trailers that fit it, over the protected branch as it is."""
    shop.git("fetch", "--quiet", str(shop.bare), "+refs/heads/main:refs/remotes/origin/main")
    shop.git("checkout", "--quiet", "--detach", "refs/remotes/origin/main")
    base = base_at(open_project(shop.root, None, no_cache=True), "HEAD")
    before = shop.file(path(environment))
    after = edit(before)
    assert before != after
    old, new = (release_of(load(path(environment), text.encode())) for text in (before, after))
    assert new is not None
    source = "" if kind is Kind.RELEASE else environment
    request = Request(kind, "iris", said.get("source", source), environment, old, new, stage=said.get("stage", ""))
    message = prepare(base, Draft(request, {path(environment): after.encode()}), NOW).message
    (shop.root / path(environment)).write_text(after)
    shop.git("commit", "--quiet", "--all", "-m", message)


def fails(shop: Any, told: str) -> None:
    ran = verified(shop)
    assert (ran.code, told in ran.out) == (1, True), ran.out


def test_a_release_of_another_content_under_a_version_that_was_used_fails(shop: Any) -> None:
    forge(shop, Kind.RELEASE, "staging", lambda text: text.replace("models/iris/1.0", "models/iris/forged"))
    fails(shop, "iris 1.0 was released with another content")


def test_a_release_over_a_hold_fails(shop: Any, model_text: Any) -> None:
    shop.commit({path("staging"): model_text("staging", "1.0") + HOLD})
    forge(shop, Kind.RELEASE, "staging", lambda text: text.replace("1.0", "3.0"))
    fails(shop, "iris is on hold in staging: slow")


def test_a_release_that_takes_anything_along_fails(shop: Any) -> None:
    forge(shop, Kind.RELEASE, "dev", lambda text: text.replace("2.0", "3.0").replace("max: 3", "max: 9"))
    fails(shop, f"{path('dev')} is not what the release makes of it")


def test_a_release_that_says_that_it_comes_from_an_environment_fails(shop: Any) -> None:
    assert shop.run("release", "iris", "--env", "dev", "--version", "3.0", "--artifact", "s3://models/i/3").code == 0
    made = shop.file(path("dev"), "release/dev/iris")
    forge(shop, Kind.RELEASE, "dev", lambda _: made)
    assert verified(shop).code == 0, verified(shop).out
    forge(shop, Kind.RELEASE, "dev", lambda _: made, source="prod")
    fails(shop, "it is claimed to come from prod")


def test_a_hold_that_is_not_there_cannot_be_lifted(shop: Any) -> None:
    forge(shop, Kind.RELEASE_HOLD, "prod", lambda text: text.replace("max: 3", "max: 9"))
    fails(shop, "there is no hold on iris in prod")


def test_a_lifted_hold_takes_nothing_along(shop: Any, model_text: Any) -> None:
    shop.commit({path("prod"): model_text("prod", "1.0") + HOLD})
    forge(shop, Kind.RELEASE_HOLD, "prod", lambda text: text.replace(HOLD, "").replace("max: 3", "max: 9"))
    fails(shop, f"{path('prod')} is not what the lifting of the hold makes of it")
    forge(shop, Kind.RELEASE_HOLD, "prod", lambda text: text.replace(HOLD, ""))
    assert verified(shop).code == 0


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda text: text.replace("max: 3", "max: 9"), "a rollback sets a hold"),
        (lambda text: text.replace("max: 3", "max: 9") + HOLD, "is not what the rollback makes of it"),
        (lambda text: text.replace("1.0", "0.9") + HOLD, "the release has never been in prod"),
    ],
    ids=["no hold", "more than a hold", "another release"],
)
def test_a_rollback_sets_a_hold_and_changes_nothing_else(
    shop: Any, model_text: Any, change: Callable[[str], str], told: str
) -> None:
    old = shop.file(path("prod"))
    shop.commit({path("prod"): model_text("prod", "2.0")})
    forge(shop, Kind.ROLLBACK, "prod", lambda _: change(old))
    fails(shop, told)


def test_a_retirement_takes_nothing_along_and_skips_no_step(shop: Any) -> None:
    stage = "  lifecycle:\n    stage: {}\n"
    forge(shop, Kind.RETIRE, "prod", lambda text: text + stage.format("retired"), stage="retired")
    fails(shop, "the next step is deprecated")
    deprecated = stage.format("deprecated")
    forge(shop, Kind.RETIRE, "prod", lambda text: text.replace("max: 3", "max: 9") + deprecated, stage="deprecated")
    fails(shop, f"{path('prod')} is not what the retirement makes of it")


def test_a_retirement_before_its_sunset_fails(shop: Any, model_text: Any) -> None:
    until = model_text("prod", "1.0") + "  lifecycle:\n    stage: deprecated\n    sunset: '2999-12-31'\n"
    shop.commit({path("prod"): until})
    forge(shop, Kind.RETIRE, "prod", lambda text: text.replace("deprecated", "retired"), stage="retired")
    fails(shop, "iris runs in prod until 2999-12-31, which is its sunset")


@pytest.mark.parametrize("quoted", ["'2020-01-31'", '"2020-01-31"', "2020-01-31"])
def test_a_retirement_with_the_sunset_that_is_there_already_is_verified(
    shop: Any, model_text: Any, quoted: str
) -> None:
    until = model_text("prod", "1.0") + f"  lifecycle:\n    sunset: {quoted}\n    stage: deprecated\n"
    shop.commit({path("prod"): until})
    assert shop.run("retire", "iris", "--env", "prod", "--sunset", "2020-01-31").code == 0
    shop.git("fetch", "--quiet", str(shop.bare), "+refs/heads/main:refs/remotes/origin/main", "retire/prod/iris")
    shop.git("checkout", "--quiet", "--detach", "FETCH_HEAD")
    shop.git("checkout", "--quiet", "--detach", shop.git("rev-parse", "retire/prod/iris", at=shop.bare))
    assert verified(shop).code == 0, verified(shop).out


def test_evidence_does_not_go_away_with_a_promotion(shop: Any, model_text: Any, evidence_text: Any) -> None:
    dev = model_text("dev", "2.0").replace("  serving:", "    evidence: evidence/iris/2.0.json\n  serving:")
    evidence = {f"environments/{name}/evidence/iris/2.0.json": evidence_text(0.9) for name in ("dev", "staging")}
    shop.commit({path("dev"): dev, **evidence})
    assert shop.run("promote", "iris", "--to", "staging").code == 0
    shop.git("fetch", "--quiet", str(shop.bare), "+refs/heads/main:refs/remotes/origin/main", "promote/staging/iris")
    shop.git("checkout", "--quiet", "--detach", shop.git("rev-parse", "promote/staging/iris", at=shop.bare))
    assert verified(shop).code == 0
    shop.git("rm", "--quiet", "environments/staging/evidence/iris/2.0.json")
    shop.git("commit", "--quiet", "--amend", "--no-edit")
    fails(shop, "environments/staging/evidence/iris/2.0.json is not what the promotion makes of it")
