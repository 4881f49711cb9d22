"""History, audit and comparison over the real history of a real repository."""

from __future__ import annotations

import json
from typing import Any

import pytest

pytestmark = pytest.mark.integration

PROD = "environments/prod/models/iris.yaml"


@pytest.fixture
def promoted(shop: Any) -> Any:
    """Iris 2.0 has come to prod by promotions, and was rolled back."""
    shop.promoted("promote", "iris", "--to", "staging")
    shop.promoted("promote", "iris", "--to", "prod")
    shop.promoted("rollback", "iris", "--env", "prod", "--reason", "slow")
    return shop


def test_the_history_tells_every_release_that_ran(promoted: Any) -> None:
    ran = promoted.run("history", "iris", "--env", "prod", "-o", "json")
    assert ran.code == 0
    events = json.loads(ran.out)["events"]
    assert [(e["version"], e["kind"], e["source"], e["pullRequest"]) for e in events] == [
        ("1.0", "", "", None), ("2.0", "promote", "staging", 2), ("1.0", "rollback", "prod", 3),
    ]  # fmt: skip
    assert "2.0      promote   staging  #2" in promoted.run("history", "iris", "--env", "prod").out
    rows = promoted.run("history", "iris", "-o", "csv").out.splitlines()
    assert len(rows) == 1 + 3 + 3
    assert "did you mean 'iris'?" in promoted.run("history", "irsi").err


def test_the_history_tells_who_approved(shop: Any) -> None:
    shop.run("promote", "iris", "--to", "staging")
    shop.forge.approve(1, "Eve")
    shop.merge("promote/staging/iris")
    events = json.loads(shop.run("history", "iris", "--env", "staging", "-o", "json").out)["events"]
    assert [event["approvedBy"] for event in events] == [[], ["Eve"]]


def test_an_audit_passes_over_promotions(promoted: Any) -> None:
    ran = promoted.run("audit", "verify")
    assert (ran.code, ran.out) == (0, "Passed: 3 changes of releases in 4 commits, 3 releases taken as found.\n")


def test_an_audit_fails_on_a_direct_commit_and_names_commit_and_field(promoted: Any) -> None:
    promoted.pull()
    text = promoted.file(PROD).replace("models/iris/1.0", "models/evil/1.0")
    commit = promoted.commit({PROD: text})
    ran = promoted.run("audit", "verify", "-o", "text", "-o", "json=audit.json")
    assert ran.code == 1
    assert f"{commit[:12]} {PROD}: spec.release.artifact.uri" in ran.out
    assert "it came by a direct commit" in ran.out
    found = json.loads((promoted.root / "audit.json").read_text())
    assert [(one["commit"], one["field"]) for one in found["violations"]] == [(commit, "spec.release.artifact.uri")]
    assert promoted.run("audit", "verify", "--env", "staging").code == 0
    assert promoted.run("audit", "verify", "--since", commit, "--revision", commit).code == 0


@pytest.mark.parametrize("forged", ["digest", "source", "model", "nothing", "twice"])
def test_an_audit_fails_on_a_merge_whose_trailers_are_not_true(shop: Any, forged: str) -> None:
    shop.run("promote", "iris", "--to", "staging")
    message = shop.git("log", "-1", "--format=%B", "promote/staging/iris", at=shop.bare)
    lines = {
        "digest": message, "source": message.replace("Mlgitops-From: dev", "Mlgitops-From: prod"),
        "model": message.replace("Mlgitops-Model: iris", "Mlgitops-Model: rose"), "nothing": "Only a subject",
        "twice": f"{message}\nMlgitops-Model: iris",
    }[forged]  # fmt: skip
    shop.pull()
    shop.git("checkout", "--quiet", "-b", "forged")
    path = shop.root / "environments/staging/models/iris.yaml"
    version = "2.1" if forged == "digest" else "2.0"
    path.write_text(path.read_text().replace("1.0", version))
    shop.git("commit", "--quiet", "-am", lines)
    shop.git("checkout", "--quiet", "main")
    shop.git("merge", "--quiet", "--no-ff", "-m", "Merge pull request #9", "forged")
    ran = shop.run("audit", "verify", "--revision", "HEAD")
    words = {
        "digest": "the release is not the one that", "source": "where it has not been",
        "model": "no commit of the merge", "nothing": "no commit of the merge", "twice": "is there twice",
    }[forged]  # fmt: skip
    assert (ran.code, words in ran.out) == (1, True), ran.out


def test_an_audit_fails_where_the_evidence_is_another(shop: Any, model_text: Any) -> None:
    dev = model_text("dev", "2.0").replace("  serving:", "    evidence: evidence/iris.json\n  serving:")
    shop.commit({"environments/dev/models/iris.yaml": dev, "environments/dev/evidence/iris.json": "{}"})
    shop.run("promote", "iris", "--to", "staging")
    shop.git("fetch", "--quiet", str(shop.bare), "promote/staging/iris")
    shop.git("checkout", "--quiet", "FETCH_HEAD")
    (shop.root / "environments/staging/evidence/iris.json").write_text('{"metrics": {"accuracy": 1}}')
    shop.git("commit", "--quiet", "-am", "Better numbers")
    shop.git("checkout", "--quiet", "-B", "main", "HEAD~2")
    shop.git("merge", "--quiet", "--no-ff", "-m", "Merge", "HEAD@{1}")
    ran = shop.run("audit", "verify", "--revision", "HEAD", "--env", "staging")
    assert (ran.code, "spec.release.evidence" in ran.out) == (1, True), ran.out


