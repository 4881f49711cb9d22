from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlgitops.errors import MlgitopsError
from mlgitops.manifest import Manifest
from mlgitops.plan.change import Plan, TargetPlan
from mlgitops.plan.serialise import dumps, loads, to_json
from mlgitops.targets import Inventory


@pytest.fixture
def plan(make: Callable[..., Manifest], applied: Callable[..., Inventory], planned: Callable[..., Plan]) -> Any:
    old = [make("a", data={"v": "1", "w": None}), make("gone"), make("vanished")]
    return planned([make("a", data={"v": "2", "x": [1]}), make("comes")], old[:2], applied(*old))


def test_a_plan_survives_its_file(plan: Any) -> None:
    assert loads(dumps(plan)) == plan


def test_the_reason_why_a_target_could_not_be_read_survives_too(plan: Any) -> None:
    unread = replace(plan, targets=(*plan.targets, TargetPlan("gcp", {}, "", (), error="no answer in time")))
    again = loads(dumps(unread))
    assert again == unread
    assert [target.target for target in again.unread] == ["gcp"]


def test_a_secrets_content_is_not_in_the_file(
    make: Callable[..., Manifest], applied: Callable[..., Inventory], planned: Callable[..., Plan]
) -> None:
    content = {"stringData": {"key": "canary-4711"}, "data": {"other": "Y2FuYXJ5LTQ3MTE="}}
    plan = planned([make("a", "Secret", **content)], [make("a", "Secret", data={"other": "b2xk"})], applied())
    written = dumps(plan)
    assert b"4711" not in written
    assert b"Y2FuYXJ5" not in written
    (change,) = loads(written).targets[0].changes
    assert change.withheld


def test_another_objects_manifest_is_refused(plan: Any) -> None:
    document = orjson.loads(dumps(plan))
    document["targets"][0]["changes"][0]["desired"]["metadata"]["name"] = "other"
    with pytest.raises(MlgitopsError, match="another object's"):
        loads(orjson.dumps(document))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"formatVersion": "2.0"}, "formatVersion is '2.0'"),
        ({"commit": 5}, "a str is expected instead of a int"),
        ({"leftOut": True}, "a int is expected instead of a bool"),
        ({"surprise": 1}, "missing or unknown: surprise"),
        ({"targets": [{}]}, "missing or unknown: account, changes"),
        ({"targets": 1}, "a list is expected"),
    ],
)
def test_a_file_that_is_not_exactly_a_plan_is_refused_with_help(
    plan: Any, change: dict[str, Any], message: str
) -> None:
    with pytest.raises(MlgitopsError, match=message) as refused:
        loads(orjson.dumps({**to_json(plan), **change}), "plan.json")
    assert refused.value.message.startswith("plan.json is not a plan")
    assert "mlgitops plan --env ENV -o" in refused.value.help


def test_no_truncated_file_is_read_as_a_plan(plan: Any) -> None:
    written = dumps(plan).rstrip()
    for length in range(0, len(written), 7):
        with pytest.raises(MlgitopsError):
            loads(written[:length])


@given(st.binary(max_size=200) | st.from_type(dict).map(str).map(str.encode))
def test_no_bytes_crash_the_reader(content: bytes) -> None:
    with pytest.raises(MlgitopsError):
        loads(content)


def test_copies_that_no_change_asks_for_are_refused(plan: Plan) -> None:
    document = orjson.loads(dumps(plan))
    document["targets"][0]["copies"] = [{"source": "s3://theirs/x", "destination": "s3://ours/x"}]

    with pytest.raises(MlgitopsError, match="its copies are not those of its changes"):
        loads(orjson.dumps(document))
