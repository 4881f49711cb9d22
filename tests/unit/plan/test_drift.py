from __future__ import annotations

from mlgitops.manifest import Identity
from mlgitops.plan.change import FieldChange
from mlgitops.plan.drift import Drifted, DriftReport, Edit, edits

IRIS = Identity("serving.kserve.io", "InferenceService", "ml", "iris")
TIME = "2026-01-10T11:00:00Z"


def edited(*fields: FieldChange) -> Edit:
    return edits(DriftReport("aws", (Drifted(IRIS, "Model/iris", fields),)))["Model/iris"]


def test_an_edit_says_which_field_who_and_when_but_no_value() -> None:
    one = FieldChange(("spec", "token"), "secret-one", "secret-two", reason=f"set by kubectl-edit at {TIME}")
    assert edited(one, one) == Edit(
        "spec.token and 1 field more of InferenceService/iris, set by kubectl-edit",
        TIME,
    )


def test_an_edit_of_which_nobody_knows_who_made_it_says_what() -> None:
    one = FieldChange(("spec", "replicas"), 1, 2)
    assert edited(one) == Edit("spec.replicas of InferenceService/iris")
    assert edited() == Edit("InferenceService/iris was changed")


def test_who_without_when_is_told() -> None:
    one = FieldChange(("spec", "replicas"), 1, 2, reason="set by kubectl-edit")
    assert edited(one) == Edit("spec.replicas of InferenceService/iris, set by kubectl-edit")


def test_what_is_gone_goes_before_what_was_changed() -> None:
    gone = Drifted(Identity("", "ConfigMap", "ml", "names"), "Model/iris")
    extra = Drifted(Identity("", "ConfigMap", "ml", "extra"), "Model/rose")
    found = edits(DriftReport("aws", (Drifted(IRIS, "Model/iris"),), (gone,), (extra,)))
    assert found["Model/iris"].told == "ConfigMap/names is not there, though it was applied"
    assert found["Model/rose"].told == "ConfigMap/extra is there, though nobody applied it"
