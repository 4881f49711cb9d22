from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from mlgitops.manifest import ANNOTATION_COPIES, Identity
from mlgitops.plan.change import ABSENT, Action, Change, FieldChange, Impact, Plan, TargetPlan
from mlgitops.report import inert
from mlgitops.report.plan.text import text
from mlgitops.report.style import Style

PLAIN = Style(False)
SERVICE = Identity("serving.kserve.io", "InferenceService", "ml", "iris")
HOSTILE = "\x1b[2J\n::error::forged ##vso[task.x]\u202e"


def update(*fields: FieldChange) -> Change:
    return Change(SERVICE, Action.UPDATE, "Model/iris", Impact.ROLLOUT, fields, {}, "d")


@pytest.mark.parametrize(
    ("name", "width", "verbose"), [("wide", 140, False), ("narrow", 80, False), ("verbose", 80, True)]
)
def test_a_plan_reads_target_by_target(
    name: str, width: int, verbose: bool, plan: Plan, golden: Callable[[str, str], None]
) -> None:
    golden(f"report/plan-{name}.txt", text(plan, PLAIN, width, verbose=verbose))


@pytest.mark.parametrize("width", [80, 100, 140])
def test_fields_keep_to_the_width(plan: Plan, width: int) -> None:
    lines = [line for line in text(plan, PLAIN, width).split("\n") if line.startswith("      ")]
    fields = [line for line in lines if not line.startswith("      gcloud ")]  # a command is there to be pasted
    assert width - 10 <= max(map(len, fields)) <= width


def test_colours_change_nothing_but_colours(plan: Plan) -> None:
    coloured = text(plan, Style(True), 100)
    assert "\x1b[32m" in coloured
    assert "\n".join(map(inert.line, coloured.split("\n"))) == text(plan, PLAIN, 100)


def test_nothing_to_do_is_said_in_words(plan_of: Callable[..., Plan]) -> None:
    kept = Change(SERVICE, Action.UNCHANGED, "Model/iris", Impact.NONE)
    shown = text(plan_of(kept), PLAIN)
    assert "No changes. Everything is as Git says." in shown
    assert "Plan: 0 to create, 0 to change, 0 to remove, 1 unchanged." in shown
    assert "Target" not in shown


def test_an_interrupted_apply_is_not_called_no_changes(plan_of: Callable[..., Plan]) -> None:
    unsettled = replace(plan_of(), targets=(TargetPlan("aws", {}, "v", (), settled=False),))
    shown = text(unsettled, PLAIN)
    assert "No changes" not in shown
    assert "did not come to its end" in shown


def test_a_target_that_could_not_be_read_is_not_called_no_changes(plan_of: Callable[..., Plan]) -> None:
    kept = plan_of(Change(SERVICE, Action.UNCHANGED, "Model/iris", Impact.NONE))
    unread = replace(kept, targets=(*kept.targets, TargetPlan("gcp", {}, "", (), error=f"no answer {HOSTILE}")))
    shown = text(unread, PLAIN)
    assert "No changes" not in shown
    assert "Target gcp\n  cannot be read  no answer" in shown
    assert shown.endswith("Not planned: 1 of 2 targets could not be read: gcp.\n")
    assert "\x1b" not in shown


def test_each_field_names_the_file_and_line_that_asks_for_it(plan_of: Callable[..., Plan]) -> None:
    field = FieldChange(("spec", "predictor", "minReplicas"), 1, 2, "models/iris.yaml:7")
    (line,) = [line for line in text(plan_of(update(field)), PLAIN, 100).split("\n") if "minReplicas" in line]
    assert line.startswith("      ~ spec.predictor.minReplicas  1 -> 2")
    assert line.endswith("models/iris.yaml:7")
    assert len(line) == 100


def test_fields_that_come_and_go_have_one_value(plan_of: Callable[..., Plan]) -> None:
    shown = text(plan_of(update(FieldChange(("a",), ABSENT, 1), FieldChange(("b",), None, ABSENT))), PLAIN)
    assert "      + a  1\n      - b  null\n" in shown


def test_a_block_that_comes_is_shown_field_by_field_up_to_a_bound(plan_of: Callable[..., Plan]) -> None:
    block = {f"key{n}": n for n in range(20)}
    change = update(FieldChange(("spec",), ABSENT, block))
    short, full = (text(plan_of(change), PLAIN, verbose=verbose) for verbose in (False, True))
    assert short.count("+ spec.key") == 8
    assert "… 12 more fields in spec" in short
    assert full.count("+ spec.key") == 20


