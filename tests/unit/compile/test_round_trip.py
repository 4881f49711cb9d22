"""What counts as the same object, and what is told of what is not."""

from __future__ import annotations

from typing import Any

import pytest

from mlgitops.compile.round_trip import MOST_ADDED, differences, findings
from mlgitops.compile.written import Where, Written
from mlgitops.finding import Severity


def of(**spec: Any) -> dict[str, Any]:
    return {"metadata": {"name": "a"}, "spec": spec}


@pytest.mark.parametrize(
    ("given", "rendered"),
    [
        (of(limits={"cpu": 0.5, "memory": "1024Mi"}), of(limits={"cpu": "500m", "memory": "1Gi"})),
        (of(env=[{"name": "a"}, {"name": "b"}]), of(env=[{"name": "b"}, {"name": "a"}])),
        (of(args=[], labels={}, name=""), of()),
        ({**of(), "status": {"ready": True}}, of()),
        (
            {"metadata": {"name": "a", "uid": "1", "labels": {"mlgitops.dev/model": "a"}}},
            {"metadata": {"name": "a", "labels": {"app.kubernetes.io/name": "a"}}},
        ),
        (
            {"metadata": {"annotations": {"serving.kserve.io/deploymentMode": "RawDeployment"}}},
            {"metadata": {"annotations": {"serving.kserve.io/deploymentMode": "Standard"}}},
        ),
    ],
)  # fmt: skip
def test_what_means_the_same_is_no_difference(given: dict[str, Any], rendered: dict[str, Any]) -> None:
    assert differences(given, rendered) == []


@pytest.mark.parametrize(
    ("given", "rendered", "pointer"),
    [
        (of(a=1), of(a=True), ("spec", "a")),
        (of(a="1"), of(a=1), ("spec", "a")),
        (of(args=["a", "b"]), of(args=["b", "a"]), ("spec", "args")),
        (of(limits={"cpu": "1"}), of(limits={"cpu": "2"}), ("spec", "limits", "cpu")),
        (of(limits={"cpu": "odd"}), of(limits={"cpu": "2"}), ("spec", "limits", "cpu")),
        (of(env=[{"name": "a", "value": "1"}]), of(env=[]), ("spec", "env", 0)),
        (of(env=[{"name": "a", "value": "1"}]), of(env=[{"name": "a"}]), ("spec", "env", 0, "value")),
        (of(a={"b": {"c": 1}}), of(), ("spec", "a", "b", "c")),
        (of(), of(a={"b": 1}), ("spec", "a")),
        ({"metadata": {"labels": {"team": "x"}}}, {"metadata": {}}, ("metadata", "labels", "team")),
        ({"metadata": {"namespace": "x"}}, {"metadata": {"namespace": "y"}}, ("metadata", "namespace")),
    ],
)
def test_what_means_something_else_is_named_by_its_place(
    given: dict[str, Any], rendered: dict[str, Any], pointer: tuple[str | int, ...]
) -> None:
    assert [one.pointer for one in differences(given, rendered)] == [pointer]


def told(given: dict[str, Any], rendered: dict[str, Any], text: str = "spec:\n  a: 1\n") -> list[Any]:
    written = Written("a.yaml", text, "sha256:0")
    return list(findings(differences(given, rendered), written, Where((), "Kind a")))


def test_a_field_that_is_lost_is_an_error_at_its_line() -> None:
    (finding,) = told(of(a=1), of())
    assert (finding.severity, str(finding.location), finding.pointer) == (Severity.ERROR, "a.yaml:2:3", "spec.a")
    assert finding.message == "spec.a of Kind a is not carried over"


def test_a_field_with_another_value_tells_it_but_never_one_of_a_variable() -> None:
    assert told(of(a=1), of(a=2))[0].message == "spec.a of Kind a would become 2"
    (finding,) = told(of(env=[{"name": "a", "value": "x"}]), of(env=[{"name": "a", "value": "y"}]))
    assert finding.message == "spec.env.0.value of Kind a would become another value"


def test_fields_that_are_added_are_one_warning_of_bounded_length() -> None:
    (finding,) = told(of(), of(**{f"f{number}": "x" * 200 for number in range(MOST_ADDED + 3)}))
    assert (finding.code, finding.severity) == ("import-adds", Severity.WARNING)
    assert finding.message.endswith("and 3 more")
    assert len(finding.message) < 100 * MOST_ADDED
