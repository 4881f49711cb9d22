"""Formatting: one form for all, with the same meaning and the same comments, or nothing at all."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from mlgitops.errors import FindingsError
from mlgitops.spec.document import load
from mlgitops.spec.formatting.written import comments, formatted
from mlgitops.spec.project_files import expected_kind

UNTIDY = """\
# yaml-language-server: $schema=x.json

# What this is.
kind: Model
apiVersion: mlgitops.dev/v1alpha1


spec:
    # how it is served
    serving: # beside the key
        scaling: {max: 3, min: 1}   # in braces
        # the format
        format: 'sklearn'
        env:
        - value: "1"
          # about the name
          name: ONE
        -   name: TWO
            value: |
                two

                lines
        # after the list

        # commented out:
        #   args: [a]
    release:
        artifact:
            uri: s3://models/iris
        version: "1.0"
metadata: {name: iris}
# the end
"""
TIDY = """\
# yaml-language-server: $schema=x.json

# What this is.
apiVersion: mlgitops.dev/v1alpha1
kind: Model
metadata: {name: iris}

spec:
  release:
    version: "1.0"
    artifact:
      uri: s3://models/iris
  # how it is served
  serving: # beside the key
    # the format
    format: 'sklearn'
    env:
      # about the name
      - name: ONE
        value: "1"
      - name: TWO
        value: |
            two

            lines
    scaling: {max: 3, min: 1}   # in braces
    # after the list

    # commented out:
    #   args: [a]
