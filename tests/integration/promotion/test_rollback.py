"""The way back, and the end: rollback and its hold, release, and retirement."""

from __future__ import annotations

from typing import Any

import pytest

from mlgitops.spec.document import load
from mlgitops.spec.formatting.written import formatted

pytestmark = pytest.mark.integration

PROD = "environments/prod/models/iris.yaml"
ROSE = "environments/prod/models/rose.yaml"
WAY = (("promote", "iris", "--to", "staging"), ("promote", "iris", "--to", "prod"))


def spec(shop: Any, path: str = PROD, revision: str = "main") -> Any:
    return load(path, shop.file(path, revision).encode()).data["spec"]


@pytest.fixture
def promoted(shop: Any) -> Any:
    """Iris 2.0 has come to prod, where 1.0 ran."""
    for arguments in WAY:
        shop.promoted(*arguments)
    return shop


def test_a_rollback_restores_the_release_before_and_holds_it(promoted: Any) -> None:
    before = promoted.file(PROD)
    promoted.promoted("rollback", "iris", "--env", "prod", "--reason", "p99: doubled")
    after = spec(promoted)
    assert after["release"]["version"] == "1.0"
    assert after["hold"]["reason"] == "p99: doubled"
    assert after["hold"]["by"] == "Test <test@example.com>"
    kept = [line for line in promoted.file(PROD).splitlines() if "  # odd   blanks" in line or "own remark" in line]
    assert kept == [line for line in before.splitlines() if "  # odd   blanks" in line or "own remark" in line]


def test_a_rollback_is_shown_as_plain_text_before_it_is_opened(promoted: Any) -> None:
    ran = promoted.run("rollback", "iris", "--env", "prod", "--reason", 'p99 > 2s & "worse" <b>', "--dry-run")
    body, _, message = ran.out.partition("commit message:\n")
    assert 'p99 > 2s & "worse" <b>' in body
    assert 'p99 > 2s & "worse" <b>' in message
    assert [mark for mark in ("&#", "&quot;", "&gt;", "<code>", "<details>", "<!--") if mark in ran.out] == []


def test_a_second_run_of_a_rollback_changes_nothing(promoted: Any) -> None:
    promoted.run("rollback", "iris", "--env", "prod")
    before = promoted.git("show-ref", at=promoted.bare)
    assert "unchanged" in promoted.run("rollback", "iris", "--env", "prod").out
    assert promoted.git("show-ref", at=promoted.bare) == before


def test_nothing_is_promoted_over_a_hold_until_it_is_lifted(promoted: Any, model_text: Any) -> None:
    promoted.promoted("rollback", "iris", "--env", "prod", "--reason", "too slow")
    ran = promoted.run("promote", "iris", "--to", "prod")
    assert (ran.code, promoted.open_pulls()) == (1, [])
    assert "iris is on hold in prod: too slow, by Test <test@example.com>, since" in ran.err
    assert "mlgitops release-hold iris --env prod" in ran.err
    promoted.promoted("release-hold", "iris", "--env", "prod")
    assert "hold" not in spec(promoted)
    assert "iris is not on hold in prod" in promoted.run("release-hold", "iris", "--env", "prod").out
    promoted.promoted("promote", "iris", "--to", "prod")
    assert spec(promoted)["release"]["version"] == "2.0"
    assert promoted.run("audit", "verify").code == 0


def test_a_promotion_that_waits_while_a_rollback_is_merged_conflicts_with_it(promoted: Any, model_text: Any) -> None:
    promoted.commit({"environments/staging/models/iris.yaml": model_text("staging", "3.0")})
    promoted.run("promote", "iris", "--to", "prod")
    promoted.promoted("rollback", "iris", "--env", "prod")
    pull = promoted.forge.find("promote/prod/iris")
    assert promoted.forge.pull_request(pull.number).mergeable is False


def test_a_second_rollback_goes_further_back_and_not_forth(promoted: Any, model_text: Any) -> None:
    promoted.commit({"environments/dev/models/iris.yaml": model_text("dev", "3.0")})
    for arguments in WAY:
        promoted.promoted(*arguments)
    for expected in ("2.0", "1.0"):
        promoted.promoted("rollback", "iris", "--env", "prod")
        assert spec(promoted)["release"]["version"] == expected
    last = promoted.run("rollback", "iris", "--env", "prod")
    assert (last.code, "Name one with --to: 2.0, 3.0." in last.err) == (1, True), last.err


