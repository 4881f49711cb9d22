"""The pull request's text: what a reviewer sees, within the limit, with nothing in it that acts."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from mlgitops.plan.change import Plan
from mlgitops.promotion.branch import Kind
from mlgitops.promotion.columns import Column
from mlgitops.promotion.effect import Effect, ObjectChange, effect
from mlgitops.promotion.judgement import GateResult, Judgement, Measured, Verdict, compare
from mlgitops.promotion.request import Request
from mlgitops.promotion.trailers import Trailers
from mlgitops.render.rendering import Rendering, TargetRendering
from mlgitops.report.promotion import comparison
from mlgitops.report.promotion.exports import as_csv
from mlgitops.report.promotion.pull_request import Subject, body
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


def changed(*pairs: tuple[dict[str, Any], dict[str, Any]]) -> Effect:
    before, after = zip(*pairs, strict=True)
    return effect(
        Rendering("shop", "prod", (TargetRendering("aws", {}, before),)),
        Rendering("shop", "prod", (TargetRendering("aws", {}, after),)),
    )


def subject(kind: Kind = Kind.PROMOTE, text: str = "", made: Effect | None = None, **more: Any) -> Subject:
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
    nothing = Effect(Plan("shop", "prod", "", "", ()), tuple[ObjectChange, ...](), ())
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
