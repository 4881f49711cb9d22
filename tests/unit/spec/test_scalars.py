"""What plain scalars mean, and which are refused."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from mlgitops.spec.scalars import Trap, plain


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("True", True),
        ("false", False),
        ("False", False),
        ("", None),
        ("~", None),
        ("null", None),
        ("NULL", None),
        ("0", 0),
        ("-12", -12),
        ("+5", 5),
        ("9223372036854775807", 2**63 - 1),
        ("1.10", 1.1),
        ("-0.5", -0.5),
        (".5", 0.5),
        ("1.0e-4", 0.0001),
        ("1.5E+3", 1500.0),
    ],
)
def test_booleans_nulls_and_decimal_numbers_have_their_type(text: str, value: Any) -> None:
    assert plain(text) == value
    assert type(plain(text)) is type(value)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-24",
        "2026-11-24T10:00:00Z",
        "2026-11-24 10:00:00",
        "1.2.3",
        "500m",
        "1Gi",
        "10%",
        "10.0.0.1",
        "8080:9090",
        "Norway",
        "yesterday",
        "-",
        "+",
        ".",
        "...",
        "-foo",
        ".hidden",
        "sha256:00",
        "1e",
        "e5",
        "<<",
        "٣",  # an Arabic three
    ],
)
def test_what_no_reader_takes_for_something_else_is_text(text: str) -> None:
    assert plain(text) == text


@pytest.mark.parametrize(
    ("code", "texts"),
    [
        ("ambiguous-boolean", "y Y yes Yes YES n N no No NO on On ON off Off OFF TRUE FALSE"),
        ("ambiguous-number", "010 -017 08 0123.5 0o17 0x1F 0xff_ff -0x1 0b1 0b1_0 1_000 1_000.5 12_"),
        ("ambiguous-number", "1e5 12345e6 1.5e3 1E-4 .5e1 0e0"),
        ("sexagesimal-number", "12:30 12:30:45 1:1 22:22 190:20:30 20:30.15 -1:30 08:30"),
        ("non-finite-number", ".inf -.inf +.Inf .nan .NaN .NAN 1.0e+999 -1.0e+400"),
        ("number-too-large", f"9223372036854775808 -9223372036854775809 1{'0' * 5000}"),
        ("ambiguous-value", "="),
    ],
)  # fmt: skip
def test_a_trap_is_refused_with_its_code(code: str, texts: str) -> None:
    for text in texts.split():
        trap = plain(text)
        assert isinstance(trap, Trap), text
        assert trap.code == code, text
        assert trap.help


@given(st.text(max_size=30) | st.from_regex(r"[-+]?[0-9._eExXbo:]{1,12}", fullmatch=True))
def test_every_text_is_given_a_meaning_and_text_is_kept_as_it_is(text: str) -> None:
    value = plain(text)
    assert value is None or type(value) in (str, int, float, bool, Trap)
    if isinstance(value, str):
        assert value == text


@given(st.from_regex(r"[-+]?[0-9][0-9._eE:x+-]{0,9}", fullmatch=True))
def test_a_number_is_what_yaml_1_1_and_json_say(text: str) -> None:
    value = plain(text)
    if type(value) in (int, float):
        assert value == yaml.safe_load(text)
        assert value == float(text)
    elif isinstance(value, str):
        assert str(yaml.safe_load(f'a: "{text}"')["a"]) == text
        assert not isinstance(yaml.safe_load(text), int | float)