# the end
"""


def done(text: str) -> str:
    return formatted("models/iris.yaml", text.encode()).decode()


def test_keys_come_in_the_order_of_the_schema_with_their_comments() -> None:
    assert done(UNTIDY) == TIDY


def test_what_is_formatted_stays_as_it_is() -> None:
    assert done(TIDY) == TIDY


@pytest.mark.parametrize(
    "text",
    [
        "kind: Model\nzz: 1\naa: 2\nmetadata:\n  labels: {b: '1'}\n",
        "kind: Target\nspec:\n  accelerators:\n    z: {}\n    a: {}\n",
    ],
)
def test_keys_that_the_schema_does_not_know_stay_in_their_order(text: str) -> None:
    keys = [line.strip().partition(":")[0] for line in done(text).splitlines() if line.strip()[0] in "za"]
    assert keys == [line.strip().partition(":")[0] for line in text.splitlines() if line.strip()[0] in "za"]


@pytest.mark.parametrize("ending", ["\r\n", "\r", "\n"])
def test_line_ends_and_a_byte_order_mark_stay(ending: str) -> None:
    content = b"\xef\xbb\xbf" + UNTIDY.replace("\n", ending).encode()
    assert formatted("a.yaml", content) == b"\xef\xbb\xbf" + TIDY.replace("\n", ending).encode()


@pytest.mark.parametrize(
    "text",
    [
        "kind: Model\nspec:\n    description: |+\n        kept\n\n\n    lifecycle: {}\n",
        "kind: Model\nspec:\n    description: >-\n        folded\n          more\n\n    lifecycle: {}\n",
        "kind: Model\nspec:\n    description: |2\n          indented\n    lifecycle: {}\n",
        'kind: Model\nspec:\n    description: "two\n      lines # no comment\\\n      end"\n',
        "kind: Model\nspec:\n    description: plain\n      goes on\n    lifecycle:\n",
        "kind: Model\nspec:\n    description: |\n        no line end",
        "kind: Model\nspec:\n    serving: {args: [a, # why\n      b]}\n    release: {}\n",
        "kind: Model\nspec:\n    serving:\n        args:\n        - - a\n          - b\n        -\n"
        "          c\n        - # why\n          name: d\n",
        "kind: Model\nspec: &all\n    serving: &one\n        timeout: 1s\n    lifecycle: *one\n",
        "---\nkind: Model\n",
        "kind: Model",
    ],
)
def test_odd_ways_to_write_values_keep_their_meaning(text: str) -> None:
    once = done(text)
    assert load("a", once.encode()).data == load("a", text.encode()).data
    assert comments(once) == comments(text)
    assert done(once) == once


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("? kind\n: Model\n", "'?'"),
        ("{kind: Model}\n", "no mapping with one key a line"),
        ("kind: Model\nspec:\n  env:\n  - &a\n    name: x\n  - *a\n", "anchor"),
        ("kind: Model\nspec:\n  lifecycle: &a\n    stage: active\n  serving:\n    logger: *a\n", "say the same"),
        ("kind: Model\n...\n", "neither a key"),
    ],
)
def test_what_cannot_be_formatted_is_refused_and_named(text: str, reason: str) -> None:
    with pytest.raises(FindingsError) as refused:
        done(text)
    (finding,) = refused.value.findings
    assert finding.code == "format-refused"
    assert reason in finding.message or "could not be read afterwards" in finding.message


def test_a_file_that_cannot_be_read_says_why() -> None:
    with pytest.raises(FindingsError) as refused:
        done("kind: [Model\n")
    assert refused.value.findings[0].code == "yaml-syntax"


ROOT = Path(__file__).resolve().parents[4]
SPECS = [
    path.relative_to(ROOT).as_posix()
    for folder in (".", "docs/catalogue")
    for path in sorted((ROOT / folder).glob("*/**/*.yaml"))
    if expected_kind(path.relative_to(ROOT / folder).as_posix())
]


def test_every_example_can_be_formatted_and_keeps_all_it_says() -> None:
    assert len(SPECS) > 30
    for path in SPECS:
        before = (ROOT / path).read_text()
        once = done(before)
        assert load(path, once.encode()).data == load(path, before.encode()).data
        assert comments(once) == comments(before)
        assert done(once) == once


KEYS = st.sampled_from(
    [
        "kind",
        "metadata",
        "spec",
        "name",
        "serving",
        "release",
        "env",
        "value",
        "scaling",
        "min",
        "steps",
        "x-y",
        "format",
    ]
)
SCALARS = st.one_of(
    st.integers(-5, 5),
    st.booleans(),
    st.none(),
    st.sampled_from(["a", "1.10", "no", "# no comment", "a: b", "two\nlines\n"]),
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3), st.dictionaries(KEYS, inner, min_size=1, max_size=4)
    ),
    max_leaves=15,
)


class Untidy:
    """Writes data as YAML in any of many ways, with comments between."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - for variety, not for secrets
        self._comments = 0

    def text(self, data: dict[str, Any]) -> str:
        return "\n".join(self._mapping(data, 0)) + "\n" * self._random.randint(0, 2)

    def _between(self, indent: int) -> list[str]:
        made = []
        for _ in range(self._random.choice([0, 0, 0, 1, 2])):
            self._comments += 1
            at = " " * self._random.choice([indent, indent, indent + 3, 0])
            made.append(self._random.choice(["", f"{at}# comment {self._comments}", f"{at}#{self._comments}: x"]))
        return made

    def _mapping(self, data: dict[str, Any], indent: int) -> list[str]:
        lines: list[str] = []
        for key, value in data.items():
            lines += [*self._between(indent), *self._entry(f"{' ' * indent}{key}:", value, indent)]
        return lines + self._between(indent)

    def _entry(self, head: str, value: Any, indent: int) -> list[str]:
        deeper = indent + self._random.choice([1, 2, 4])
        if isinstance(value, dict) and self._random.random() < 0.8:
            return [head + self._random.choice(["", " # why", "  "]), *self._mapping(value, deeper)]
        if isinstance(value, list) and self._random.random() < 0.8:
            return [head, *self._items(value, self._random.choice([indent, deeper]))]
        if isinstance(value, str) and "\n" in value:
            return [f"{head} |", *(f"{' ' * (indent + 2)}{line}" for line in value.splitlines())]
        flow = yaml.safe_dump(value, default_flow_style=True, width=10**6).removesuffix("...\n").strip()
        return [f"{head} {flow}{self._random.choice(['', ' # beside'])}"]

    def _items(self, items: list[Any], indent: int) -> list[str]:
        lines: list[str] = []
        for item in items:
            lines += self._between(indent)
            gap = self._random.choice([1, 2, 3])
            if isinstance(item, dict | list) and self._random.random() < 0.8:
                column = indent + 1 + gap
                inner = self._mapping(item, column) if isinstance(item, dict) else self._items(item, column)
                first = next(index for index, line in enumerate(inner) if line.strip() and line.strip()[0] != "#")
                inner = inner[first:]
                lines += [f"{' ' * indent}-{' ' * gap}{inner[0][column:]}", *inner[1:]]
            else:
                lines += self._entry(f"{' ' * indent}-", item, indent)
        return lines


@settings(max_examples=80)
@given(st.dictionaries(KEYS, VALUES, min_size=1, max_size=5), st.integers(0, 10**6))
def test_whatever_is_formatted_says_the_same_and_stays_formatted(data: dict[str, Any], seed: int) -> None:
    data = {"kind": "Model", **{key: value for key, value in data.items() if key != "kind"}}
    text = Untidy(seed).text(data)
    meant = load("a", text.encode()).data
    once = done(text)
    assert load("a", once.encode()).data == meant
    assert comments(once) == comments(text)
    assert done(once) == once


def test_a_block_scalar_that_ends_the_file_without_a_line_end_and_is_moved_up_leaves_one() -> None:
    once = formatted("f.yaml", b"spec:\n  a: 1\nkind: >-\n  Model")
    assert once == b"kind: >-\n  Model\nspec:\n  a: 1\n"
    assert formatted("f.yaml", once) == once
