"""The pull request's text: what a reviewer sees, within the limit, with nothing in it that acts."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from mlgitops.capacity.terms import PriceTable, Terms
from mlgitops.plan.change import Plan
from mlgitops.promotion.branch import Kind
from mlgitops.promotion.columns import Column
from mlgitops.promotion.effect import Effect, ObjectChange, effect
from mlgitops.promotion.judgement import GateResult, Judgement, Measured, Verdict, compare
from mlgitops.promotion.request import Request
from mlgitops.promotion.trailers import Trailers
from mlgitops.render.rendering import Rendering, TargetRendering
from mlgitops.report.promotion import comparison, group
from mlgitops.report.promotion.exports import as_csv
from mlgitops.report.promotion.pull_request import body
from mlgitops.report.promotion.subject import Subject
from mlgitops.report.style import Style
from mlgitops.spec.release import Release

HOSTILE = (
    "</code> @everyone #1 <img src=x> | `x` \n## Heading\n```\n[a](http://b) www.evil.example ##[error]x \x1b[31m\u202e"
)


def release(version: str, **more: Any) -> Release:
    return Release.model_validate({"version": version, "artifact": {"uri": f"s3://m/{version}"}, **more})


def manifest(value: str, name: str = "iris", **data: str) -> dict[str, Any]:
    labels = {
        "mlgitops.dev/project": "shop", "mlgitops.dev/environment": "prod", "mlgitops.dev/target": "aws",
        "mlgitops.dev/model": "iris",
    }  # fmt: skip
    resources = {"requests": {"cpu": value, "memory": f"{value}Gi"}}
    return {
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "namespace": "ml", "labels": labels},
        "spec": {"template": {"resources": resources, "data": data}},
    }  # fmt: skip


def prices_of(currency: str, **per_hour: str) -> PriceTable:
    return PriceTable(currency, "contract 7", "2026-11-01", {name: Decimal(one) for name, one in per_hour.items()})


PRICES = prices_of("EUR", cpu="0.05", memory="0.005")


def changed(*pairs: tuple[dict[str, Any], dict[str, Any]], prices: PriceTable | None = PRICES) -> Effect:
    before, after = zip(*pairs, strict=True)
    terms = Terms(quota={"cpu": Decimal(64)}, prices=prices)
    return effect(
        Rendering("shop", "prod", (TargetRendering("aws", {}, before, terms),)),
        Rendering("shop", "prod", (TargetRendering("aws", {}, after, terms),)),
    )


def subject(
    kind: Kind = Kind.PROMOTE,
    text: str = "",
    made: Effect | None = None,
    **more: Any,
) -> Subject:
    old = release("1.0", trainingRun=text.replace("\n", " ").replace("\x1b", "") or "run 1")
    request = Request(kind, "iris", "dev", "prod", old, release("2.0"), reason=text, **more)
    gates = (
        GateResult(f"accuracy{text}", Verdict.BLOCK, f"0.91{text}", f"0.95{text}", f"too low{text}"),
        GateResult("soaked", Verdict.OK, "48h", "24h"),
    )
    metrics = compare(Measured({f"accuracy{text}": 0.91}, "d"), Measured({f"accuracy{text}": 0.94}, "d"))
    trailers = Trailers(request.id, kind, "iris", "dev", "prod", "sha256:r", "", "sha256:p", (), "Ann")
    return Subject(
        request, made or changed((manifest("1"), manifest("2", note=text))), Judgement(gates, metrics), trailers,
        f"risk@example.com{text}",
    )  # fmt: skip


def test_the_text_shows_all_that_a_reviewer_needs(golden: Callable[[str, str], None]) -> None:
    golden("report/promotion/pull-request.md", body(subject(), 65_000))


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (Kind.ROLLBACK, "sets a hold: nothing is promoted over it until <code>mlgitops release-hold iris"),
        (Kind.RELEASE, "from training"),
        (Kind.RELEASE_HOLD, "Lifts the hold"),
        (Kind.RETIRE, "Marks <code>iris</code> in <code>prod</code> as <code>retired</code>"),
    ],
)
def test_each_kind_says_what_it_does(kind: Kind, words: str) -> None:
    assert words in body(subject(kind, stage="retired"), 65_000)


@pytest.mark.parametrize(
    ("prices", "words"),
    [
        (None, "- cost: not known: <code>mlgitops.yaml</code> has no <code>spec.prices</code> for these targets"),
        (PRICES, "- cost: +40.15 EUR a month\n"),
        (prices_of("USD", cpu="0.05"), "- cost: +36.50 USD a month; <code>no price for memory at aws</code>\n"),
    ],
)
def test_what_it_costs_is_told_as_far_as_there_are_prices(prices: PriceTable | None, words: str) -> None:
    assert words in body(subject(made=changed((manifest("1"), manifest("2")), prices=prices)), 65_000)


def test_where_no_resources_change_the_cost_stays() -> None:
    same = changed((manifest("1"), manifest("1", note="other")))
    assert "- cost: stays as it is\n" in body(subject(made=same), 65_000)


def test_hostile_text_is_inert() -> None:
    made = body(subject(text=HOSTILE), 65_000)
    outside = re.sub(r"^(`{3,})diff\n.*?^\1$", "", made, flags=re.DOTALL | re.MULTILINE)
    assert not re.search(r"@everyone|<img|\]\(http|(?<!\w)#1\b|www\.evil|##\[error", outside)
    assert outside.count("<code>") == outside.count("</code>")
    assert [line for line in outside.splitlines() if line.startswith("## ")] == [
        "## Release", "## Metrics", "## Gates", "## Resources", "## How to go back", "## Plan", "## Rendered diff",
    ]  # fmt: skip
    assert not re.search(r"[\x00-\x09\x0b-\x1f\u202e]", made)


def test_a_long_text_is_cut_to_the_limit_and_says_where_the_rest_is() -> None:
    pairs = [
        (manifest("1", f"m{n}"), manifest("2", f"m{n}", **{f"k{i}": "v" * 60 for i in range(30)})) for n in range(60)
    ]
    made = body(subject(made=changed(*pairs)), 20_000)
    assert 12_000 < len(made) <= 20_000
    assert "<code>mlgitops promote --dry-run</code> prints all." in made
    assert made.count("<details>") == made.count("</details>")
    assert len(re.findall(r"^```", made, re.MULTILINE)) % 2 == 0


def test_a_secret_is_masked_wherever_it_stands() -> None:
    canary = "ghp_" + "A1b2C3" * 6
    made = body(subject(text=f" token={canary} https://u:{canary}@h/"), 65_000)
    assert canary not in made


def test_what_changes_nothing_says_so() -> None:
    nothing = Effect(Plan("shop", "prod", "", "", ()), tuple[ObjectChange, ...]())
    made = body(subject(made=nothing), 65_000)
    assert "nobody: no rendered object changes" in made
    assert "No change of processors, memory or accelerators." in made


def test_a_spreadsheet_runs_nothing_of_a_csv() -> None:
    made = as_csv(["a"], [["=1+1"], ["@x"], ["-3.5"], ["+cmd"], ["a\nb"], ['say "x", y']])
    assert made.splitlines() == ["a", "'=1+1", "'@x", "-3.5", "'+cmd", "a b", '"say ""x"", y"']


def test_a_comparison_says_when_metrics_are_not_comparable() -> None:
    columns = [Column("dev", release("2"), {"a": 1.0}, {}, "x"), Column("prod", release("1"), {"a": 2.0}, {}, "y")]
    assert "not comparable" in comparison.text(columns, Style(False))
    assert "not comparable" not in comparison.text(columns[:1] * 2, Style(False))


def test_the_first_lines_say_what_blocks_what_is_worse_and_who_relies_on_it() -> None:
    made = body(replace(subject(), dependants=("model rose depends on it",)), 65_000)
    head = made.partition("## Release")[0]
    assert "- gates: ❌ **1 blocks** (<code>accuracy</code>), ✅ 1 of 2 pass" in head
    assert "- metrics: 0 better, 1 worse (<code>accuracy</code>), 0 the same, on the same data" in head
    assert "- resources: <code>cpu</code> 1 → 2; <code>memory</code> 1Gi → 2Gi" in head
    assert "what relies on it: <code>model rose depends on it</code>" in head


def test_gates_that_block_come_first_in_the_table() -> None:
    found = subject()
    turned = Judgement(found.judgement.gates[::-1], found.judgement.comparison)
    made = body(replace(found, judgement=turned), 65_000)
    assert made.index("| <code>accuracy</code> | ❌") < made.index("| <code>soaked</code> | ✅")


def test_inputs_or_outputs_that_change_are_told_at_once() -> None:
    def tensor(name: str) -> dict[str, Any]:
        return {"inputs": [{"name": name, "datatype": "FP32", "shape": [-1]}], "outputs": []}

    found = subject()
    old, new = release("1.0", signature=tensor("a")), release("2.0", signature=tensor("b"))
    told = "**its inputs or outputs change**"
    assert told in body(replace(found, request=replace(found.request, old=old, new=new)), 65_000)
    assert told not in body(replace(found, request=replace(found.request, old=new, new=new)), 65_000)


def test_what_ran_nothing_before_goes_back_by_the_way_that_the_audit_accepts() -> None:
    found = subject()
    made = body(replace(found, request=replace(found.request, old=None)), 65_000)
    assert "<code>mlgitops retire iris --env prod</code>" in made
    assert "Revert the merge" not in made


@pytest.mark.parametrize("kind", [Kind.RETIRE, Kind.RELEASE_HOLD])
def test_what_changes_no_release_speaks_of_no_gates(kind: Kind) -> None:
    assert "gates" not in body(subject(kind, stage="deprecated"), 65_000).partition("<details>")[0].lower()


def together(count: int, text: str = "") -> list[Subject]:
    made = changed((manifest("1"), manifest("2", note=text, **{f"k{n}": "v" * 60 for n in range(40)})))
    found = subject(text=text, made=made)
    requests = (replace(found.request, model=f"m{n}", group="team=fraud") for n in range(count))
    return [replace(found, request=one, again=f"mlgitops promote {one.model} --to prod --dry-run") for one in requests]


def test_a_group_has_a_line_for_each_model_and_then_each_folded(golden: Callable[[str, str], None]) -> None:
    subjects = together(2)
    assert group.title(subjects) == "Promote 2 models of team=fraud from dev to prod"
    golden("report/promotion/group.md", group.body(subjects, 65_000, "mlgitops promote --all --to prod --dry-run"))


@pytest.mark.parametrize("count", [12, 60])
def test_the_text_of_a_group_keeps_to_the_limit_and_says_where_the_rest_is(count: int) -> None:
    made = group.body(together(count), 30_000, "mlgitops promote --all --dry-run")
    assert len(made) <= 30_000
    assert made.count("<details>") == made.count("</details>")
    assert all(f"| <code>m{n}</code> |" in made for n in range(count))
    assert "<code>mlgitops promote m2 --to prod --dry-run</code>" in made


def test_hostile_text_is_inert_in_a_group() -> None:
    made = group.body(together(2, HOSTILE), 65_000, "mlgitops promote --all")
    outside = re.sub(r"^(`{3,})diff\n.*?^\1$", "", made, flags=re.DOTALL | re.MULTILINE)
    assert not re.search(r"@everyone|<img|\]\(http|(?<!\w)#1\b|www\.evil|##\[error", outside)
    assert outside.count("<code>") == outside.count("</code>")
