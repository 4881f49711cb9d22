"""Promotions through a real bare repository: one pull request, found again, and nothing else is ever changed."""

from __future__ import annotations

import difflib
from typing import Any

import pytest

from mlgitops.forges import TextLimits
from mlgitops.forges.local import LocalForge
from mlgitops.promotion.trailers import parse
from mlgitops.workflows.promotion import proposal

pytestmark = pytest.mark.integration

IRIS = "environments/prod/models/iris.yaml"
BRANCH = "promote/staging/iris"
HOLD = "  hold:\n    reason: slow\n"
PRICES = """\
  prices:
    currency: EUR
    perHour: {onprem: {source: rate card 7, asOf: 2026-11-01, resources: {cpu: 0.05}}}
"""


def changed_lines(old: str, new: str) -> list[str]:
    lines = difflib.unified_diff(old.splitlines(), new.splitlines(), lineterm="", n=0)
    return [line for line in lines if line[:1] in "+-" and line[:3] not in ("---", "+++")]


def test_the_release_is_copied_and_every_other_byte_is_kept(shop: Any) -> None:
    path = "environments/staging/models/iris.yaml"
    before = shop.file(path)
    ran = shop.run("promote", "iris", "--to", "staging")
    assert (ran.code, ran.err) == (0, "")
    assert "pull request 1 opened" in ran.out
    assert changed_lines(before, shop.file(path, BRANCH)) == [
        '-    version: "1.0" # staging', '+    version: "2.0" # dev',
        "-      uri: s3://models/iris/1.0", "+      uri: s3://models/iris/2.0",
    ]  # fmt: skip
    assert shop.git("diff", "--name-only", "main", BRANCH, at=shop.bare) == path


def test_the_commit_is_signed_off_and_its_trailers_say_what_it_is(shop: Any) -> None:
    shop.run("promote", "iris", "--from", "dev", "--to", "staging")
    message = shop.git("log", "-1", "--format=%B", BRANCH, at=shop.bare)
    trailers = parse(message)
    assert trailers is not None
    assert (trailers.model, trailers.source, trailers.target) == ("iris", "dev", "staging")
    assert trailers.actor == trailers.signed_off_by == "Test <test@example.com>"
    assert trailers.release_digest.startswith("sha256:")
    assert shop.git("rev-list", "--count", f"main..{BRANCH}", at=shop.bare) == "1"


def test_the_work_tree_the_index_and_the_own_branches_are_left_alone(shop: Any) -> None:
    (shop.root / "new").write_text("1")
    (shop.root / IRIS).write_text("in the middle of something")
    before = shop.git("status", "--porcelain"), shop.git("for-each-ref", "refs/heads"), shop.git("rev-parse", "HEAD")
    assert shop.run("promote", "iris", "--to", "staging").code == 0
    assert (
        shop.git("status", "--porcelain"),
        shop.git("for-each-ref", "refs/heads"),
        shop.git("rev-parse", "HEAD"),
    ) == before


def test_a_second_run_changes_nothing(shop: Any) -> None:
    shop.run("promote", "iris", "--to", "staging")
    before = shop.git("show-ref", at=shop.bare)
    ran = shop.run("promote", "iris", "--to", "staging")
    assert (ran.code, "pull request 1 unchanged" in ran.out) == (0, True)
    assert shop.git("show-ref", at=shop.bare) == before


def test_an_unrelated_change_of_the_protected_branch_leaves_the_pull_request_as_it_is(shop: Any) -> None:
    shop.run("promote", "iris", "--to", "staging")
    before = shop.git("rev-parse", BRANCH, at=shop.bare)
    shop.commit({"README.md": "more"})
    assert "unchanged" in shop.run("promote", "iris", "--to", "staging").out
    assert shop.git("rev-parse", BRANCH, at=shop.bare) == before


