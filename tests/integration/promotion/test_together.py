"""Models that share a label, promoted together: one pull request, a commit and a claim for each, found again."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mlgitops.promotion.trailers import parse

pytestmark = pytest.mark.integration

BRANCH = "promote-group/staging/team/fraud"
HOLD = "  hold:\n    reason: slow\n"
ON_HOLD = (
    "aster left out: aster is on hold in staging: slow. Once the reason is gone: "
    "mlgitops release-hold aster --env staging\n"
)
ALL = ("promote", "--all", "--to", "staging", "--group-by", "team")


def path(environment: str, name: str) -> str:
    return f"environments/{environment}/models/{name}.yaml"


def labelled(text: str, team: str) -> str:
    return text.replace("\nspec:\n", f"\n  labels:\n    team: {team}\nspec:\n", 1)


@pytest.fixture
def teams(shop: Any, model_text: Any) -> Any:
    """Aster, birch and cedar are of team fraud, dahlia of team ads, and iris of none; all are one ahead in dev."""
    files = {}
    for name, team in (("aster", "fraud"), ("birch", "fraud"), ("cedar", "fraud"), ("dahlia", "ads")):
        files[path("dev", name)] = model_text("dev", "2.0", name)
        files[path("staging", name)] = labelled(model_text("staging", "1.0", name), team)
    shop.start_of_all = shop.commit(files)
    return shop


def commits(shop: Any, branch: str = BRANCH) -> list[tuple[str, str, str]]:
    """Model, group and the changed files of each commit of a branch that waits, oldest first."""
    ids = shop.git("rev-list", "--reverse", "--first-parent", f"main..{branch}", at=shop.bare).split()
    found = []
    for one in ids:
        trailers = parse(shop.git("log", "-1", "--format=%B", one, at=shop.bare))
        assert trailers is not None
        files = shop.git("diff", "--name-only", f"{one}^", one, at=shop.bare)
        found.append((trailers.model, trailers.group, files))
    return found


def verified(shop: Any, branch: str = BRANCH) -> Any:
    shop.git("fetch", "--quiet", str(shop.bare), "+refs/heads/main:refs/remotes/origin/main", branch)
    shop.git("checkout", "--quiet", "--detach", shop.git("rev-parse", branch, at=shop.bare))
    ran = shop.run("gates", "--base", "refs/remotes/origin/main", "--post")
    shop.git("checkout", "--quiet", "main")
    return ran


def test_one_pull_request_for_each_value_and_one_for_each_model_without(teams: Any) -> None:
    ran = teams.run(*ALL)
    assert (ran.code, ran.err) == (0, "")
    assert set(teams.open_pulls()) == {BRANCH, "promote-group/staging/team/ads", "promote/staging/iris"}
    assert commits(teams) == [(name, "team=fraud", path("staging", name)) for name in ("aster", "birch", "cedar")]
    pull = teams.forge.find(BRANCH)
    assert pull.title == "Promote 3 models of team=fraud from dev to staging"
    assert set(pull.labels) == {"mlgitops-promote", "env-staging"}
    assert pull.body.count("<summary><code>") >= 3


def test_each_promotion_is_in_the_audit_and_in_the_history(teams: Any) -> None:
    teams.run(*ALL)
    assert verified(teams).code == 0
    teams.merge(BRANCH)
    assert teams.run("audit", "verify", "--since", teams.start_of_all).code == 0
    for name in ("aster", "birch", "cedar"):
        events = json.loads(teams.run("history", name, "--env", "staging", "-o", "json").out)["events"]
        assert [(one["version"], one["kind"]) for one in events] == [("1.0", ""), ("2.0", "promote")]
        assert events[-1]["pullRequest"] is not None
        teams.promoted("rollback", name, "--env", "staging")


def test_a_group_that_was_squashed_is_told_apart_by_its_paragraphs(teams: Any) -> None:
    teams.run(*ALL)
    said = teams.git("log", "--reverse", "--format=* %B", f"main..{BRANCH}", at=teams.bare)
    teams.git("fetch", "--quiet", str(teams.bare), BRANCH)
    teams.git("merge", "--quiet", "--squash", "FETCH_HEAD")
    teams.git("commit", "--quiet", "-m", f"Promote 3 models (#1)\n\n{said}")
    ran = teams.run("audit", "verify", "--squash", "--since", teams.start_of_all, "--revision", "HEAD")
    assert (ran.code, ran.out.startswith("Passed: 3 changes")) == (0, True), ran.out


def test_a_second_run_changes_nothing(teams: Any) -> None:
    teams.run(*ALL)
    before = teams.git("show-ref", at=teams.bare)
    again = teams.run(*ALL)
    assert (again.code, again.out.count("unchanged")) == (0, 3)
    assert teams.git("show-ref", at=teams.bare) == before


def test_models_come_in_and_drop_out_of_the_same_pull_request(teams: Any, model_text: Any) -> None:
    teams.commit({path("dev", "cedar"): model_text("dev", "1.0", "cedar").replace("# dev", "# staging")})
    teams.run(*ALL)
    assert [model for model, *_ in commits(teams)] == ["aster", "birch"]
    number, first = teams.forge.find(BRANCH).number, teams.git("rev-parse", BRANCH, at=teams.bare)
    held = labelled(model_text("staging", "1.0", "aster"), "fraud") + HOLD
    teams.commit({path("dev", "cedar"): model_text("dev", "3.0", "cedar"), path("staging", "aster"): held})
    ran = teams.run(*ALL)
    assert (ran.code, ran.err) == (0, ON_HOLD)
    assert f"Promote 2 models of team=fraud from dev to staging: pull request {number} updated" in ran.out
    teams.git("merge-base", "--is-ancestor", first, BRANCH, at=teams.bare)  # never forced
    changed = teams.git("diff", "--name-only", "main", BRANCH, at=teams.bare).split()
    assert changed == [path("staging", "birch"), path("staging", "cedar")]
    checked = verified(teams)
    assert (checked.code, "aster" in checked.out) == (0, False), checked.out
    teams.merge(BRANCH)
    assert 'version: "1.0"' in teams.file(path("staging", "aster"))
    assert 'version: "3.0"' in teams.file(path("staging", "cedar"))
    before = teams.git("rev-parse", "main^1", at=teams.bare)
    assert teams.run("audit", "verify", "--since", before).code == 0


def test_the_first_of_a_group_drops_out_without_the_last_one_changing(teams: Any, model_text: Any) -> None:
    teams.run(*ALL)
    held = labelled(model_text("staging", "1.0", "aster"), "fraud") + HOLD
    teams.commit({path("staging", "aster"): held})
    assert "updated" in teams.run(*ALL).out
    changed = teams.git("diff", "--name-only", "main", BRANCH, at=teams.bare).split()
    assert changed == [path("staging", "birch"), path("staging", "cedar")]


def test_a_gate_keeps_one_model_out_and_the_others_go(teams: Any) -> None:
    environment = "environments/staging/environment.yaml"
    gate = "      - name: not-birch\n        expression: '!release.artifact.uri.contains(\"birch\")'\n"
    teams.commit({environment: teams.file(environment) + f"  promotion:\n    gates:\n{gate}"})
    ran = teams.run(*ALL)
    assert (ran.code, "birch left out: birch 2.0 may not come to staging yet: not-birch" in ran.err) == (0, True)
    assert [model for model, *_ in commits(teams)] == ["aster", "cedar"]
    assert verified(teams).code == 0


def test_a_forged_commit_of_a_group_fails_naming_it(teams: Any) -> None:
    teams.run(*ALL)
    teams.git("fetch", "--quiet", str(teams.bare), "+refs/heads/main:refs/remotes/origin/main", BRANCH)
    teams.git("checkout", "--quiet", "--detach", teams.git("rev-parse", BRANCH, at=teams.bare))
    file = teams.root / path("staging", "birch")
    file.write_text(file.read_text().replace("birch/2.0", "birch/6.6"))
    teams.git("commit", "--quiet", "--all", "--amend", "--no-edit")
    ran = teams.run("gates", "--base", "refs/remotes/origin/main")
    assert (ran.code, "promote birch in staging 2.0: failed" in ran.out) == (1, True), ran.out
    assert "promote aster in staging 2.0: verified" in ran.out


def test_a_dry_run_shows_every_commit_and_pushes_nothing(teams: Any) -> None:
    before = teams.git("show-ref", at=teams.bare)
    ran = teams.run(*ALL, "--dry-run")
    assert (ran.code, teams.git("show-ref", at=teams.bare)) == (0, before)
    assert f"branch: {BRANCH}\ntitle: Promote 3 models of team=fraud from dev to staging\n" in ran.out
    assert ran.out.count("\n    Mlgitops-Group: team=fraud") == 3


def test_the_base_model_may_carry_the_label(teams: Any, model_text: Any) -> None:
    base = (
        "apiVersion: mlgitops.dev/v1alpha1\nkind: Model\nmetadata:\n  name: iris\n  labels:\n    team: ads\nspec: {}\n"
    )
    teams.commit({"models/iris.yaml": base})
    teams.run(*ALL)
    assert [model for model, *_ in commits(teams, "promote-group/staging/team/ads")] == ["dahlia", "iris"]


def test_a_label_that_no_model_has_is_said(teams: Any) -> None:
    ran = teams.run("promote", "--all", "--to", "staging", "--group-by", "tema")
    assert (ran.code, teams.open_pulls()) == (1, [])
    assert "no model of staging has the label 'tema'" in ran.err
    assert "did you mean 'team'?" in ran.err


def test_a_value_that_no_branch_can_be_called_by_fails_alone(teams: Any, model_text: Any) -> None:
    odd = labelled(model_text("staging", "1.0", "aster"), '"a..b"')
    teams.commit({path("staging", "aster"): odd})
    ran = teams.run(*ALL)
    assert (ran.code, "aster failed: team=a..b: no branch can have that name" in ran.err) == (1, True)
    assert BRANCH in teams.open_pulls()


@pytest.mark.parametrize(
    "arguments", [("iris", "--group-by", "team"), ("--all", "--version", "1", "--group-by", "team")]
)
def test_grouping_goes_with_all_alone(shop: Any, arguments: tuple[str, ...]) -> None:
    assert shop.run("promote", *arguments, "--to", "staging").code == 64


@pytest.mark.slow
def test_ten_that_promote_a_group_at_once_open_one_pull_request(teams: Any) -> None:
    running = [teams.beside(*ALL) for _ in range(10)]
    ended = [process.ended() for process in running]
    assert [ran.code for ran in ended] == [0] * 10, ended
    records = teams.git("ls-tree", "--name-only", "refs/mlgitops/forge", "pull-requests/", at=teams.bare)
    assert len([name for name in records.splitlines() if name.endswith(".json")]) == 3
    changed = teams.git("diff", "--name-only", "main", BRANCH, at=teams.bare).split()
    assert changed == [path("staging", name) for name in ("aster", "birch", "cedar")]
