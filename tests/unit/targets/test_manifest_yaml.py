from __future__ import annotations

import random
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from mlgitops.errors import TargetError
from mlgitops.manifest import Manifest, canonical
from mlgitops.targets.manifest_yaml import dump, parse

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
LINES = st.lists(TEXT, max_size=4).map("\n".join)
INTEGERS = st.integers(-(2**63), 2**64 - 1)
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | INTEGERS | FLOATS | TEXT | LINES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
)
TRAPS = [
    "12345e6", "1e3", "0o12", "010", "0b1", "NO", "no", "y", "N", "on", "Off", "true", "null", "~", "=", "<<", "",
    "2026-01-01", "2026-01-01T00:00:00Z", "12:30:45", "0x1F", "1_000", "1.10", "+1", "-1", ".5", ".inf", "-.INF",
    ".nan", "NaN", "inf", "- a", "a: b", "a #b", "# a", "a:", "&a", "*a", "!a", "!!str a", "%a", "@a", "`a", "{a}",
    "[a]", "? a", "| a", "> a", "'a'", '"a"', " a", "a ", "a\tb", "\ta", "---", "...", "a\n---\nb", "a\n...\n",
    "\n", "a\n", "a\n\n", "\na", " a\nb", "a \nb", "a\r\nb", "a\n b\n", "a\n\tb\n", "a\x85b\nc", "a\u2028b\nc",
    "\ufeffa\nb", "\x00", "\x7f", "é\nü\n", "🙂\n🙂\n", "e1", "1:2",
]  # fmt: skip


def config_map(data: Any) -> Manifest:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": data}


@given(JSON)
def test_what_is_written_is_read_back_exactly(data: Any) -> None:
    manifest = config_map(data)
    assert canonical(parse(dump(manifest).encode())) == canonical(manifest)


@pytest.mark.parametrize("text", TRAPS)
def test_every_string_stays_that_string(text: str) -> None:
    manifest = config_map({"value": text, "list": [text, {"nested": text}], **({text: "key"} if text else {})})
    assert parse(dump(manifest).encode()) == manifest


@pytest.mark.parametrize("text", TRAPS)
def test_no_trap_is_written_as_a_plain_scalar(text: str) -> None:
    written = dump(config_map({"value": text}))
    (scalar,) = (event for event in yaml.parse(written) if isinstance(event, yaml.ScalarEvent) and event.value == text)
    assert scalar.style in ('"', "|") or text == "e1"


@given(st.dictionaries(TEXT, JSON, min_size=2, max_size=5), st.randoms())
def test_the_text_does_not_depend_on_the_order_of_keys(data: dict[str, Any], chance: random.Random) -> None:
    keys = list(data)
    chance.shuffle(keys)
    assert dump(config_map(data)) == dump(config_map({key: data[key] for key in keys}))


def test_the_text_reads_like_a_manifest() -> None:
    shared = {"b": "1", "name": "main"}
    manifest = {
        "spec": {"items": [shared, shared], "script": "#!/bin/sh\necho 'hi'\n"},
        "kind": "ConfigMap",
        "metadata": {"labels": {"tier": "NO"}, "name": "a"},
        "apiVersion": "v1",
    }
    assert dump(manifest) == (
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  labels:\n    tier: \"NO\"\nspec:\n  items:\n"
        "  - name: main\n    b: \"1\"\n  - name: main\n    b: \"1\"\n  script: |\n    #!/bin/sh\n    echo 'hi'\n"
    )  # fmt: skip


def test_a_date_that_somebody_wrote_is_text() -> None:
    edited = b"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {day: 2026-01-01}\n"
    assert parse(edited)["data"] == {"day": "2026-01-01"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a: [", "invalid YAML in line 2"),
        (b"", "not a mapping"),
        (b"- a", "not a mapping"),
        (b"kind: A", "it has no apiVersion"),
        (b"apiVersion: v1\nkind: A\nmetadata: {}", "it has no name"),
        (b"apiVersion: v1\nkind: A\nmetadata: &a {name: a}\nspec: *a", "aliases"),
        (b"apiVersion: v1\nkind: A\nmetadata: {name: a}\nspec: !!set {a}", "JSON"),
        (b"apiVersion: v1\nkind: A\nmetadata: {name: a}\nspec: !!python/name:os.system", "invalid YAML in line 4"),
        (b"apiVersion: v1\nkind: A\nmetadata: {name: a}\nspec: " + b"[" * 5000 + b"]" * 5000, "invalid YAML in line 4"),
        (b"a: 1\n---\nb: 1", "invalid YAML"),
        (b"\xff\xfe\xff", "is not a Kubernetes object"),
        (b"a: \x00", "is not a Kubernetes object"),
    ],
)
def test_what_is_no_object_is_refused(content: bytes, message: str) -> None:
    with pytest.raises(TargetError, match=message) as refused:
        parse(content, "ml/configmap_a.yaml")
    assert refused.value.message.startswith("ml/configmap_a.yaml is not a Kubernetes object")


@given(st.binary(max_size=300))
def test_no_bytes_crash_the_reader(content: bytes) -> None:
    with pytest.raises(TargetError):
        parse(content)


def test_a_message_shows_none_of_the_content() -> None:
    with pytest.raises(TargetError) as refused:
        parse(b"data:\n  key: 'canary-4711\n")
    assert "4711" not in refused.value.message
