from __future__ import annotations

import pytest
import yaml

from mlgitops.render.overlay.values import DEPTH, TooDeepError, documents, strings


@pytest.mark.parametrize(
    "plain",
    "NO y on 12345e 0o12 010 0x1F 1_000 12:30 12:30:45 2026-01-01 .inf .5 5. +1 = 0_ 1e nul True_ v1".split(),
)
def test_a_plain_scalar_that_is_no_json_value_is_a_string(plain: str) -> None:
    assert documents(f"[{plain}]".encode()) == ([plain],)


@pytest.mark.parametrize(
    ("plain", "value"),
    [("~", None), ("null", None), ("", None), ("true", True), ("False", False), ("-0", 0), ("12", 12), ("1e+16", 1e16)],
)
def test_json_values_have_their_types(plain: str, value: object) -> None:
    ((found,),) = documents(f"- {plain}".encode())

    assert found == value
    assert type(found) is type(value)


def test_empty_documents_are_left_out() -> None:
    assert documents(b"---\n---\na: 1\n---\n# nothing\n---\n[]") == ({"a": 1}, [])


def test_deep_nesting_is_refused_before_it_can_hurt() -> None:
    assert documents(b"[" * DEPTH + b"]" * DEPTH)
    for depth in (DEPTH + 1, 500, 20_000):
        with pytest.raises(yaml.YAMLError):
            documents(b"[" * depth + b"]" * depth)
    with pytest.raises(TooDeepError, match=f"more than {DEPTH} levels"):
        documents(b"[" * (DEPTH + 1) + b"]" * (DEPTH + 1))


def test_strings_are_found_at_any_depth_but_not_below_what_is_left_out() -> None:
    value = {"a": ["x", {"b": "y", "labels": {"c": "hidden"}}], "labels": "hidden", "n": 1, "z": None}

    assert sorted(strings(value, without=frozenset({"labels"}))) == ["x", "y"]


def test_an_alias_bomb_is_walked_once() -> None:
    lines = ["a0: &a0 [deep]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 40)]

    assert list(strings(documents("\n".join(lines).encode())[0])) == ["deep"]
