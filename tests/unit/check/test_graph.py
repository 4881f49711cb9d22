from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlgitops.check import graph
from mlgitops.check.graph import find_cycle
from mlgitops.finding import Finding

IMAGE = "example.com/step:1"


def _step(name: str, **fields: Any) -> dict[str, Any]:
    return {"name": name, "image": IMAGE, **fields}


@pytest.fixture
def found(resolved_pipeline: Any) -> Any:
    """The findings about a graph of steps."""

    def findings(*steps: dict[str, Any], **spec: Any) -> list[Finding]:
        return list(graph.check(resolved_pipeline(steps=list(steps), **spec)))

    return findings


def _places(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(finding.code, finding.pointer) for finding in findings]


def test_a_sound_graph_has_no_findings(found: Any) -> None:
    prepare = _step("prepare", args=["{{parameters.day}}"], outputs=[{"name": "rows", "path": "/tmp/rows"}])
    report = _step("report", dependsOn=["train", "prepare"], env=[{"name": "ROWS", "value": "{{steps.prepare.rows}}"}])

    assert found(report, prepare, training={"image": IMAGE}, parameters=[{"name": "day"}]) == []


def test_a_cycle_is_named_step_by_step(found: Any) -> None:
    (finding,) = found(
        _step("a", dependsOn=["c"]), _step("b", dependsOn=["a"]), _step("c", dependsOn=["b"]), _step("d")
    )

    assert finding.code == "dependency-cycle"
    assert finding.message == "these steps wait for each other: a -> c -> b -> a"


def test_a_use_of_an_output_can_close_a_cycle(found: Any) -> None:
    outputs = [{"name": "rows", "path": "/tmp/rows"}]
    (finding,) = found(
        _step("a", outputs=outputs, dependsOn=["train"]), training={"image": IMAGE, "args": ["{{steps.a.rows}}"]}
    )

    assert finding.message.endswith("a -> train -> a")


def test_a_step_cannot_wait_for_itself(found: Any) -> None:
    assert found(_step("a", dependsOn=["a"]))[0].message.endswith("a -> a")


def test_an_unknown_dependency_comes_with_the_likely_one(found: Any) -> None:
    (finding,) = found(_step("prepare"), _step("report", dependsOn=["prepair"]))

    assert (finding.code, finding.pointer) == ("unknown-step", "spec.steps.1.dependsOn.0")
    assert finding.suggestion == "prepare"


def test_train_is_a_dependency_only_where_something_is_trained(found: Any) -> None:
    assert _places(found(_step("report", dependsOn=["train"]))) == [("unknown-step", "spec.steps.0.dependsOn.0")]
    assert found(_step("report", dependsOn=["train"]), training={"image": IMAGE}) == []


def test_train_is_a_name_for_a_step_only_where_nothing_is_trained(found: Any) -> None:
    assert found(_step("train")) == []
    assert ("reserved-step-name", "spec.steps.0.name") in _places(found(_step("train"), training={"image": IMAGE}))


def test_names_are_given_once(found: Any) -> None:
    twice = [{"name": "rows", "path": "/tmp/a"}, {"name": "rows", "path": "/tmp/b"}]

    findings = found(_step("a", outputs=twice), _step("b"), _step("b"), parameters=[{"name": "p"}, {"name": "p"}])

    assert _places(findings) == [
        ("duplicate-step", "spec.steps.2.name"),
        ("duplicate-parameter", "spec.parameters.1.name"),
        ("duplicate-output", "spec.steps.0.outputs.1.name"),
    ]


@pytest.mark.parametrize(
    ("text", "code", "suggestion"),
    [
        ("{{workflow.name}}", "unknown-placeholder", ""),
        ("{{=sprig.env('HOME')}}", "unknown-placeholder", ""),
        ("{{parameters.day", "unknown-placeholder", ""),
        ("{{parameters.dya}}", "unknown-parameter", "day"),
        ("{{steps.prepar.rows}}", "unknown-step", "prepare"),
        ("{{steps.prepare.row}}", "unknown-output", "rows"),
    ],
)
@pytest.mark.parametrize("field", ["command", "args", "env"])
def test_a_placeholder_refers_to_something(found: Any, field: str, text: str, code: str, suggestion: str) -> None:
    prepare = _step("prepare", outputs=[{"name": "rows", "path": "/tmp/rows"}])
    value = [{"name": "DAY", "value": text}] if field == "env" else [text]

    (finding,) = found(prepare, _step("report", **{field: value}), parameters=[{"name": "day"}])

    assert (finding.code, finding.suggestion) == (code, suggestion)
    assert finding.pointer.startswith(f"spec.steps.1.{field}.0")


def test_training_alone_needs_values_for_what_it_uses(found: Any) -> None:
    training = {"image": IMAGE, "args": ["{{parameters.rate}}"]}

    assert _places(found(training=training, parameters=[{"name": "rate"}])) == [
        ("parameter-without-value", "spec.training.args.0")
    ]
    assert found(training=training, parameters=[{"name": "rate", "value": "0.1"}]) == []
    assert found(_step("a"), training=training, parameters=[{"name": "rate"}]) == []


@given(st.dictionaries(st.sampled_from("abcdef"), st.lists(st.sampled_from("abcdefg"), max_size=3), max_size=6))
def test_a_cycle_is_found_exactly_where_steps_cannot_be_put_in_order(edges: dict[str, list[str]]) -> None:
    cycle = find_cycle(edges)

    remaining = {step: {needed for needed in needs if needed in edges} for step, needs in edges.items()}
    while ready := {step for step, needs in remaining.items() if not needs}:
        remaining = {step: needs - ready for step, needs in remaining.items() if step not in ready}
    assert bool(cycle) == bool(remaining)
    assert all(after in edges[before] for before, after in pairwise(cycle))
    assert not cycle or cycle[0] == cycle[-1]


def test_a_long_chain_is_no_problem() -> None:
    chain = {f"s{n}": [f"s{n + 1}"] for n in range(5000)}

    assert find_cycle(chain) == []
    assert len(find_cycle({**chain, "s5000": ["s0"]})) == 5002
