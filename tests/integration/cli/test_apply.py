"""Apply at the command line: saved plans, what makes them stale, what is removed, and the guards."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

IRIS = "environments/dev/models/iris.yaml"
MANIFEST = "clusters/here/models/inferenceservice.serving.kserve.io_iris.yaml"
APPLY = ("apply", "--env", "dev", "--yes")
FOREIGN = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: theirs\n  namespace: models\n"


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def more_models(root: Path, *names: str) -> None:
    for name in names:
        text = (root / IRIS).read_text().replace("iris", name)
        (root / f"environments/dev/models/{name}.yaml").write_text(text)


def objects(root: Path) -> set[str]:
    """The names of what is in the target's namespace."""
    return {path.stem.rpartition("_")[2] for path in (root / "clusters/here/models").glob("*.yaml")}


def saved(run: Any, root: Path) -> None:
    assert run(root, "plan", "--env", "dev", "-o", "plan.json").code == 0


def test_a_saved_plan_is_applied_without_a_question_and_nothing_is_left_to_do(run: Any, project: Any) -> None:
    root = project()
    saved(run, root)
    ran = run(root, "apply", "plan.json")
    assert (ran.code, ran.out) == (0, "Applied to environment dev: 1 created, 0 changed, 0 removed.\n")
    assert ran.err == "created models/InferenceService/iris\n"
    assert run(root, "plan", "--detailed-exitcode").code == 0


def test_a_plan_file_is_for_its_owner_only_and_says_its_format(run: Any, project: Any) -> None:
    root = project()
    saved(run, root)
    assert (root / "plan.json").stat().st_mode & 0o777 == 0o600
    assert json.loads((root / "plan.json").read_text())["formatVersion"].startswith("1.")
    assert [path.name for path in root.glob(".plan*")] == []


def test_no_progress_is_shown_where_none_is_wanted(run: Any, project: Any) -> None:
    root = project()
    assert run(root, *APPLY, "--no-progress").err == ""


def test_a_second_apply_writes_nothing(run: Any, project: Any, tree: Any) -> None:
    root = project()
    run(root, *APPLY)
    before = tree(root)
    ran = run(root, *APPLY)
    assert (ran.code, tree(root)) == (0, before)
    assert "No changes" in ran.out


def a_new_commit(root: Path, commit: Any) -> None:
    commit(root)


def an_edited_spec(root: Path, commit: Any) -> None:
    edit(root / IRIS, "max: 3", "max: 4")


def an_edited_live_file(root: Path, commit: Any) -> None:
    edit(root / MANIFEST, "maxReplicas: 2", "maxReplicas: 99")


def a_removed_live_file(root: Path, commit: Any) -> None:
    (root / MANIFEST).unlink()


@pytest.mark.parametrize("move", [a_new_commit, an_edited_spec, an_edited_live_file, a_removed_live_file])
def test_a_stale_plan_is_refused_and_nothing_is_written(
    run: Any, project: Any, tree: Any, commit: Any, move: Any
) -> None:
    root = project()
    edit(root / IRIS, "max: 3", "max: 2")
    commit(root)
    run(root, *APPLY)
    edit(root / IRIS, "max: 2", "max: 3")
    commit(root)
    saved(run, root)
    move(root, commit)
    before = tree(root)
    ran = run(root, "apply", "plan.json")
    assert (ran.code, ran.out, tree(root)) == (1, "", before)
    assert "moved" in ran.err
    assert "help: Plan again." in ran.err


def test_a_plan_is_stale_once_somebody_else_has_applied(run: Any, project: Any, tree: Any) -> None:
    root = project()
    saved(run, root)
    assert run(root, *APPLY).code == 0
    before = tree(root)
    ran = run(root, "apply", "plan.json")
    assert (ran.code, tree(root)) == (1, before)
    assert "somebody applied since the plan" in ran.err


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{}", b"[]", b"null", b"\xff\xfe", b'{"formatVersion": "9.0"}', b"[" * 100_000,
        b'{"formatVersion": "1.0"}',
    ],
    ids=["empty", "map", "list", "null", "binary", "other-version", "deep", "nothing-else"],
)  # fmt: skip
def test_a_file_that_is_no_plan_is_refused(run: Any, project: Any, tree: Any, content: bytes) -> None:
    root = project()
    (root / "plan.json").write_bytes(content)
    before = tree(root)
    ran = run(root, "apply", "plan.json")
    assert (ran.code, ran.out, tree(root)) == (1, "", before)
    assert ran.err.startswith("error: ")