def test_a_newer_release_and_a_changed_target_update_the_same_pull_request(shop: Any, model_text: Any) -> None:
    shop.run("promote", "iris", "--to", "staging")
    first = shop.git("rev-parse", BRANCH, at=shop.bare)
    staging = model_text("staging", "1.0").replace("max: 3", "max: 4")
    shop.commit({
        "environments/dev/models/iris.yaml": model_text("dev", "3.0"), "environments/staging/models/iris.yaml": staging,
    })  # fmt: skip
    ran = shop.run("promote", "iris", "--to", "staging")
    assert "Promote iris 3.0 from dev to staging: pull request 1 updated" in ran.out
    shop.git("merge-base", "--is-ancestor", first, BRANCH, at=shop.bare)  # never forced
    pull = shop.forge.find(BRANCH)
    assert (pull.number, pull.title, pull.mergeable) == (1, "Promote iris 3.0 from dev to staging", None)
    shop.merge(BRANCH)
    merged = shop.file("environments/staging/models/iris.yaml")
    assert "max: 4" in merged
    assert 'version: "3.0"' in merged


def test_what_somebody_else_put_on_the_branch_does_not_travel_along(shop: Any) -> None:
    shop.run("promote", "iris", "--to", "staging")
    shop.git("fetch", "--quiet", str(shop.bare), BRANCH)
    shop.git("checkout", "--quiet", "--detach", "FETCH_HEAD")
    (shop.root / "extra").write_text("x")
    shop.git("add", "extra")
    shop.git("commit", "--quiet", "-m", "Something else")
    shop.git("push", "--quiet", str(shop.bare), f"HEAD:refs/heads/{BRANCH}")
    shop.git("checkout", "--quiet", "main")
    assert "updated" in shop.run("promote", "iris", "--to", "staging").out
    assert shop.git("diff", "--name-only", "main", BRANCH, at=shop.bare) == "environments/staging/models/iris.yaml"


class KilledError(BaseException):
    """Ends a run as a signal would."""


