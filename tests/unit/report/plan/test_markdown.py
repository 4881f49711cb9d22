from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from mlgitops.manifest import Identity
from mlgitops.plan.change import Action, Change, FieldChange, Impact, Plan, TargetPlan
from mlgitops.report.plan.markdown import code, markdown

HOSTILE = (
    "</code></summary>\n# x\n```\n@someone [a](http://x) `` ` ``` <script>|#1 ![i](u) **b** https://x www.x.y \x1b[2J"
)


def test_a_plan_as_markdown(plan: Plan, golden: Callable[[str, str], None]) -> None:
    golden("report/plan.md", markdown(plan))


def test_no_changes_need_no_table(plan_of: Callable[..., Plan]) -> None:
    shown = markdown(plan_of())
    assert "**No changes.** 0 to create, 0 to change, 0 to remove, 0 unchanged." in shown
    assert "<details>" not in shown
    assert "|" not in shown


def test_a_target_that_could_not_be_read_is_in_sight(plan_of: Callable[..., Plan]) -> None:
    unread = TargetPlan("gcp", {}, "", (), error="no answer in time" + "." * 1000)
    shown = markdown(replace(plan_of(), targets=(*plan_of().targets, unread)))
    assert "No changes" not in shown
    assert "**Not planned:** <code>1 of 2 targets could not be read: gcp.</code>" in shown
    assert "| <code>gcp</code> | | | | | cannot be read |" in shown
    assert "<code>gcp: cannot be read: no answer in time" in shown
    assert "." * 500 not in shown


def many(number: int, lines: int) -> Plan:
    fields = tuple(FieldChange((f"field{n}",), "é" * 30, "è" * 30) for n in range(lines))
    changes = tuple(
        Change(Identity("", "ConfigMap", "ml", f"m{n}"), Action.UPDATE, f"Model/m{n}", Impact.ROLLOUT, fields, {}, "d")
        for n in range(number)
    )
    return Plan("shop", "dev", "", "sha256:00", (TargetPlan("aws", {}, "v1", changes),))


@pytest.mark.parametrize(("number", "lines"), [(1, 2000), (500, 10), (50, 300), (3000, 1)])
@pytest.mark.parametrize("limit", [4_000, 20_000, 65_000])
def test_it_keeps_to_the_limit_and_says_what_it_left_out(number: int, lines: int, limit: int) -> None:
    shown = markdown(many(number, lines), limit)
    assert limit - 3_000 < len(shown.encode()) <= limit
    assert shown.count("<details>") == shown.count("</details>") >= 1
    whole = len([title for title in re.findall("<details>.*?</details>", shown, re.DOTALL) if "more line" not in title])
    (cut,) = re.findall(r"\*\*Too long to show whole:\*\* ([\d,]+) part", shown)
    assert int(cut.replace(",", "")) == number - whole


def test_what_fits_is_not_called_cut(plan: Plan) -> None:
    assert "Too long" not in markdown(plan)


def outside_of_code(shown: str) -> str:
    """What is neither in a fenced block nor in ``<code>``."""
    unfenced = re.sub(r"^(`{3,})diff\n.*?^\1$", "", shown, flags=re.DOTALL | re.MULTILINE)
    return re.sub("<code>[^<>`*@#!\\[\\]|_~]*(?:&#\\d+;[^<>`*@#!\\[\\]|_~]*)*</code>", "", unfenced)


def test_hostile_text_stays_in_code() -> None:
    change = Change(
        Identity(HOSTILE, HOSTILE, HOSTILE, HOSTILE), Action.UPDATE, HOSTILE, Impact.ROLLOUT,
        (FieldChange((HOSTILE,), HOSTILE, HOSTILE * 2, HOSTILE),), {}, "d",
    )  # fmt: skip
    target = TargetPlan(HOSTILE, {}, "v", (change,), (change.identity,))
    evil = Plan(HOSTILE, HOSTILE, HOSTILE, "d", (target,), (HOSTILE,), 3)
    names = Identity("g", "k", "ns", "n")
    tame = replace(
        evil, project="p", environment=re.sub("[^a-z0-9-]", "", HOSTILE), commit="c", selection=("s",),
        targets=(replace(target, target="t", changes=(replace(change, owner="o"),), released=(names,)),),
    )  # fmt: skip
    assert outside_of_code(markdown(evil)) == outside_of_code(markdown(tame))
    assert "\x1b" not in markdown(evil)


@pytest.mark.parametrize("name", ["aws-prod", "Model/fraud-detector", "3f9c2ab"])
def test_ordinary_names_stay_readable_in_code(name: str) -> None:
    assert code(name) == f"<code>{name}</code>"