def test_a_plan_cut_off_anywhere_is_refused(run: Any, project: Any, tree: Any) -> None:
    root = project()
    saved(run, root)
    whole = (root / "plan.json").read_bytes().rstrip()
    for length in range(0, len(whole), max(1, len(whole) // 20)):
        (root / "plan.json").write_bytes(whole[:length])
        before = tree(root)
        assert (run(root, "apply", "plan.json").code, tree(root)) == (1, before)


def test_a_plan_that_is_not_there_is_an_error(run: Any, project: Any) -> None:
    ran = run(project(), "apply", "plan.json")
    assert (ran.code, "plan.json cannot be read" in ran.err) == (1, True)


def test_a_plan_that_names_another_directory_is_refused(run: Any, project: Any, tree: Any) -> None:
    root = project()
    saved(run, root)
    edit(root / "plan.json", "clusters/here", "../elsewhere")
    before = tree(root.parent)
    assert (run(root, "apply", "plan.json").code, tree(root.parent)) == (1, before)


def test_a_plan_that_cannot_be_written_is_an_error_and_leaves_nothing(run: Any, project: Any) -> None:
    root = project()
    ran = run(root, "plan", "--env", "dev", "-o", "json=nowhere/plan.json")
    assert (ran.code, "nowhere/plan.json cannot be written" in ran.err) == (1, True)
    assert not (root / "nowhere").exists()


def test_nothing_is_written_when_validation_fails(run: Any, project: Any, tree: Any) -> None:
    root = project()
    run(root, *APPLY)
    edit(root / IRIS, "max: 3", "max: 5000")
    more_models(root, "rose")
    before = tree(root)
    for arguments in (APPLY, ("plan", "--env", "dev", "-o", "plan.json"), ("drift", "--fix", "--yes"), ("render",)):
        ran = run(root, *arguments)
        assert (ran.code, ran.out, tree(root)) == (1, "", before)


def test_a_model_that_git_no_longer_has_is_deleted(run: Any, project: Any) -> None:
    root = project()
    more_models(root, "rose", "tulip")
    run(root, *APPLY)
    (root / "environments/dev/models/rose.yaml").unlink()
    ran = run(root, "plan")
    assert "- InferenceService/rose (models)" in ran.out
    assert "1 to remove" in ran.out
    assert run(root, *APPLY).code == 0
    assert objects(root) == {"iris", "tulip"}
    assert run(root, "plan", "--detailed-exitcode").code == 0


def test_a_retired_model_is_removed_and_stays_removed(run: Any, project: Any) -> None:
    root = project()
    more_models(root, "rose", "tulip")
    run(root, *APPLY)
    with (root / IRIS).open("a") as file:
        file.write("  lifecycle:\n    stage: retired\n")
    assert run(root, *APPLY).code == 0
    assert objects(root) == {"rose", "tulip"}
    assert run(root, "plan", "--detailed-exitcode").code == 0


def test_a_model_that_moves_to_another_target_is_removed_from_the_first(run: Any, project: Any) -> None:
    root = project()
    there = (root / "targets/here.yaml").read_text().replace("here", "there")
    (root / "targets/there.yaml").write_text(there)
    edit(root / "environments/dev/environment.yaml", "[here]", "[here, there]")
    more_models(root, "rose", "tulip")
    run(root, *APPLY)
    edit(root / IRIS, "spec:\n", "spec:\n  targets: [there]\n")
    assert run(root, *APPLY).code == 0
    assert objects(root) == {"rose", "tulip"}
    assert (root / MANIFEST.replace("here", "there")).exists()


@pytest.mark.parametrize("selection", [("--model", "rose"), ("--select", "inferenceservice/ROSE")], ids=" ".join)
def test_a_selection_also_names_what_git_no_longer_has(run: Any, project: Any, selection: tuple[str, ...]) -> None:
    root = project()
    more_models(root, "rose", "tulip")
    run(root, *APPLY)
    (root / "environments/dev/models/rose.yaml").unlink()
    edit(root / IRIS, "max: 3", "max: 4")
    assert run(root, *APPLY, *selection).code == 0
    assert objects(root) == {"iris", "tulip"}
    assert "maxReplicas: 3" in (root / MANIFEST).read_text()


def test_a_selection_leaves_the_rest_alone_and_the_plan_counts_it(run: Any, project: Any) -> None:
    root = project()
    more_models(root, "rose", "tulip")
    ran = run(root, "plan", "--model", "rose")
    assert "Left out: 2 objects outside of --model rose." in ran.out
    assert run(root, *APPLY, "--model", "rose").code == 0
    assert objects(root) == {"rose"}


def test_more_than_half_is_removed_only_on_consent(run: Any, project: Any, tree: Any) -> None:
    root = project()
    more_models(root, "rose", "tulip")
    run(root, *APPLY)
    for name in ("rose", "tulip"):
        (root / f"environments/dev/models/{name}.yaml").unlink()
    before = tree(root)
    ran = run(root, *APPLY)
    assert (ran.code, tree(root)) == (1, before)
    assert "2 of 3 objects at here would be deleted" in ran.err
    assert "--allow-mass-delete" in ran.err
    assert run(root, *APPLY, "--allow-mass-delete").code == 0
    assert objects(root) == {"iris"}


def test_everything_is_removed_only_on_consent(run: Any, project: Any, tree: Any) -> None:
    root = project()
    run(root, *APPLY)
    (root / IRIS).unlink()
    before = tree(root)
    ran = run(root, *APPLY)
    assert (ran.code, tree(root)) == (1, before)
    assert "nothing is desired at here" in ran.err
    assert run(root, *APPLY, "--allow-mass-delete").code == 0
    assert objects(root) == set()


def test_an_object_that_is_not_ours_is_taken_over_only_on_consent(run: Any, project: Any, tree: Any) -> None:
    root = project()
    manifest = root / MANIFEST
    manifest.parent.mkdir(parents=True)
    manifest.write_text(
        "apiVersion: serving.kserve.io/v1beta1\nkind: InferenceService\n"
        "metadata:\n  name: iris\n  namespace: models\nspec: {}\n"
    )
    before = tree(root)
    ran = run(root, *APPLY)
    assert ran.code == 1
    assert "--adopt" in ran.err
    assert {path: content for path, content in tree(root).items() if path in before} == before
    assert run(root, *APPLY, "--adopt").code == 0
    assert "mlgitops.dev/model: iris" in manifest.read_text()


def test_what_is_not_ours_is_left_alone(run: Any, project: Any) -> None:
    root = project()
    run(root, *APPLY)
    theirs = root / "clusters/here/models/configmap_theirs.yaml"
    theirs.write_text(FOREIGN)
    edit(root / IRIS, "max: 3", "max: 4")
    assert run(root, *APPLY).code == 0
    assert theirs.read_text() == FOREIGN
    assert run(root, "drift").code == 0


def test_a_lost_inventory_stops_everything_until_it_is_rebuilt(run: Any, project: Any) -> None:
    root = project()
    run(root, *APPLY)
    (root / "clusters/here/.mlgitops/shop.dev.here/inventory").unlink()
    for verb in ("plan", "drift", "diff"):
        ran = run(root, verb)
        assert (ran.code, "mlgitops inventory rebuild --env dev --target here" in ran.err) == (1, True)
    ran = run(root, "inventory", "rebuild", "--env", "dev", "--target", "here")
    assert (ran.code, ran.out) == (0, "The inventory of here has 1 objects.\n")
    assert run(root, *APPLY).code == 0
    assert run(root, "plan", "--detailed-exitcode").code == 0


@pytest.mark.parametrize("stream", ["> /dev/null 2>&1", "2>&1 >/dev/null | head -n 0", "2> /dev/null | head -n 0"])
def test_an_apply_is_not_cut_off_where_its_reader_goes_away(project: Any, stream: str) -> None:
    root = project()
    more_models(root, "rose", "tulip")
    command = f"{sys.executable} -m mlgitops apply --env dev --yes {stream}"
    ran = subprocess.run(["bash", "-o", "pipefail", "-c", command], cwd=root, capture_output=True, check=False)
    assert (ran.returncode, objects(root)) == (0, {"iris", "rose", "tulip"})
    again = subprocess.run(
        [sys.executable, "-m", "mlgitops", "plan", "--detailed-exitcode"], cwd=root, capture_output=True, check=False
    )
    assert again.returncode == 0


def test_a_failure_at_one_target_does_not_stop_the_others(run: Any, project: Any) -> None:
    root = project()
    there = (root / "targets/here.yaml").read_text().replace("here", "there")
    (root / "targets/there.yaml").write_text(there)
    edit(root / "environments/dev/environment.yaml", "[here]", "[here, there]")
    saved(run, root)
    (root / "clusters").mkdir()
    (root / "clusters/here").write_text("in the way")
    ran = run(root, "apply", "plan.json")
    assert ran.code == 1
    assert (root / MANIFEST.replace("here", "there")).exists()
    assert "here" in ran.out + ran.err