def test_a_squashed_merge_passes_only_where_that_is_allowed(shop: Any) -> None:
    shop.run("promote", "iris", "--to", "staging")
    shop.git("fetch", "--quiet", str(shop.bare), "promote/staging/iris")
    shop.git("merge", "--quiet", "--ff-only", "FETCH_HEAD")
    assert shop.run("audit", "verify", "--revision", "HEAD").code == 1
    assert shop.run("audit", "verify", "--revision", "HEAD", "--squash").code == 0


def test_a_shallow_clone_is_refused(promoted: Any) -> None:
    clone = promoted.root.parent / "clone"
    promoted.git("clone", "--quiet", "--depth", "1", promoted.bare.as_uri(), str(clone))
    ran = promoted.run("audit", "verify", "--root", str(clone), "--revision", "HEAD")
    assert (ran.code, "the clone is shallow" in ran.err) == (1, True)


def test_a_replay_passes_over_promotions_and_rollbacks(promoted: Any) -> None:
    ran = promoted.run("audit", "verify", "--replay")
    assert (ran.code, ran.out) == (0, "Passed: 3 changes of releases in 4 commits, 3 releases taken as found.\n")


@pytest.mark.parametrize(
    ("trailer", "value", "words"),
    [
        ("Plan-Digest", "sha256:" + "2" * 64, "the plan digest is claimed to be sha256:222"),
        ("Gates", "digest-pinned=pass", "the gate digest-pinned is claimed to be pass, and was not there"),
    ],
)
def test_a_replay_fails_on_a_plan_or_a_gate_that_was_never_so(shop: Any, trailer: str, value: str, words: str) -> None:
    shop.run("promote", "iris", "--to", "staging")
    message = shop.git("log", "-1", "--format=%B", "promote/staging/iris", at=shop.bare)
    shop.git("fetch", "--quiet", str(shop.bare), "promote/staging/iris")
    shop.git("checkout", "--quiet", "FETCH_HEAD")
    lines = [f"Mlgitops-{trailer}: {value}" if f"-{trailer}:" in line else line for line in message.splitlines()]
    shop.git("commit", "--quiet", "--amend", "-m", "\n".join(lines))
    shop.git("push", "--quiet", "--force", str(shop.bare), "HEAD:refs/heads/promote/staging/iris")
    commit = shop.merge("promote/staging/iris")
    assert shop.run("audit", "verify").code == 0
    ran = shop.run("audit", "verify", "--replay")
    assert (ran.code, words in ran.out, commit[:12] in ran.out) == (1, True, True), ran.out
    assert shop.run("audit", "verify", "--replay", "--env", "prod").code == 0


def test_environments_and_versions_are_compared(promoted: Any, model_text: Any) -> None:
    promoted.pull()
    ran = promoted.run("compare", "iris", "--env", "dev", "--env", "prod")
    assert ran.code == 0
    rows = [line.split() for line in ran.out.splitlines()]
    assert rows[:2] == [["dev", "prod"], ["lineage", "version", "2.0", "1.0"]]
    versions = promoted.run("compare", "iris", "--versions", "--env", "prod", "-o", "json")
    assert [one["label"] for one in json.loads(versions.out)["releases"]] == ["1.0 (prod)", "2.0 (prod)"]
    assert promoted.run("compare", "iris", "-o", "csv").out.startswith("part,name,dev,staging,prod\n")
    assert promoted.run("compare", "nothing").code == 1


@pytest.mark.parametrize(("data", "comparable"), [("aa", True), ("ab", False)])
def test_metrics_are_compared_on_the_same_data_alone(
    shop: Any, model_text: Any, evidence_text: Any, data: str, comparable: bool
) -> None:
    for environment, digit, accuracy in (("dev", data[0], 0.97), ("prod", data[1], 0.9)):
        text = model_text(environment, "2.0").replace("  serving:", "    evidence: e.json\n  serving:")
        evidence = evidence_text(accuracy, digit)
        shop.commit(
            {f"environments/{environment}/models/iris.yaml": text, f"environments/{environment}/e.json": evidence}
        )
    ran = shop.run("compare", "iris", "--env", "dev", "--env", "prod")
    assert ("not comparable" in ran.out) is not comparable
    assert "parameter  depth" in ran.out
    assert ["metric", "accuracy", "0.97", "0.9"] in [line.split() for line in ran.out.splitlines()]


def test_the_pull_request_shows_both_metrics_and_which_is_better(
    shop: Any, model_text: Any, evidence_text: Any
) -> None:
    for environment, version, accuracy in (("dev", "2.0", 0.97), ("staging", "1.0", 0.9)):
        text = model_text(environment, version).replace("  serving:", f"    evidence: e{version}.json\n  serving:")
        measured = evidence_text(accuracy).replace('"version": "2.0"', f'"version": "{version}"')
        evidence = {f"environments/{environment}/e{version}.json": measured}
        shop.commit({f"environments/{environment}/models/iris.yaml": text, **evidence})
    shop.run("promote", "iris", "--to", "staging")
    body = shop.forge.find("promote/staging/iris").body
    assert "| <code>accuracy</code> | 0.97 | 0.9 | +0.07 (better) |" in body