def test_long_texts_are_shown_as_a_difference(plan_of: Callable[..., Plan]) -> None:
    old = "".join(f"line {n}\n" for n in range(100))
    change = update(FieldChange(("data", "x"), old, old.replace("line 50\n", "line fifty\n")))
    lines = text(plan_of(change), PLAIN).split("\n")
    assert [line.strip() for line in lines if "line" in line] == ["line 49", "- line 50", "+ line fifty", "line 51"]


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        (("spec", "password"), "hunter2", "hunter3"),
        (("spec", "env", "[API_TOKEN]", "value"), "hunter2", "hunter3"),
        (("spec", "url"), "https://user:hunter2@example.com", "https://user:hunter3@example.com"),
        (("spec", "args"), ["--db", "postgres://u:hunter2@db"], ["--db", "postgres://u:hunter3@db"]),
        (("data", "app.conf"), "a: 1\npassword: hunter2\n", "a: 1\npassword: hunter3\n"),
        (("spec", "env", "[API_TOKEN]"), ABSENT, {"name": "API_TOKEN", "value": "hunter2"}),
        (("data", "key"), ABSENT, "x: 1\ntoken: hunter2\n"),
    ],
)
@pytest.mark.parametrize("verbose", [False, True])
def test_secrets_are_not_shown(
    path: tuple[str, ...], old: object, new: object, verbose: bool, plan_of: Callable[..., Plan]
) -> None:
    shown = text(plan_of(update(FieldChange(path, old, new))), PLAIN, 200, verbose=verbose)
    assert "hunter" not in shown
    assert path[1] in shown


def test_a_secret_that_is_created_shows_no_values(plan: Plan) -> None:
    shown = text(plan, PLAIN, verbose=True)
    assert "data.url            (sensitive value)" in shown
    assert "aHVudGVyMg" not in shown


def test_tags_that_every_release_changes_take_one_line(plan_of: Callable[..., Plan]) -> None:
    fields = [
        FieldChange(("metadata", "labels", "mlgitops.dev/release"), "a", "b"),
        FieldChange(("metadata", "annotations", "mlgitops.dev/release-digest"), "a", "b"),
        FieldChange(("spec", "template", "metadata", "labels", "app.kubernetes.io/version"), "1", "2"),
    ]
    shown = text(plan_of(update(*fields)), PLAIN)
    assert '      ~ tags (app.kubernetes.io/version, release, release-digest)  "1" -> "2"\n' in shown
    assert "~ metadata.labels.mlgitops.dev/release " in text(plan_of(update(*fields)), PLAIN, verbose=True)


def test_hostile_names_and_values_add_neither_lines_nor_escapes(plan_of: Callable[..., Plan]) -> None:
    def lines(word: str) -> list[str]:
        name = Identity(word, word, word, word)
        field = FieldChange((word,), word, word + "2", word)
        change = Change(name, Action.UPDATE, word, Impact.ROLLOUT, (field,), {}, "d")
        return text(plan_of(change, selection=(word,)), PLAIN, 500, verbose=True).split("\n")

    shown = lines(HOSTILE.replace("\n", " "))
    assert len(shown) == len(lines("word"))
    assert not [line for line in shown if "\x1b" in line or "##vso[" in line or line.lstrip().startswith("::")]


def test_a_withheld_secret_is_explained(plan_of: Callable[..., Plan]) -> None:
    change = Change(Identity("", "Secret", "ml", "x"), Action.CREATE, "Model/iris", Impact.ROLLOUT)
    assert "not in the plan file" in text(plan_of(change), PLAIN)


def test_an_artifact_that_no_usual_tool_copies_is_named_all_the_same(plan_of: Callable[..., Plan]) -> None:
    note = {ANNOTATION_COPIES: "https://example.com/iris pvc://volume/iris"}
    desired = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "iris", "annotations": note}}
    one = Identity("", "ConfigMap", "ml", "iris")
    change = Change(one, Action.CREATE, "Model/iris", Impact.ROLLOUT, (), desired)

    shown = text(plan_of(change), PLAIN)

    assert "1 artifact to be copied first, unless it was:" in shown
    assert "https://example.com/iris -> pvc://volume/iris" in shown
    assert "# no usual tool copies this; see docs/clouds.md" in shown
