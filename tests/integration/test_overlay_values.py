"""What the real kustomize does to values on their way through it: nothing."""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from mlgitops.errors import ToolError
from mlgitops.tools import kustomize
from mlgitops.tools.kustomize import Kustomize
from mlgitops.tools.process import Limits
from mlgitops.workflows.overlay import Settings, overlay

pytestmark = pytest.mark.integration

TRAPS = """NO no No off ON y n Y N yes true True FALSE null Null NULL ~ 12345e6 1e3 1E3 .5 5. +1 -1 -0 0
007 010 0o12 0O12 0x1F 0b11 1_000 1__0 0_ 0x_ 1,000 12:30 12:30:45 190:20:30 2026-01-01
2026-01-01T00:00:00Z .inf -.Inf .nan .NaN = << ! & * - ? : | > @ ` % # -- --- ... {} [] 1.10 1e 1e+ e1
0e0 0.0 00 -.1 1.e5 1.5e+300 9223372036854775808 0x""".split()

NOT_CARRIED = "".join(map(chr, [*range(0x7F, 0xA0), 0xFFFE, 0xFFFF]))
text = st.text(st.characters(codec="utf-8", exclude_characters=NOT_CARRIED), max_size=30)
lines = st.lists(
    st.sampled_from(["", " ", "a", " b", "  c", "\t", "# d", "- e", "f: g", "'", '"', "\\", "%"]), max_size=5
)
strings = st.one_of(
    text, st.sampled_from(TRAPS), st.builds("\n".join, lines), st.text("-+0123456789.eE_:xo", max_size=10)
)
numbers = st.one_of(st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False, allow_infinity=False))
values = st.recursive(
    st.one_of(strings, strings, numbers, st.booleans(), st.none()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(strings.filter("<<".__ne__), inner, max_size=3)
    ),
    max_leaves=12,
)
real = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
FILES = {"kustomization.yaml": b"commonAnnotations: {seen: 'yes'}"}


def through(data: Any) -> Any:
    manifest = {"apiVersion": "example.com/v1", "kind": "Thing", "metadata": {"name": "a"}, "spec": {"data": data}}
    (result,) = overlay([manifest], "", FILES, lambda: kustomize.find(os.environ))
    assert result["metadata"]["annotations"] == {"seen": "yes"}
    return result["spec"]["data"]


def same(now: Any, before: Any) -> bool:
    """Whether a value and its type are the same. A whole number that was a float may come back as an integer."""
    if isinstance(before, dict):
        return isinstance(now, dict) and now.keys() == before.keys() and all(same(now[key], before[key]) for key in now)
    if isinstance(before, list):
        return isinstance(now, list) and len(now) == len(before) and all(map(same, now, before))
    if isinstance(before, float):
        return isinstance(now, (int, float)) and float(now) == before
    return type(now) is type(before) and now == before


def test_strings_that_look_like_something_else_stay_strings() -> None:
    assert through(TRAPS) == TRAPS
    keys = dict.fromkeys([trap for trap in TRAPS if trap != "<<"], "x")
    assert through(keys) == keys


@real
@given(values)
@example("\u2028\u2029\ufeff\U0001f600\x00\x1f\t")
@example("\n leading space after a line break\n")
@example(2**53 + 1)
def test_any_value_comes_back_as_it_was(data: Any) -> None:
    assert same(through(data), data)


@pytest.mark.parametrize("data", [*NOT_CARRIED, {"<<": "x"}, {"a": [{"<<": {}}]}])
def test_what_kustomize_would_change_is_refused(data: Any) -> None:
    with pytest.raises(ToolError, match=r"would change .* in Thing/a"):
        through(data)


def test_the_words_of_a_secret_are_masked_in_kustomizes_complaint() -> None:
    secret = b"apiVersion: v1\nkind: Secret\nmetadata: {nam: x}\nstringData: {password: canary-value, pin: 271828}"
    files = {"kustomization.yaml": b"resources: [secret.yaml]", "secret.yaml": secret}

    with pytest.raises(ToolError) as caught:
        overlay([], "", files, lambda: kustomize.find(os.environ))

    assert "missing metadata.name" in caught.value.message
    assert "canary" not in caught.value.message
    assert "271828" not in caught.value.message


def test_an_alias_bomb_among_the_resources_ends_in_an_error() -> None:
    files = {"kustomization.yaml": b"resources: [big.yaml]", "big.yaml": b"a: &a [x,x,x,x,x,x,x,x,x]\n" + bomb(9)}

    with pytest.raises(ToolError, match=r"kustomize .* in \."):
        overlay([], "", files, found, Settings(limits=Limits(timeout=20, output=1 << 20, memory=1 << 30)))


def found() -> Kustomize:
    return kustomize.find(os.environ)


def bomb(levels: int) -> bytes:
    names = "abcdefghijklmnop"
    return b"".join(
        f"{names[n + 1]}: &{names[n + 1]} [{','.join([f'*{names[n]}'] * 9)}]\n".encode() for n in range(levels)
    )
