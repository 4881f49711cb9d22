"""``mlgitops release --evidence-from``: a release and what was measured of it come by one pull request."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.integration

NEW = ("release", "iris", "--env", "dev", "--version", "3.0", "--artifact", "s3://models/iris/3.0")
DIGEST = "sha256:" + "cd" * 32
BRANCH = "release/dev/iris"
FILE = "environments/dev/evidence/iris/3.0.json"


@pytest.fixture
def evidence(shop: Any, tmp_path: Path) -> Path:
    """A file of evidence about iris 3.0."""
    metrics, path = tmp_path / "metrics.json", tmp_path / "evidence.json"
    metrics.write_text('{"accuracy": 0.97}')
    begun = shop.run("evidence", "begin", "iris", "--version=3.0", f"--from={metrics}", f"--to={path}")
    assert begun.code == 0, begun.err
    return path


def test_the_evidence_comes_with_its_release(shop: Any, evidence: Path) -> None:
    shop.promoted(*NEW, "--digest", DIGEST, "--evidence-from", str(evidence))

    written = json.loads(shop.file(FILE))
    assert "evidence: evidence/iris/3.0.json" in shop.file("environments/dev/models/iris.yaml")
    assert written["metrics"] == [{"name": "accuracy", "value": 0.97, "higherIsBetter": True}]
    assert written["artifactDigest"] == DIGEST
    assert written["releaseDigest"].startswith("sha256:")
    assert shop.run("audit", "verify").code == 0
    gates = shop.run("gates", "iris", "--env", "staging", "--from", "dev")
    assert "is not about this release" not in gates.out + gates.err


def test_a_second_run_finds_the_same_pull_request(shop: Any, evidence: Path) -> None:
    asked = (*NEW, "--evidence-from", str(evidence))
    assert "pull request 1 opened" in shop.run(*asked).out
    assert "pull request 1 unchanged" in shop.run(*asked).out
    shop.merge("release/dev/iris")
    assert "dev has that release of iris already" in shop.run(*asked).out


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("model", "rose", "its model is rose"),
        ("version", "2.9", "its version is 2.9"),
        ("metrics", 1, "the evidence cannot be used"),
    ],
)
def test_evidence_about_another_release_is_refused(
    shop: Any, evidence: Path, field: str, value: Any, told: str
) -> None:
    evidence.write_text(json.dumps({**json.loads(evidence.read_text()), field: value}))
    ran = shop.run(*NEW, "--evidence-from", str(evidence))
    assert (ran.code, told in ran.err) == (1, True), ran.err
    assert shop.open_pulls() == []


def test_evidence_is_named_or_brought_along_but_not_both(shop: Any, evidence: Path) -> None:
    ran = shop.run(*NEW, "--evidence", "evidence/iris/3.0.json", "--evidence-from", str(evidence))
    assert (ran.code, "--evidence-from" in ran.err) == (64, True)


def test_evidence_that_was_changed_on_the_branch_is_not_what_was_proposed(shop: Any, evidence: Path) -> None:
    asked = (*NEW, "--evidence-from", str(evidence))
    assert "pull request 1 opened" in shop.run(*asked).out
    shop.git("fetch", "--quiet", str(shop.bare), BRANCH)
    shop.git("checkout", "--quiet", "-B", "edited", "FETCH_HEAD")
    assert shop.run("gates", "--base", "main").code == 0
    text = (shop.root / FILE).read_text()
    for edited, told in ((text.replace("0.97", "0.99") + " ", "is not what the release makes of it"),
                         (text.replace('"iris"', '"rose"'), "its model is rose")):  # fmt: skip
        (shop.root / FILE).write_text(edited)
        shop.git("commit", "--quiet", "--all", "--amend", "--no-edit")
        ran = shop.run("gates", "--base", "main")
        assert (ran.code, told in ran.out + ran.err) == (1, True), ran.out + ran.err
