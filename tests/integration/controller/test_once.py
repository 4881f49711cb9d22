"""One run over real repositories and targets of files: what each policy does, and what is refused."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mlgitops.controller.goals import Chosen
from mlgitops.controller.requests import Verb
from mlgitops.controller.state import Word
from mlgitops.sources.mirror import Trust
from tests.integration.controller.conftest import MODEL, Site, of, words
from tests.testbed import fleet

pytestmark = pytest.mark.integration


def test_everything_is_applied_and_the_next_run_finds_it_in_sync_and_writes_nothing(site: Site) -> None:
    head = site.commit()
    first = site.once()
    assert (words(first), site.applied_commit()) == ({"here": "applied"}, head)
    assert "InferenceService/iris" in site.manifests()
    before = {path: path.stat().st_mtime_ns for path in (site.root / "clusters").rglob("*")}
    assert words(site.once()) == {"here": "in-sync"}
    assert {path: path.stat().st_mtime_ns for path in (site.root / "clusters").rglob("*")} == before


def test_a_commit_that_changes_a_target_is_applied_and_what_it_drops_is_pruned(site: Site) -> None:
    site.models("iris", "rose", "lily")
    site.commit()
    site.once()
    site.models("iris", "rose", version="2.0")
    head = site.commit()
    assert words(site.once()) == {"here": "applied"}
    assert {name for name in site.manifests() if name.startswith("Inf")} == {
        "InferenceService/iris", "InferenceService/rose",
    }  # fmt: skip
    assert site.applied_commit() == head


def test_drift_is_repaired_and_told(site: Site) -> None:
    site.once()
    applied = site.service().read_text()
    site.service().write_text(applied.replace("kserve-sklearnserver", "another"))
    state = of(site.once())
    assert state.result
    assert (state.word, state.result.drifted, site.service().read_text()) == (Word.APPLIED, 1, applied)
    site.service().unlink()
    state = of(site.once())
    assert state.result
    assert (state.word, state.result.drifted, site.service().read_text()) == (Word.APPLIED, 1, applied)


def test_mode_report_tells_and_writes_nothing(site: Site) -> None:
    site.once()
    site.reconcile(mode="report")
    site.models("iris", "rose")
    site.commit()
    site.service().write_text(site.service().read_text().replace("kserve-sklearnserver", "another"))
    before = site.manifests()
    state = of(site.once())
    assert state.result
    assert (state.word, state.result.drifted, state.result.pending) == (Word.DRIFTED, 1, 2)
    assert state.result.reason == "1 object drifted, 1 object waits to be written or deleted; mode is report"
    assert site.manifests() == before


def test_mode_manual_waits_until_a_person_approves_of_what_git_says(site: Site) -> None:
    site.reconcile(mode="manual")
    site.commit()
    state = of(site.once())
    assert state.result
    assert (state.word, state.result.help) == (Word.PENDING, "mlgitops rollout approve --env dev, or apply it by hand")
    assert site.manifests() == {}
    site.ask(Verb.APPROVE)
    site.once()
    assert words(site.once()) == {"here": "in-sync"}
    site.models("iris", "rose")
    site.commit()
    assert words(site.once()) == {"here": "pending"}


def test_nothing_is_written_while_no_window_is_open_or_something_is_frozen(site: Site) -> None:
    tomorrow = datetime.now(UTC) + timedelta(hours=12)
    site.reconcile(windows=[{"cron": f"{tomorrow.minute} {tomorrow.hour} * * *", "duration": "1h"}])
    site.commit()
    state = of(site.once())
    assert state.result
    assert (state.word, "no window is open" in state.result.reason) == (Word.PENDING, True)
    site.reconcile(windows=[{"cron": "* * * * *", "duration": "1h"}])
    site.commit()
    assert words(site.once()) == {"here": "applied"}


def test_a_suspended_environment_is_left_alone(site: Site) -> None:
    site.reconcile(suspend="the cluster moves")
    site.commit()
    state = of(site.once())
    assert state.result
    assert (state.word, state.result.reason, site.manifests()) == (Word.SUSPENDED, "the cluster moves", {})
    site.reconcile()
    site.commit()
    assert words(site.once()) == {"here": "applied"}


def test_a_target_that_fails_leaves_the_others_alone(site: Site) -> None:
    site.targets("here", "there", "yonder")
    site.commit()
    damaged = fleet.damage(site.root, "there")
    state = site.once()
    assert words(state) == {"here": "applied", "there": "unreachable", "yonder": "applied"}
    result = of(state, "there").result
    assert result
    assert ("is corrupt" in result.reason, result.help) == (True, "mlgitops inventory rebuild --env dev --target there")
    damaged.unlink()
    assert words(site.once()) == {"here": "in-sync", "there": "applied", "yonder": "in-sync"}


def test_what_a_person_would_be_asked_for_is_refused_with_the_command(site: Site) -> None:
    site.models("iris", "rose", "lily")
    site.commit()
    site.once()
    before = site.manifests()
    site.models("iris")
    head = site.commit()
    state = of(site.once())
    assert state.result
    assert (state.word, site.manifests()) == (Word.REFUSED, before)
    assert "objects at here would be deleted" in state.result.reason
    assert "--allow-mass-delete" in state.result.help
    assert f"mlgitops apply --env dev --target here --revision {head[:12]}" in state.result.help


def test_an_environment_that_cannot_be_rendered_is_left_as_it_is(site: Site) -> None:
    site.once()
    before = site.manifests()
    site.commit({"environments/dev/models/iris.yaml": MODEL.replace("sklearn\n", "sklern\n")})
    state = site.once()
    assert set(state.broken) == {"dev"}
    assert "environments/dev/models/iris.yaml:11" in state.broken["dev"]
    assert (words(state), site.manifests()) == ({"here": "failed"}, before)
    site.commit({"environments/dev/models/iris.yaml": MODEL})
    assert words(site.once()) == {"here": "in-sync"}


def test_a_branch_that_was_rewritten_or_set_back_is_not_followed(site: Site) -> None:
    site.models("iris", "rose")
    newer = site.commit()
    site.once()
    before = site.manifests()
    site.git("reset", "--quiet", "--hard", "HEAD~1")
    state = site.once()
    assert (state.commit, words(state), site.manifests()) == (newer, {"here": "in-sync"}, before)
    assert "is older than" in state.refused
    site.models("lily")
    site.commit()
    state = site.once()
    assert (state.commit, site.manifests()) == (newer, before)
    assert "does not follow" in state.refused


def test_nothing_is_written_over_what_somebody_applied_from_a_commit_that_is_not_in_the_branch(site: Site) -> None:
    """The same fence stops a deposed leader, whose commit is older than what its successor applied."""
    base = site.commit()
    site.once()
    site.git("checkout", "--quiet", "-b", "ahead")
    site.models("iris", "rose")
    site.commit()
    ahead = site.once(branch="ahead")
    assert words(ahead) == {"here": "applied"}
    site.git("checkout", "--quiet", "main")
    site.models("iris", "lily")
    head = site.commit()
    before = site.manifests()
    state = of(site.once())
    assert state.result
    assert (state.word, site.manifests()) == (Word.REFUSED, before)
    assert state.result.reason.startswith(f"{head[:12]} does not follow ")
    assert base[:12] not in state.result.reason
    assert f"--revision {head[:12]}" in state.result.help


def test_only_what_was_chosen_is_looked_after(site: Site) -> None:
    site.targets("here", "there")
    site.commit()
    assert words(site.once(chosen=Chosen(("dev",), ("there",)))) == {"there": "applied"}
    assert not (site.root / "clusters/here").exists()


def test_an_unsigned_commit_is_not_followed_where_signatures_are_asked_for(site: Site) -> None:
    state = site.once(trust=Trust(signed=True))
    assert (state.commit, state.targets) == ("", {})
    assert state.refused


def test_the_project_may_be_a_folder_of_the_repository(site: Site, tmp_path: Path) -> None:
    outer = tmp_path / "monorepo"
    shutil.copytree(site.root, outer / "ml/shop", ignore=shutil.ignore_patterns(".git", "clusters"))
    elsewhere = Site(outer, tmp_path / "other-state")
    elsewhere.git("init", "--quiet", "--initial-branch", "main")
    elsewhere.commit()
    assert words(elsewhere.once(path="ml/shop")) == {"here": "applied"}
    assert (outer / "ml/shop/clusters/here").is_dir()


def test_what_is_remembered_and_damaged_is_begun_anew(site: Site) -> None:
    site.once()
    (site.settings.state / "state.json").write_text("{}")
    assert words(site.once()) == {"here": "in-sync"}
    assert "the state cannot be kept" in {line["message"] for line in site.told()}


def test_nothing_is_done_while_it_cannot_be_known_what_was_decided_before(site: Site) -> None:
    """Else a rollout that was stopped would begin anew, and what is remembered be lost by writing over it."""
    (site.settings.state / "state.json").mkdir(parents=True)
    state = site.once()
    assert (state.commit, state.targets, site.manifests()) == ("", {}, {})
    assert [line["reason"] for line in site.told() if line["message"] == "the state cannot be kept"] == [
        f"cannot read {site.settings.state / 'state.json'}: Is a directory"
    ]