def test_a_release_from_training_is_proposed_with_its_lineage_alone(shop: Any) -> None:
    digest = "sha256:" + "a" * 64
    arguments = (
        "--artifact",
        "s3://models/iris/3.0",
        "--digest",
        digest,
        "--training-run",
        "run: 7",
        "--framework",
        "sklearn=1.10",
    )
    shop.promoted("release", "iris", "--env", "dev", "--version", "3.0", *arguments)
    assert list(spec(shop, "environments/dev/models/iris.yaml")["release"].items()) == [
        ("version", "3.0"), ("artifact", {"uri": "s3://models/iris/3.0", "digest": digest}),
        ("framework", {"name": "sklearn", "version": "1.10"}), ("trainingRun", "run: 7"),
    ]  # fmt: skip
    again = shop.run("release", "iris", "--env", "dev", "--version", "3.0", *arguments)
    assert (again.code, "dev has that release of iris already" in again.out) == (0, True)
    other = shop.run("release", "iris", "--env", "dev", "--version", "2.0", "--artifact", "s3://models/other")
    assert (other.code, "iris 2.0 was released with another content" in other.err) == (1, True)
    wrong = shop.run("release", "iris", "--env", "dev", "--version", "4.0", "--artifact", "ftp://x")
    assert (wrong.code, "error[" in wrong.err) == (1, True)
    assert shop.run("audit", "verify").code == 0


def test_what_release_writes_fmt_leaves_as_it_is(shop: Any) -> None:
    path = "environments/dev/models/iris.yaml"
    assert formatted(path, shop.file(path).encode()).decode() == shop.file(path)
    tensor = '{"shape": [-1, 4], "datatype": "FP32", "name": "x"}'
    (shop.root / "signature.json").write_text(f'{{"outputs": [], "inputs": [{tensor}]}}')
    arguments = ("--digest", "sha256:" + "a" * 64, "--framework", "sklearn=1.10", "--signature", "signature.json")
    shop.promoted(
        "release", "iris", "--env", "dev", "--version", "3.0", "--artifact", "s3://models/iris/3.0", *arguments
    )
    shop.pull()
    assert spec(shop, path)["release"]["signature"]["inputs"] == [
        {"name": "x", "datatype": "FP32", "shape": [-1, 4]}
    ]  # fmt: skip
    ran = shop.run("fmt", "--diff", path)
    assert (ran.code, ran.out) == (0, "")


def test_a_model_is_deprecated_and_then_retired(shop: Any, model_text: Any) -> None:
    start = shop.commit({"environments/prod/models/rose.yaml": model_text("prod", "1.0", "rose")})
    shop.promoted("retire", "iris", "--env", "prod", "--replaced-by", "rose", "--sunset", "2020-01-31")
    assert spec(shop)["lifecycle"] == {"stage": "deprecated", "replacedBy": "rose", "sunset": "2020-01-31"}
    shop.promoted("retire", "iris", "--env", "prod")
    assert spec(shop)["lifecycle"]["stage"] == "retired"
    assert "iris is retired in prod already" in shop.run("retire", "iris", "--env", "prod").out
    assert "iris is retired in prod" in shop.run("promote", "iris", "--from", "dev", "--to", "prod").err
    shop.commit({PROD: None})
    assert PROD not in shop.git("ls-tree", "-r", "--name-only", "main", at=shop.bare)
    assert shop.run("audit", "verify", "--since", start).code == 0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("  dependsOn: [iris]\n", "model rose depends on it"),
        ("  lifecycle: {stage: deprecated, replacedBy: iris}\n", "model rose is to be replaced by it"),
        ("", "runs in prod until 2999-12-31, which is its sunset"),
    ],
)  # fmt: skip
def test_a_model_is_not_retired_while_anything_relies_on_it(
    shop: Any, model_text: Any, change: str, words: str
) -> None:
    sunset = "2020-01-01" if change else "2999-12-31"
    iris = model_text("prod", "1.0") + f"  lifecycle: {{stage: deprecated, sunset: '{sunset}'}}\n"
    shop.commit({PROD: iris, ROSE: model_text("prod", "1.0", "rose") + change})
    ran = shop.run("retire", "iris", "--env", "prod")
    assert (ran.code, shop.open_pulls()) == (1, [])
    assert words in ran.err


