from __future__ import annotations

from mlgitops.report.inert import line
from mlgitops.report.plan.markdown import code
from mlgitops.report.promotion.markup import without_markup


def test_what_only_a_browser_reads_is_left_out() -> None:
    name = code("iris@2 <b>")
    body = f"<!-- mark -->\n**Promotes {name}:** 1 → 2\n<details><summary>The plan</summary>\n\n</details>"
    assert without_markup(body) == "\n**Promotes iris@2 <b>:** 1 → 2\nThe plan\n\n"


def test_what_is_quoted_stays_as_it_is() -> None:
    body = "````diff\n+ <code>&amp;</code>\n```\n- &lt;\n````\n&amp;"
    assert without_markup(body) == "````diff\n+ <code>&amp;</code>\n```\n- &lt;\n````\n&"


def test_markup_within_a_name_is_shown_as_the_name_has_it() -> None:
    name = "a&#64;b</code>&amp;"
    assert without_markup(code(name)) == line(name)
