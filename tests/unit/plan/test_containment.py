from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlgitops.plan.containment import contains

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=15,
)
MANIFESTS = st.dictionaries(st.text(max_size=5), VALUES, max_size=4)


def pod(*containers: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"spec": {"containers": list(containers), **more}}


MAIN = {"name": "main", "image": "x"}
SIDE = {"name": "side", "image": "y"}


@given(MANIFESTS)
def test_everything_contains_itself(manifest: dict[str, Any]) -> None:
    assert contains(manifest, copy.deepcopy(manifest))


@pytest.mark.parametrize(
    ("live", "desired"),
    [
        (pod({**MAIN, "pullPolicy": "Always"}, restartPolicy="Always"), pod(MAIN)),
        (pod(SIDE, MAIN), pod(MAIN)),
        (
            pod({**MAIN, "resources": {"limits": {"cpu": "1"}}}),
            pod({**MAIN, "resources": {"limits": {"cpu": "1000m"}}}),
        ),
        (pod({**MAIN, "resources": {"limits": {"cpu": "1"}}}), pod({**MAIN, "resources": {"limits": {"cpu": 1}}})),
        ({"spec": {}}, {"spec": {"empty": {}, "none": None, "list": []}}),
        ({"metadata": {"name": "a"}}, {"metadata": {"name": "a", "annotations": {"mlgitops.dev/source-commit": "c"}}}),
        ({"ports": [{"port": 80, "protocol": "TCP"}]}, {"ports": [{"port": 80}]}),
    ],
    ids=["defaults", "another's item", "quantity", "quantity as number", "empty", "commit", "keyed by port"],
)
def test_what_only_differs_in_form_is_contained(live: dict[str, Any], desired: dict[str, Any]) -> None:
    assert contains(live, desired)


@pytest.mark.parametrize(
    ("live", "desired"),
    [
        (pod(SIDE), pod(MAIN)),
        (pod({**MAIN, "image": "z"}), pod(MAIN)),
        (pod(MAIN), pod({**MAIN, "tty": True})),
        ({"args": ["a", "b"]}, {"args": ["a"]}),
        ({"args": ["a"]}, {"args": ["b"]}),
        ({"rules": [{"x": 1}, {"x": 2}]}, {"rules": [{"x": 1}]}),
        ({"v": True}, {"v": 1}),
        ({"v": "1"}, {"v": 1}),
        ({}, {"v": ""}),
        ({"v": "text"}, {"v": {}}),
        ({"v": {"a": 1}}, {"v": [1]}),
    ],
)
def test_what_is_missing_or_different_is_not_contained(live: dict[str, Any], desired: dict[str, Any]) -> None:
    assert not contains(live, desired)
