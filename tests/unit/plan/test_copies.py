from __future__ import annotations

from dataclasses import replace
from typing import Any

from mlgitops.manifest import ANNOTATION_COPIES, Identity
from mlgitops.plan.change import Action, Change, FieldChange, Impact, TargetPlan
from mlgitops.plan.copies import Copy, copies

WANTED = "gs://far/iris s3://near/iris\ngs://far/base s3://near/base"
COPIES = (Copy("gs://far/base", "s3://near/base"), Copy("gs://far/iris", "s3://near/iris"))
PATH = ("metadata", "annotations", ANNOTATION_COPIES)


def change(action: Action, *fields: FieldChange, kind: str = "InferenceService", note: str = WANTED) -> Change:
    desired: dict[str, Any] = {"metadata": {"name": "iris", "annotations": {ANNOTATION_COPIES: note}}}
    impact = Impact.ROLLOUT
    return Change(Identity("", kind, "ml", "iris"), action, "Model/iris", impact, fields, desired)


def of(*changes: Change) -> tuple[Copy, ...]:
    return copies(TargetPlan("aws", {}, "", changes))


def test_what_is_created_needs_its_copies_once() -> None:
    assert of(change(Action.CREATE), change(Action.CREATE, kind="PodMonitor")) == COPIES
    assert of(change(Action.REPLACE)) == COPIES


def test_what_is_updated_needs_them_where_they_are_new() -> None:
    assert of(change(Action.UPDATE, FieldChange(PATH, "gs://far/old s3://near/old", WANTED))) == COPIES
    assert of(change(Action.UPDATE, FieldChange(PATH[:2], None, {ANNOTATION_COPIES: WANTED}))) == COPIES
    assert of(change(Action.UPDATE, FieldChange(("spec", "replicas"), 1, 2))) == ()


def test_what_goes_or_stays_or_is_read_in_place_needs_none() -> None:
    gone = replace(change(Action.DELETE), desired=None)
    kept = replace(change(Action.UNCHANGED), desired=None)

    assert of(gone, kept, change(Action.CREATE, note="")) == ()


def test_an_annotation_that_somebody_else_wrote_is_no_copy() -> None:
    assert of(change(Action.CREATE, note="nonsense")) == ()
