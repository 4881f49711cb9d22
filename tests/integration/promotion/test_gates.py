"""Gates on the way of a promotion, and their verification: on a real bare repository as the forge."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.integration

DIGEST = "sha256:" + "ab" * 32
GATES = """\
  promotion:
    gates:
      - uses: digest-pinned
      - uses: metric-floor
        with: {metric: accuracy, min: 0.9}
      - name: not-a-toy
        expression: release.version != "0.0" && candidate.metrics.accuracy < 1.0
      - uses: model-card
        level: warn
    labels: [needs-eyes]
"""
EVIDENCE = "environments/dev/evidence/iris/2.0.json"


@pytest.fixture
def gated(shop: Any, model_text: Callable[..., str], evidence_text: Callable[..., str]) -> Any:
    """Staging has gates that iris 2.0 in dev meets, but for the model card."""
    environment = (shop.root / "environments/staging/environment.yaml").read_text()
    uri = "      uri: s3://models/iris/2.0\n"
    dev = model_text("dev", "2.0").replace(uri, f"{uri}      digest: {DIGEST}\n    evidence: evidence/iris/2.0.json\n")
    shop.commit({
        "environments/staging/environment.yaml": environment + GATES,
        "environments/dev/models/iris.yaml": dev,
        EVIDENCE: evidence_text(0.93),
    })  # fmt: skip
    return shop


def promoted(shop: Any) -> str:
    """The branch of the pull request that brings iris to staging, fetched and checked out."""
    ran = shop.run("promote", "iris", "--to", "staging")
    assert ran.code == 0, ran.err
    (branch,) = shop.open_pulls()
    checkout(shop, branch)
    return str(branch)


def checkout(shop: Any, branch: str) -> None:
    shop.git("fetch", "--quiet", str(shop.bare), "+refs/heads/main:refs/remotes/origin/main", branch)
    shop.git(
        "checkout", "--quiet", "--detach", "FETCH_HEAD" if not branch else shop.git("rev-parse", branch, at=shop.bare)
    )


def amend(shop: Any, path: str, old: str, new: str) -> None:
    """Changes a file in the last commit, whose message stays."""
    file = shop.root / path
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new))
    shop.git("commit", "--quiet", "--all", "--amend", "--no-edit")


def test_the_table_shows_every_gate_with_value_and_bound(gated: Any) -> None:
    ran = gated.run("gates", "iris", "--env", "staging")
    assert ran.code == 0, ran.err
    assert ran.out.splitlines()[0] == "iris 2.0 from dev to staging"
    assert "metric-floor   pass     0.93" in ran.out
    assert "3 of 4 pass, 1 warn, 0 block." in ran.out


def test_a_gate_that_blocks_opens_no_pull_request_and_the_dry_run_shows_it(
    gated: Any, evidence_text: Callable[..., str]
) -> None:
    gated.commit({EVIDENCE: evidence_text(0.5)})
    ran = gated.run("promote", "iris", "--to", "staging")
    assert ran.code == 1
    assert "metric-floor: accuracy is below its bound" in ran.err
    assert gated.open_pulls() == []
    shown = gated.run("promote", "iris", "--to", "staging", "--dry-run")
    assert shown.code == 0
    assert "❌ blocks" in shown.out
    table = gated.run("gates", "iris", "--env", "staging", "-o", "json")
    assert table.code == 1
    assert [one["verdict"] for one in json.loads(table.out)["gates"]] == ["pass", "block", "pass", "warn"]


def test_a_promotion_that_holds_is_verified_and_told_to_the_forge(gated: Any) -> None:
    branch = promoted(gated)
    ran = gated.run("gates", "--base", "refs/remotes/origin/main", "--post")
    assert ran.code == 0, ran.out + ran.err
    assert "promote iris in staging 2.0: verified" in ran.out
    pull = gated.forge.find(branch)
    assert "told pull request 1: 1 change of releases verified" in ran.err
    assert set(pull.labels) >= {"needs-eyes"}


def test_nothing_is_wrong_with_what_changes_no_release(gated: Any) -> None:
    (gated.root / "environments/dev/models/iris.yaml").write_text(
        (gated.root / "environments/dev/models/iris.yaml").read_text().replace("max: 3", "max: 4")
    )
    gated.git("commit", "--quiet", "--all", "-m", "More replicas")
    ran = gated.run("gates", "--base", "HEAD~1")
    assert (ran.code, ran.out) == (0, "Nothing about releases changes.\n")


@pytest.mark.parametrize(
    ("path", "old", "new", "told"),
    [
        ("environments/staging/models/iris.yaml", DIGEST, "sha256:" + "0" * 64, "is not what dev has as 2.0"),
        ("environments/staging/models/iris.yaml", "max: 3", "max: 9", "is not what the promotion makes of it"),
        ("environments/staging/evidence/iris/2.0.json", "0.93", "0.99", "the evidence digest is claimed to be"),
        ("environments/prod/models/iris.yaml", "iris/1.0", "iris/6.6", "no commit of the pull request has"),
        ("environments/staging/environment.yaml", "min: 0.9", "min: 0.1", "leave it out"),
    ],
)  # fmt: skip
def test_a_forged_promotion_fails_naming_what(gated: Any, path: str, old: str, new: str, told: str) -> None:
    promoted(gated)
    amend(gated, path, old, new)
    ran = gated.run("gates", "--base", "refs/remotes/origin/main")
    assert ran.code == 1, ran.out
    assert told in ran.out


@pytest.mark.parametrize(
    ("trailer", "value", "told"),
    [
        ("Release-Digest", "sha256:" + "1" * 64, "the release digest is claimed to be sha256:111"),
        ("Evidence-Digest", "none", "the evidence digest is claimed to be none"),
        ("Plan-Digest", "sha256:" + "2" * 64, "the plan digest is claimed"),
        ("Gates", "none", "the gate digest-pinned is claimed to be not there, and was pass"),
        ("Promotion-Id", "0" * 16, "the promotion id is claimed"),
        ("Promotion-Id", "nonsense", "no commit of the pull request has"),
    ],
)
def test_a_forged_trailer_fails_naming_it(gated: Any, trailer: str, value: str, told: str) -> None:
    promoted(gated)
    message = gated.git("log", "-1", "--format=%B")
    lines = [f"Mlgitops-{trailer}: {value}" if f"-{trailer}:" in line else line for line in message.splitlines()]
    gated.git("commit", "--quiet", "--amend", "-m", "\n".join(lines))
    ran = gated.run("gates", "--base", "refs/remotes/origin/main")
    assert ran.code == 1
    assert told in ran.out


def test_a_pull_request_that_loosens_the_gates_is_judged_by_those_of_the_base(
    gated: Any, evidence_text: Callable[..., str]
) -> None:
    branch = promoted(gated)
    gated.git("checkout", "--quiet", "-B", "main", "refs/remotes/origin/main")
    gated.commit({EVIDENCE: evidence_text(0.3)})
    checkout(gated, branch)
    ran = gated.run("gates", "--base", "refs/remotes/origin/main")
    assert ran.code == 1
    assert "is not what the promotion makes of it" in ran.out


def test_a_claim_is_stale_once_the_environment_runs_another_release(gated: Any, model_text: Callable[..., str]) -> None:
    branch = promoted(gated)
    gated.git("checkout", "--quiet", "-B", "main", "refs/remotes/origin/main")
    gated.commit({"environments/prod/models/iris.yaml": model_text("prod", "1.0").replace("max: 3", "max: 4")})
    checkout(gated, branch)
    assert gated.run("gates", "--base", "refs/remotes/origin/main").code == 0
    gated.git("checkout", "--quiet", "-B", "main", "refs/remotes/origin/main")
    hold = model_text("staging", "1.0") + "  hold:\n    reason: under watch\n"
    gated.commit({"environments/staging/models/iris.yaml": hold})
    checkout(gated, branch)
    ran = gated.run("gates", "--base", "refs/remotes/origin/main", "-o", "text", "-o", "junit=gates.xml")
    assert ran.code == 1
    assert "iris is on hold in staging: under watch" in ran.out
    suites = ET.parse(gated.root / "gates.xml").getroot()
    assert int(suites.get("failures", "0")) >= 1


def test_a_rollback_is_never_kept_out_by_gates(gated: Any, evidence_text: Callable[..., str]) -> None:
    gated.promoted("promote", "iris", "--to", "staging")
    gated.pull()
    ran = gated.run("rollback", "iris", "--env", "staging")
    assert ran.code == 0, ran.err
    (branch,) = gated.open_pulls()
    checkout(gated, branch)
    verified = gated.run("gates", "--base", "refs/remotes/origin/main")
    assert verified.code == 0, verified.out
    assert "rollback iris in staging 1.0: verified" in verified.out
    assert "digest-pinned  warn" in verified.out


@pytest.mark.parametrize(
    "arguments",
    [
        ("release", "iris", "--env", "dev", "--version", "3.0", "--artifact", "s3://models/iris/3.0"),
        ("retire", "iris", "--env", "prod"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_every_other_pull_request_of_ours_is_verified_too(shop: Any, arguments: tuple[str, ...]) -> None:
    ran = shop.run(*arguments)
    assert ran.code == 0, ran.err
    (branch,) = shop.open_pulls()
    checkout(shop, branch)
    verified = shop.run("gates", "--base", "refs/remotes/origin/main")
    assert verified.code == 0, verified.out
    assert f"{arguments[0]} iris in {arguments[3]}" in verified.out


def test_a_lifted_hold_is_verified_and_may_not_bring_a_release_along(shop: Any) -> None:
    shop.promoted("promote", "iris", "--to", "staging")
    shop.promoted("rollback", "iris", "--env", "staging")
    shop.pull()
    assert shop.run("release-hold", "iris", "--env", "staging").code == 0
    (branch,) = shop.open_pulls()
    checkout(shop, branch)
    assert shop.run("gates", "--base", "refs/remotes/origin/main").code == 0
    amend(shop, "environments/staging/models/iris.yaml", "iris/1.0", "iris/6.6")
    ran = shop.run("gates", "--base", "refs/remotes/origin/main")
    assert ran.code == 1
    assert "a release-hold changes no release, but this one does" in ran.out


def test_nothing_is_told_about_another_commit_than_was_verified(gated: Any) -> None:
    branch = promoted(gated)
    for _ in range(2):
        assert gated.run("gates", "--base", "refs/remotes/origin/main", "--post").code == 0
    amend(gated, "environments/staging/models/iris.yaml", "max: 3", "max: 9")
    ran = gated.run("gates", "--base", "refs/remotes/origin/main", "--post")
    assert ran.code == 1
    assert "which is not what was verified" in ran.err
    assert gated.forge.find(branch)


@pytest.mark.parametrize("arguments", [[], ["iris"], ["iris", "--base", "main"], ["iris", "--env", "prod", "--post"]])
def test_what_is_asked_wrongly_is_a_usage_error(shop: Any, arguments: list[str]) -> None:
    assert shop.run("gates", *arguments).code == 64
