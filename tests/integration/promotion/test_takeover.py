"""A release comes to an environment where two can run: the one that runs becomes the stable one, in the same commit."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

pytestmark = pytest.mark.integration

STAGING = "environments/staging/models/iris.yaml"
BRANCH = "promote/staging/iris"
GATEWAY = {"name": "public", "namespace": "ingress", "hostname": "{model}.example.com"}
ROLLOUT = "  rollout:\n    strategy: canary\n"
WEIGHT = "    canary:\n      weight: 60\n"


def spec(shop: Any, revision: str) -> Any:
    return yaml.safe_load(shop.file(STAGING, revision))["spec"]


@pytest.fixture
def canary(shop: Any) -> Any:
    """Staging, where releases of iris take over by a canary."""
    path = "targets/staging-here.yaml"
    target = yaml.safe_load(shop.file(path))
    target["spec"]["components"]["gatewayApi"] = "1.3.0"
    target["spec"]["serving"] = {"gateway": GATEWAY}
    shop.commit({path: yaml.safe_dump(target), STAGING: shop.file(STAGING) + ROLLOUT})
    return shop


def test_a_promotion_keeps_what_runs_as_the_stable_release(canary: Any) -> None:
    old = spec(canary, "main")["release"]
    ran = canary.run("promote", "iris", "--to", "staging")
    assert (ran.code, ran.err) == (0, "")
    made = spec(canary, BRANCH)
    assert (made["release"]["version"], made["rollout"]) == ("2.0", {"strategy": "canary", "stable": old})
    body = canary.forge.find(BRANCH).body
    assert "A rollout (canary) begins: 1.0 stays as rollout.stable" in body
    assert "unchanged" in canary.run("promote", "iris", "--to", "staging").out


def test_a_rollout_that_a_promotion_begins_holds_before_the_audit(canary: Any) -> None:
    canary.run("promote", "iris", "--to", "staging")
    canary.merge(BRANCH)
    canary.pull()
    ran = canary.run("audit", "verify")
    assert (ran.code, "Passed: 1 change of releases" in ran.out) == (0, True), ran.out + ran.err
    assert canary.run("validate", "--env", "staging").code == 0


@pytest.fixture
def in_between(canary: Any) -> Any:
    """Iris 2.0 comes to staging beside 1.0, which a direct commit then replaces by what nobody promoted."""
    canary.run("promote", "iris", "--to", "staging")
    canary.merge(BRANCH)
    canary.pull()
    return canary


def replaced(shop: Any) -> str:
    text = shop.file(STAGING, "main")
    made = yaml.safe_load(text)
    made["spec"]["rollout"]["stable"]["artifact"]["uri"] = "s3://models/iris/unknown"
    return str(yaml.safe_dump(made))


def test_a_stable_release_that_nobody_promoted_is_found_by_the_audit(in_between: Any) -> None:
    commit = in_between.commit({STAGING: replaced(in_between)})
    ran = in_between.run("audit", "verify")
    assert ran.code == 1
    assert f"{commit[:12]} {STAGING}: spec.rollout.stable\n" in ran.out
    assert "it is not a release that staging has had before" in ran.out


def test_a_pull_request_that_brings_such_a_stable_release_is_not_let_through(in_between: Any) -> None:
    base = in_between.git("rev-parse", "HEAD")
    in_between.commit({STAGING: replaced(in_between)})
    ran = in_between.run("gates", "--base", base)
    assert (ran.code, "rollout.stable is not a release that staging has had before" in ran.out) == (1, True), ran.out


def test_a_stable_release_may_be_taken_away_by_anybody(in_between: Any) -> None:
    base = in_between.git("rev-parse", "HEAD")
    made = yaml.safe_load(in_between.file(STAGING, "main"))
    del made["spec"]["rollout"]["stable"]
    in_between.commit({STAGING: yaml.safe_dump(made)})
    assert in_between.run("audit", "verify").code == 0
    assert in_between.run("gates", "--base", base).code == 0


def test_a_release_that_comes_in_the_midst_of_a_rollout_begins_at_no_requests(canary: Any, model_text: Any) -> None:
    canary.run("promote", "iris", "--to", "staging")
    canary.merge(BRANCH)
    halfway = canary.file(STAGING).replace(ROLLOUT.splitlines()[0] + "\n", ROLLOUT.splitlines()[0] + "\n" + WEIGHT)
    canary.commit({STAGING: halfway, "environments/dev/models/iris.yaml": model_text("dev", "3.0")})
    assert spec(canary, "main")["rollout"]["canary"] == {"weight": 60}
    assert canary.run("promote", "iris", "--to", "staging").code == 0
    made = spec(canary, BRANCH)
    assert (made["release"]["version"], made["rollout"]["stable"]["version"]) == ("3.0", "1.0")
    assert "canary" not in made["rollout"]


def test_a_release_that_comes_while_one_is_exposed_by_steps_says_who_answers_then(canary: Any, model_text: Any) -> None:
    steps = ROLLOUT + "    steps:\n      - {weight: 10, hold: 10m}\n"
    canary.commit({STAGING: canary.file(STAGING).replace(ROLLOUT, steps)})
    canary.run("promote", "iris", "--to", "staging")
    assert "the controller exposes it by rollout.steps" in canary.forge.find(BRANCH).body
    canary.merge(BRANCH)
    canary.commit({"environments/dev/models/iris.yaml": model_text("dev", "3.0")})
    assert canary.run("promote", "iris", "--to", "staging").code == 0
    assert "once this is merged, 1.0 answers all requests again" in canary.forge.find(BRANCH).body


def test_a_rollback_ends_the_rollout_at_once(canary: Any) -> None:
    canary.run("promote", "iris", "--to", "staging")
    canary.merge(BRANCH)
    assert canary.run("rollback", "iris", "--env", "staging", "--reason", "slow").code == 0
    made = spec(canary, "rollback/staging/iris")
    assert (made["release"]["version"], made["rollout"]) == ("1.0", {"strategy": "canary"})
    assert made["hold"]["reason"] == "slow"


def test_a_release_from_training_does_so_too(shop: Any) -> None:
    path, model = "targets/dev-here.yaml", "environments/dev/models/iris.yaml"
    target = yaml.safe_load(shop.file(path))
    target["spec"]["components"]["gatewayApi"] = "1.3.0"
    target["spec"]["serving"] = {"gateway": GATEWAY}
    shop.commit({path: yaml.safe_dump(target), model: shop.file(model) + ROLLOUT})
    old = yaml.safe_load(shop.file(model, "main"))["spec"]["release"]
    ran = shop.run("release", "iris", "--env", "dev", "--version", "9.0", "--artifact", "s3://models/iris/9.0")
    assert (ran.code, ran.err) == (0, "")
    made = yaml.safe_load(shop.file(model, "release/dev/iris"))["spec"]
    assert (made["release"]["version"], made["rollout"]["stable"]) == ("9.0", old)


def test_where_replicas_are_replaced_nothing_is_kept(shop: Any) -> None:
    shop.run("promote", "iris", "--to", "staging")
    assert "rollout" not in spec(shop, BRANCH)