def deprecated(shop: Any, model_text: Any, files: dict[str, str]) -> None:
    iris = model_text("prod", "1.0") + "  lifecycle: {stage: deprecated}\n"
    shop.commit({PROD: iris, **files})


ROUTE = """\
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: shop
  namespace: default
spec:
  rules:
    - backendRefs:
        - {name: iris-predictor, port: 80}
"""


def routed(shop: Any) -> dict[str, str]:
    """An overlay of prod with a route to iris."""
    overlay = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [route.yaml]\n"
    environment = shop.file("environments/prod/environment.yaml")
    return {
        "environments/prod/environment.yaml": environment.replace("spec:\n", "spec:\n  namespace: default\n", 1),
        "environments/prod/kustomization.yaml": overlay, "environments/prod/route.yaml": ROUTE,
    }  # fmt: skip


def test_a_route_of_the_overlay_keeps_a_model_and_is_told_in_the_pull_request(shop: Any, model_text: Any) -> None:
    deprecated(shop, model_text, routed(shop))
    ran = shop.run("retire", "iris", "--env", "prod")
    assert (ran.code, shop.open_pulls()) == (1, [])
    assert "HTTPRoute/shop in default (spec.rules.0.backendRefs.0) leads to it" in ran.err
    told = shop.run("promote", "iris", "--from", "dev", "--to", "prod", "--dry-run").out
    assert "what relies on it: HTTPRoute/shop in default (spec.rules.0.backendRefs.0) leads to it" in told


def test_a_retirement_says_how_it_was_looked_at(shop: Any, model_text: Any) -> None:
    announced = shop.run("retire", "iris", "--env", "prod", "--sunset", "2020-01-31", "--dry-run").out
    assert "- its last day is 2020-01-31\n" in announced
    assert "    its last day is 2020-01-31\n" in announced  # the commit's message
    deprecated(shop, model_text, {})
    ran = shop.run("retire", "iris", "--env", "prod", "--dry-run")
    assert "prod-here is files: what leads to it from there is not known" in ran.out
    assert "how many requests still come is not known here" in ran.out
    assert "no target was looked at" in shop.run("retire", "iris", "--env", "prod", "--offline", "--dry-run").out


def test_a_retirement_that_waits_fails_once_something_leads_to_the_model(shop: Any, model_text: Any) -> None:
    deprecated(shop, model_text, {})
    assert shop.run("retire", "iris", "--env", "prod").code == 0
    branch = "retire/prod/iris"
    shop.commit(routed(shop))
    shop.git("fetch", "--quiet", str(shop.bare), "+refs/heads/main:refs/remotes/origin/main", branch)
    shop.git("checkout", "--quiet", "--detach", shop.git("rev-parse", branch, at=shop.bare))
    ran = shop.run("gates", "--base", "refs/remotes/origin/main")
    assert (ran.code, "HTTPRoute/shop in default" in ran.out) == (1, True), ran.out


def test_a_cluster_that_cannot_be_read_stops_a_retirement_unless_it_is_offline(shop: Any, model_text: Any) -> None:
    target = shop.file("targets/prod-here.yaml")
    directory = "    directory:\n      path: clusters/prod\n"
    assert directory in target
    cluster = target.replace(directory, "    kubernetes: {kubeconfig: nowhere.yaml}\n")
    deprecated(shop, model_text, {"targets/prod-here.yaml": cluster})
    ran = shop.run("retire", "iris", "--env", "prod")
    assert (ran.code, shop.open_pulls()) == (1, [])
    assert "what leads to iris at prod-here cannot be told: there is no kubeconfig" in ran.err
    assert "--offline" in ran.err
    assert shop.run("retire", "iris", "--env", "prod", "--offline").code == 0
