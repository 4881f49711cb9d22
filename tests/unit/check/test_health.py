from __future__ import annotations

from typing import Any

import orjson

from mlgitops.check.health import check
from mlgitops.finding import Finding
from mlgitops.spec.document import load


def found(*rules: Any, kind: str = "Environment") -> list[Finding]:
    document = load("environments/dev/environment.yaml", orjson.dumps({"kind": kind, "spec": {"health": list(rules)}}))
    return list(check([document]))


def test_rules_that_can_be_used_are_accepted() -> None:
    assert found({"kind": "Widget", "ready": "object.status.ok"}, {"kind": "Gadget", "ready": "true"}) == []


def test_an_expression_that_cannot_be_used_is_found_where_it_stands() -> None:
    (finding,) = found({"kind": "Widget", "ready": "true", "failed": "status.ok"})
    assert (finding.code, finding.pointer) == ("invalid-expression", "spec.health.0.failed")
    assert finding.message == "this expression cannot be used: there is no 'status'; the object is called object"


def test_two_rules_for_one_kind_are_found() -> None:
    one = {"group": "example.com", "kind": "Widget", "ready": "true"}
    assert [f.code for f in found(one, {**one, "group": ""}, one)] == ["duplicate-health-rule"]


def test_what_is_no_rule_is_left_to_the_spec() -> None:
    assert found(7, None, {"ready": ["true"]}, {"ready": 3}) == []
    assert found({"ready": "nonsense("}, kind="Project") == []