def promote_until_killed(shop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A promotion that ends between the push and the pull request."""

    def killed(*_: Any) -> Any:
        raise KilledError

    with monkeypatch.context() as patch:
        patch.setattr(proposal, "_new", killed)
        with pytest.raises(KilledError):
            shop.run("promote", "iris", "--to", "staging")


def test_a_run_that_was_killed_before_the_pull_request_was_opened_is_completed(
    shop: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    promote_until_killed(shop, monkeypatch)
    pushed = shop.git("rev-parse", BRANCH, at=shop.bare)
    assert shop.open_pulls() == []
    monkeypatch.setattr(proposal, "OPENING_LOOKS", 1)
    monkeypatch.setattr(proposal, "POLL_SECONDS", 0.1)
    assert "pull request 1 opened" in shop.run("promote", "iris", "--to", "staging").out
    assert shop.git("rev-parse", BRANCH, at=shop.bare) == pushed
    assert shop.open_pulls() == [BRANCH]


def test_the_run_that_moved_the_branch_opens_the_pull_request_and_the_others_wait_for_it(
    shop: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    promote_until_killed(shop, monkeypatch)

    with monkeypatch.context() as waiting:

        def meanwhile(*_: Any) -> int:
            waiting.undo()
            monkeypatch.setattr(proposal, "OPENING_LOOKS", 0)
            assert "pull request 1 opened" in shop.run("promote", "iris", "--to", "staging").out
            return 1

        waiting.setattr(proposal, "_patience", meanwhile)
        ran = shop.run("promote", "iris", "--to", "staging")
    assert "pull request 1 unchanged" in ran.out
    assert "waiting for the pull request" in ran.err


def test_a_branch_that_was_merged_is_used_again(shop: Any, model_text: Any) -> None:
    shop.promoted("promote", "iris", "--to", "staging")
    assert "staging has that release of iris already" in shop.run("promote", "iris", "--to", "staging").out
    shop.commit({"environments/dev/models/iris.yaml": model_text("dev", "3.0")})
    assert "pull request 2 opened" in shop.run("promote", "iris", "--to", "staging").out
    assert shop.git("rev-list", "--count", f"main..{BRANCH}", at=shop.bare) == "1"


@pytest.mark.slow
def test_twenty_promotions_of_one_model_at_once_give_one_pull_request(shop: Any) -> None:
    running = [shop.beside("promote", "iris", "--to", "staging") for _ in range(20)]
    ended = [process.ended() for process in running]
    assert [ran.code for ran in ended] == [0] * 20, ended
    assert shop.open_pulls() == [BRANCH]
    records = shop.git("ls-tree", "-r", "--name-only", "refs/mlgitops/forge", "pull-requests/", at=shop.bare)
    assert len(records.splitlines()) == 1
    assert shop.git("diff", "--name-only", "main", BRANCH, at=shop.bare) == "environments/staging/models/iris.yaml"


@pytest.mark.slow
def test_promotions_of_many_models_at_once_all_land(shop: Any, model_text: Any) -> None:
    """Of twenty, see tests/integration/gitea/test_at_once.py: here each has the others begin anew."""
    names = [f"model-{number}" for number in range(8)]
    start = shop.commit({
        f"environments/{environment}/models/{name}.yaml": model_text(environment, version, name)
        for name in names for environment, version in (("dev", "2.0"), ("staging", "1.0"))
    })  # fmt: skip
    running = [shop.beside("promote", name, "--to", "staging") for name in names]
    ended = [process.ended() for process in running]
    assert [ran.code for ran in ended] == [0] * 8, ended
    for name in names:
        shop.merge(f"promote/staging/{name}")
    assert all('version: "2.0"' in shop.file(f"environments/staging/models/{name}.yaml") for name in names)
    assert shop.run("audit", "verify", "--since", start).code == 0


def test_all_promotes_what_differs_and_leaves_out_what_is_on_hold(shop: Any, model_text: Any) -> None:
    shop.commit({
        "environments/dev/models/rose.yaml": model_text("dev", "2.0", "rose"),
        "environments/staging/models/rose.yaml": model_text("staging", "2.0", "rose").replace("# staging", "# dev"),
        "environments/dev/models/held.yaml": model_text("dev", "2.0", "held"),
        "environments/staging/models/held.yaml": model_text("staging", "1.0", "held") + HOLD,
        "environments/dev/models/only-dev.yaml": model_text("dev", "1.0", "only-dev"),
    })  # fmt: skip
    ran = shop.run("promote", "--all", "--to", "staging")
    assert (ran.code, ran.err) == (
        0,
        "only-dev left out: staging has no file of it, and there is no models/only-dev.yaml to make one from. "
        "Write models/only-dev.yaml.\n"
        "held left out: held is on hold in staging: slow. Once the reason is gone: "
        "mlgitops release-hold held --env staging\n",
    )
    assert shop.open_pulls() == [BRANCH]


def test_all_brings_models_that_are_new_to_an_environment_and_names_those_that_cannot_come(
    shop: Any, model_text: Any
) -> None:
    files = {}
    for name in ("bare", "empty", "gone", "rose"):
        text = model_text("dev", "1.0", name)
        head, serving = text.split("  release:")[0], "  serving:" + text.split("  serving:")[1]
        files[f"models/{name}.yaml"] = head + (" {}\n" if name == "bare" else serving)
        files[f"environments/dev/models/{name}.yaml"] = head + serving if name == "empty" else text
    files["models/bare.yaml"] = files["models/bare.yaml"].replace("spec:\n {}", "spec: {}")
    files["environments/dev/models/gone.yaml"] += "  lifecycle: {stage: retired}\n"
    shop.commit(files)
    ran = shop.run("promote", "--all", "--to", "staging")
    assert (ran.code, set(shop.open_pulls())) == (0, {BRANCH, "promote/staging/rose"}), ran.err
    assert [line.partition(" left out: ")[::2] for line in ran.err.splitlines()] == [
        ("empty", "empty has no release in dev. See what there is: mlgitops history empty"),
        ("gone", "gone is retired in dev. Set lifecycle.stage to active in dev first."),
        ("bare", "a file of its own would not do in staging: environments/staging/models/bare.yaml:5:1: "
                 "the model's format is not given. Correct that file on the branch, then run this again."),
    ]  # fmt: skip
    ran = shop.run("promote", "--all", "--to", "staging", "--group-by", "team")
    assert (ran.code, "no model of staging has the label 'team'" in ran.err) == (1, True)


def test_a_forge_that_takes_little_text_is_told_where_the_rest_is_and_left_alone_the_second_time(
    shop: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LocalForge, "limits", TextLimits(title=400, body=1_500, comment=9_000, description=400))
    shop.run("promote", "iris", "--to", "staging")
    body = shop.forge.find(BRANCH).body
    assert len(body) <= 1_500
    again = "mlgitops promote iris --from dev --to staging --dry-run"
    assert f"The whole text is what `{again}` prints." in body
    assert shop.run(*again.split()[1:]).code == 0
    assert "pull request 1 unchanged" in shop.run("promote", "iris", "--to", "staging").out


def test_a_dry_run_prints_the_pull_request_and_pushes_nothing(shop: Any) -> None:
    before = shop.git("show-ref", at=shop.bare)
    ran = shop.run("promote", "iris", "--to", "staging", "--dry-run")
    assert ran.code == 0
    assert "title: Promote iris 2.0 from dev to staging" in ran.out
    assert "Mlgitops-Release-Digest: sha256:" in ran.out
    assert shop.git("show-ref", at=shop.bare) == before


def test_what_it_costs_is_told_by_the_prices_in_git(shop: Any, model_text: Any) -> None:
    project = (shop.root / "mlgitops.yaml").read_text()
    text = model_text("dev", "1.0", "rose").replace("  serving:\n", "  serving:\n    resources: {cpu: '1'}\n")
    head, serving = text.split("  release:")[0], "  serving:" + text.split("  serving:")[1]
    shop.commit({"models/rose.yaml": head + serving, "environments/dev/models/rose.yaml": text})
    promote = ("promote", "rose", "--to", "staging", "--dry-run")
    assert "- cost: not known" in shop.run(*promote).out
    shop.commit({"mlgitops.yaml": project + PRICES})
    told = "+36.50 EUR a month, +109.50 with the most replicas"
    missing = "no price for memory at staging-here"
    assert f"- cost: {told}; {missing}\n" in shop.run(*promote).out


def test_a_budget_keeps_out_what_makes_an_environment_dearer_and_says_so_as_a_gate(shop: Any, model_text: Any) -> None:
    project = (shop.root / "mlgitops.yaml").read_text()
    path = "environments/staging/environment.yaml"
    environment = (shop.root / path).read_text()

    def bounded(monthly: int, level: str) -> dict[str, str]:
        return {path: f"{environment}  budget: {{monthly: {monthly}, level: {level}}}\n"}

    own = model_text("dev", "1.0", "rose")
    rose = {"models/rose.yaml": _base(model_text), "environments/dev/models/rose.yaml": own}
    shop.commit({"mlgitops.yaml": project + PRICES, **rose, **bounded(1, "block")})
    ran = shop.run("promote", "rose", "--to", "staging")
    assert (ran.code, "rose 1.0 may not come to staging yet: budget: " in ran.err) == (1, True)
    shop.commit(bounded(1, "warn"))
    assert "Mlgitops-Gates: budget=warn" in shop.run("promote", "rose", "--to", "staging", "--dry-run").out
    shop.commit(bounded(100_000, "block"))
    shop.promoted("promote", "rose", "--to", "staging")
    assert 'version: "1.0"' in shop.file("environments/staging/models/rose.yaml")


def _base(model_text: Any) -> str:
    """The part of a model's text that is the same in every environment."""
    text = model_text("dev", "1.0", "rose")
    return str(text.split("  release:")[0] + "  serving:" + text.split("  serving:")[1])


def test_an_older_release_of_the_source_can_be_promoted(shop: Any, model_text: Any) -> None:
    shop.commit({"environments/dev/models/iris.yaml": model_text("dev", "3.0")})
    shop.promoted("promote", "iris", "--to", "staging", "--version", "2.0")
    assert 'version: "2.0"' in shop.file("environments/staging/models/iris.yaml")
    ran = shop.run("promote", "iris", "--to", "staging", "--version", "9")
    assert (ran.code, "it has been: 3.0, 2.0" in ran.err) == (1, True)


def test_evidence_travels_with_its_release(shop: Any, model_text: Any, evidence_text: Any) -> None:
    dev = model_text("dev", "2.0").replace("  serving:", "    evidence: evidence/iris-2.json\n  serving:")
    evidence = evidence_text(0.97)
    start = shop.commit({"environments/dev/models/iris.yaml": dev, "environments/dev/evidence/iris-2.json": evidence})
    shop.promoted("promote", "iris", "--to", "staging")
    assert shop.file("environments/staging/evidence/iris-2.json") == evidence
    assert shop.run("audit", "verify", "--since", start).code == 0


def test_evidence_of_another_release_is_compared_with_nothing(shop: Any, model_text: Any, evidence_text: Any) -> None:
    dev = model_text("dev", "2.0").replace("  serving:", "    evidence: evidence/iris/2.0.json\n  serving:")
    shop.commit({
        "environments/dev/models/iris.yaml": dev, "environments/dev/evidence/iris/2.0.json": evidence_text(0.97),
    })  # fmt: skip
    release = ("release", "iris", "--env", "dev", "--version", "9.9", "--artifact", "s3://models/iris/9.9")
    told = shop.run(*release, "--evidence", "evidence/iris/2.0.json", "--dry-run").out
    assert "on the same data" not in told
    assert "- metrics: not comparable: the proposed release's evidence is about another one: its version is 2.0" in told
    assert "| accuracy | 0.97 |" not in told
    shop.pull()
    iris = "environments/staging/models/iris.yaml"
    (shop.root / iris).write_text(
        model_text("staging", "1.0").replace("  serving:", "    evidence: e.json\n  serving:")
    )
    (shop.root / "environments/staging/e.json").write_text(evidence_text(0.5))
    csv = shop.run("compare", "iris", "--env", "dev", "--env", "staging", "-o", "csv").out
    assert ("0.97" in csv, "0.5" in csv) == (True, False), csv


def test_a_model_that_is_new_to_an_environment_gets_a_file_of_its_own(shop: Any, model_text: Any) -> None:
    text = model_text("dev", "1.0", "rose")
    head, serving = text.split("  release:")[0], "  serving:" + text.split("  serving:")[1]
    shop.commit({"models/rose.yaml": head + serving, "environments/dev/models/rose.yaml": text})
    shop.promoted("promote", "rose", "--to", "staging")
    assert 'version: "1.0"' in shop.file("environments/staging/models/rose.yaml")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("promote", "irsi", "--to", "staging"), "did you mean 'iris'?"),
        (("promote", "iris", "--to", "stagin"), "did you mean 'staging'?"),
        (("promote", "iris", "--to", "dev"), "the first environment"),
        (("promote", "iris", "--from", "prod", "--to", "prod"), "cannot be promoted to itself"),
        (("rollback", "iris", "--env", "prod"), "by mlgitops promote or mlgitops release"),
        (("rollback", "iris", "--env", "prod", "--to", "1.0"), "runs 1.0 in prod already"),
        (("rollback", "iris", "--env", "prod", "--to", "7"), "has never been in prod"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_said(shop: Any, arguments: tuple[str, ...], words: str) -> None:
    ran = shop.run(*arguments)
    assert (ran.code, ran.out) == (1, "")
    assert words in ran.err


def test_without_a_forge_nothing_can_be_promoted(shop: Any) -> None:
    project = (shop.root / "mlgitops.yaml").read_text()
    (shop.root / "mlgitops.yaml").write_text(project.split("  forge:")[0])
    ran = shop.run("promote", "iris", "--to", "staging")
    assert (ran.code, "Add spec.forge to mlgitops.yaml" in ran.err) == (1, True)


def test_a_release_that_would_not_render_is_refused_before_anything_is_pushed(shop: Any, model_text: Any) -> None:
    shop.commit(
        {"environments/dev/models/iris.yaml": model_text("dev", "2.0").replace("s3://models", "hdfss://models")}
    )
    before = shop.git("show-ref", at=shop.bare)
    ran = shop.run("promote", "iris", "--to", "staging")
    assert (ran.code, "error[" in ran.err) == (1, True)
    assert shop.git("show-ref", at=shop.bare) == before


def test_a_link_is_never_written_through(shop: Any) -> None:
    path = shop.root / "environments/staging/models/iris.yaml"
    path.unlink()
    path.symlink_to("../../prod/models/iris.yaml")
    shop.git("commit", "--quiet", "-am", "A link")
    shop.git("push", "--quiet", str(shop.bare), "HEAD:main")
    ran = shop.run("promote", "iris", "--to", "staging")
    assert (ran.code, "is a link" in ran.err) == (1, True)


def test_a_secret_in_a_release_is_in_no_pull_request_and_no_output(shop: Any, model_text: Any) -> None:
    canary = "ghp_" + "c4n4ry" * 6
    uri = f"https://user:{canary}@models.example.com/iris"
    shop.commit({"environments/dev/models/iris.yaml": model_text("dev", "2.0").replace("s3://models/iris/2.0", uri)})
    ran = shop.run("promote", "iris", "--to", "staging")
    dry = shop.run("promote", "iris", "--to", "staging", "--dry-run")
    pull = shop.forge.find(BRANCH)
    assert canary not in "".join([ran.out, ran.err, dry.out, dry.err, pull.body if pull else ""])


def with_gates(shop: Any, gates: str) -> None:
    path = "environments/staging/environment.yaml"
    shop.commit({path: shop.file(path) + f"  promotion:\n    labels: [risk]\n    gates:\n{gates}"})


def test_a_gate_that_blocks_keeps_the_release_out_and_a_dry_run_shows_why(shop: Any) -> None:
    with_gates(shop, "      - uses: digest-pinned\n")
    ran = shop.run("promote", "iris", "--to", "staging")
    assert (ran.code, shop.open_pulls()) == (1, [])
    assert "iris 2.0 may not come to staging yet: digest-pinned" in ran.err
    assert "❌ blocks" in shop.run("promote", "iris", "--to", "staging", "--dry-run").out
    every = shop.run("promote", "--all", "--to", "staging")
    assert (every.code, "iris left out" in every.err) == (0, True)


def test_a_gate_that_warns_is_shown_and_written_into_the_commit(shop: Any) -> None:
    with_gates(shop, "      - uses: digest-pinned\n        level: warn\n")
    shop.promoted("promote", "iris", "--to", "staging")
    message = shop.git("log", "-1", "--format=%B", BRANCH, at=shop.bare)
    assert "Mlgitops-Gates: digest-pinned=warn\n" in message
    pull = shop.forge.pull_request(1)
    assert "⚠️ warns" in pull.body
    assert set(pull.labels) == {"mlgitops-promote", "env-staging", "risk"}
    assert "digest-pinned=warn" in shop.run("history", "iris", "--env", "staging").out


def test_a_login_in_the_remotes_address_is_shown_nowhere(shop: Any) -> None:
    canary = "canary-7d1e"
    project = (shop.root / "mlgitops.yaml").read_text()
    forge = "    kind: github\n    repository: shop/models\n"
    (shop.root / "mlgitops.yaml").write_text(project.split("    kind: local")[0] + forge)
    shop.git("remote", "add", "origin", f"http://user:{canary}@127.0.0.1:1/shop/models.git")
    ran = shop.run("promote", "iris", "--to", "staging")
    assert ran.code == 1
    assert "127.0.0.1" in ran.err
    assert canary not in ran.out + ran.err


def test_a_project_in_a_folder_of_its_repository_is_promoted_there(shop: Any, tmp_path: Any, monkeypatch: Any) -> None:
    outer = tmp_path / "outer"
    shop.git("clone", "--quiet", str(shop.bare), str(outer))
    (outer / "ml").mkdir()
    for part in ("mlgitops.yaml", "environments", "targets"):
        shop.git("mv", part, f"ml/{part}", at=outer)
    project = outer / "ml/mlgitops.yaml"
    project.write_text(project.read_text().replace("../origin.git", "../../origin.git"))
    shop.git("commit", "--quiet", "-am", "Move", at=outer)
    shop.git("push", "--quiet", "origin", "HEAD:main", at=outer)
    monkeypatch.chdir(outer / "ml")
    assert shop.run("promote", "iris", "--to", "staging").code == 0
    assert shop.git("diff", "--name-only", "main", BRANCH, at=shop.bare) == "ml/environments/staging/models/iris.yaml"
    shop.merge(BRANCH)
    start = shop.git("rev-parse", "HEAD", at=outer)
    assert shop.run("audit", "verify", "--since", start).code == 0
    assert "promote" in shop.run("history", "iris", "--env", "staging").out
