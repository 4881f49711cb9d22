"""What an audit finds beside release blocks: holds; and what it leaves to others: evidence."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.integration

MODEL = "environments/staging/models/iris.yaml"
EVIDENCE = "environments/staging/evidence/iris/2.0.json"


@pytest.fixture
def measured(shop: Any, model_text: Any, evidence_text: Any) -> Any:
    """Iris 2.0 has come to staging with its evidence."""
    text = model_text("dev", "2.0").replace("  serving:", "    evidence: evidence/iris/2.0.json\n  serving:")
    path = EVIDENCE.replace("staging", "dev")
    shop.commit({"environments/dev/models/iris.yaml": text, path: evidence_text(0.7)})
    shop.promoted("promote", "iris", "--to", "staging")
    return shop


def verified(shop: Any) -> tuple[int, str]:
    ran = shop.run("audit", "verify", "--env", "staging", "--env", "prod")
    return ran.code, ran.out


def without_hold(text: str) -> str:
    lines = text.splitlines(keepends=True)
    start = next(at for at, line in enumerate(lines) if line.startswith("  hold:"))
    end = next((at for at in range(start + 1, len(lines)) if not lines[at].startswith("   ")), len(lines))
    return "".join(lines[:start] + lines[end:])


def test_evidence_that_came_with_its_release_is_in_order(measured: Any) -> None:
    assert verified(measured) == (0, "Passed: 1 change of releases in 3 commits, 2 releases taken as found.\n")


def test_evidence_may_be_added_where_a_release_runs(measured: Any, evidence_text: Any) -> None:
    measured.commit({EVIDENCE: evidence_text(0.99)})
    assert verified(measured)[0] == 0


def test_a_hold_is_lifted_by_its_verb_alone(measured: Any) -> None:
    measured.promoted("rollback", "iris", "--env", "staging", "--reason", "slow")
    assert verified(measured)[0] == 0
    measured.promoted("release-hold", "iris", "--env", "staging")
    assert verified(measured) == (0, "Passed: 3 changes of releases in 5 commits, 2 releases taken as found.\n")


def test_a_hold_that_a_direct_commit_takes_away_is_found(measured: Any) -> None:
    measured.promoted("rollback", "iris", "--env", "staging", "--reason", "slow")
    measured.pull()
    commit = measured.commit({MODEL: without_hold(measured.file(MODEL))})
    code, out = verified(measured)
    assert (code, f"{commit[:12]} {MODEL}: spec.hold" in out) == (1, True), out
    assert len(measured.run("history", "iris", "--env", "staging", "-o", "csv").out.splitlines()) == 1 + 3


def test_a_hold_may_be_set_by_hand(measured: Any) -> None:
    measured.pull()
    measured.commit({MODEL: measured.file(MODEL) + "  hold:\n    reason: the audit of the year\n"})
    assert verified(measured)[0] == 0


@pytest.mark.parametrize("lifts", [True, False])
def test_a_pull_request_that_lifts_a_hold_by_hand_fails(measured: Any, lifts: bool) -> None:
    measured.promoted("rollback", "iris", "--env", "staging", "--reason", "slow")
    measured.pull()
    text = measured.file(MODEL)
    assert "\n  hold:" in text
    (measured.root / MODEL).write_text(without_hold(text) if lifts else text.replace("max: 3", "max: 4"))
    measured.git("checkout", "--quiet", "-b", "by-hand")
    measured.git("commit", "--quiet", "--all", "-m", "By hand")
    ran = measured.run("gates", "--base", "main")
    told = "no commit of the pull request has a promotion's trailers" in ran.out
    assert (ran.code, told) == (int(lifts), lifts), ran.out
