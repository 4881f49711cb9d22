from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlgitops.plan.health import AT_ONCE, RULES, Health, State, health

WORDS = st.sampled_from(
    "status conditions type Ready True False Failed phase reason message parents replicas observedGeneration spec "
    "modelStatus transitionStatus BlockedByFailedLoad jobsStatus active lastTransitionTime".split()
)
SCALARS = st.none() | st.booleans() | st.integers(-3, 9) | st.floats(allow_nan=False) | WORDS | st.text(max_size=3)
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4))
KINDS = st.sampled_from(sorted(RULES)) | st.just(("example.com", "Widget"))


@given(kind=KINDS, spec=JSON, status=JSON, generation=JSON)
def test_no_status_whatever_its_shape_is_an_error(
    kind: tuple[str, str], spec: object, status: object, generation: object
) -> None:
    group, name = kind
    metadata = {"name": "x", "generation": generation}
    manifest = {"apiVersion": f"{group}/v1" if group else "v1", "kind": name, "metadata": metadata}
    assert isinstance(health({**manifest, "spec": spec, "status": status}), Health)


@pytest.mark.parametrize(("group", "kind"), sorted(AT_ONCE))
def test_what_has_no_status_to_wait_for_is_ready_at_once(group: str, kind: str) -> None:
    manifest = {"apiVersion": f"{group}/v1" if group else "v1", "kind": kind, "metadata": {"name": "x"}}
    assert health(manifest).state is State.READY


def test_no_kind_has_two_rules() -> None:
    assert RULES.keys() & AT_ONCE == set()
