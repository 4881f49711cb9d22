"""Edits of one block that leave every other byte as it was."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from mlgitops.errors import FindingsError
from mlgitops.promotion.splice import copy_block, remove, set_value
from mlgitops.spec.document import load
from mlgitops.spec.formatting.written import formatted
from mlgitops.targets import manifest_yaml

SOURCE = """\
# dev
spec:
    serving: {max: 1}
    # above, not part of it
    release: # the best so far
        version: "2.0"
        # why
        artifact:
            uri: 's3://models/iris/2.0'
        note: |2
            two more

          blank above
        list:
        - a
        - b # last
    # below, not part of it
    monitoring: {}
"""
TARGET = """\
# prod

spec:
  targets: [a,   b]   # odd   spacing
  # kept
  release:
    version: "1.0"   # old
    artifact: {uri: s3://models/iris/1.0}
  # kept too

  serving:
    max: 0x10
"""
RELEASE = ("spec", "release")


def copied(source: str, target: str) -> str:
    return copy_block("s.yaml", source.encode(), "t.yaml", target.encode()).decode()


def data(text: str | bytes) -> Any:
    return load("f.yaml", text if isinstance(text, bytes) else text.encode()).data


def test_the_block_is_the_sources_and_every_other_byte_the_targets() -> None:
    target = TARGET.replace("0x10", "16")
    before, after = target.split("  release:")[0], "  # kept too" + target.split("  # kept too")[1]
    made = copied(SOURCE, target)
    assert (
        made
        == before
        + (
            "  release: # the best so far\n"
            '      version: "2.0"\n'
            "      # why\n"
            "      artifact:\n"
            "          uri: 's3://models/iris/2.0'\n"
            "      note: |2\n"
            "          two more\n"
            "\n"
            "        blank above\n"
            "      list:\n"
            "      - a\n"
            "      - b # last\n"
        )
        + after
    )
    assert data(made)["spec"]["release"] == data(SOURCE)["spec"]["release"]


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("spec:\n  a: 1\n", 'spec:\n  release:\n      version: "2"\n  a: 1\n'),
        ("spec: # say\n   # more\n   a: 1", 'spec: # say\n   release:\n       version: "2"\n   # more\n   a: 1'),
        ("a: 1\nspec:\n", 'a: 1\nspec:\n  release:\n      version: "2"\n'),
        ("a: 1\nspec:", 'a: 1\nspec:\n  release:\n      version: "2"\n'),
        ("a: 1\n", None),
        ("a: 1\nspec: {}\n", None),
        ("spec: {release: {version: '1'}}\n", None),
    ],
)
def test_a_block_that_is_not_there_is_written_below_its_parent(target: str, expected: str | None) -> None:
    source = 'spec:\n    release:\n        version: "2"\n'
    if expected is None and "spec" in target:
        with pytest.raises(FindingsError, match="cannot be edited"):
            copied(source, target)
    elif expected is not None:
        assert copied(source, target) == expected


def test_line_ends_and_the_byte_order_mark_are_the_targets() -> None:
    target = b"\xef\xbb\xbf" + TARGET.replace("0x10", "16").replace("\n", "\r\n").encode()
    made = copy_block("s.yaml", SOURCE.encode(), "t.yaml", target)
    assert made.startswith(b"\xef\xbb\xbf#")
    assert made.count(b"\n") == made.count(b"\r\n") > 10
    back = copy_block("t.yaml", made, "s.yaml", SOURCE.encode())
    assert b"\r" not in back
    assert data(back) == data(SOURCE)


def test_a_last_line_without_an_end_stays_so() -> None:
    assert copied('spec:\n  release:\n    version: "2"', 'spec:\n  release:\n    version: "1"\n  a: 1') == (
        'spec:\n  release:\n    version: "2"\n  a: 1'
    )
    assert copied('spec:\n  release:\n    version: "2"\n  a: 1', 'spec:\n  release:\n    version: "1"') == (
        'spec:\n  release:\n    version: "2"'
    )


@pytest.mark.parametrize(
    ("source", "target", "words"),
    [
        ("spec:\n  a: &x 1\n  release:\n    b: *x\n", "spec:\n  release: 1\n", "an anchor that stands outside"),
        ("spec:\n  release: 1\n", "spec:\n  release: &x {a: 1}\n  b: *x\n", "an anchor in it is used elsewhere"),
        ("spec:\n  release: &x {a: 1}\n", "a: &x 1\nspec:\n  release: {}\nb: *x\n", "has the name of one"),
        ("spec: {release: 1}\n", "spec:\n  release: 1\n", "within braces"),
        ("spec:\n  release: {a: 1}\n", "spec: {release: {a: 2}}\n", "within braces"),
        ("spec:\n  a: 1\n", "spec:\n  release: 1\n", "no such block"),
        ("spec:\n  release: {a: 1}\n", "spec:\n  ? release\n  : {a: 2}\n", "does not begin its line"),
    ],
)
def test_what_crosses_the_border_is_refused(source: str, target: str, words: str) -> None:
    with pytest.raises(FindingsError) as refused:
        copied(source, target)
    (finding,) = refused.value.findings
    assert finding.code == "splice-refused"
    assert words in finding.message
    assert finding.location.line > 0


def test_an_anchor_that_is_used_only_within_the_block_travels_with_it() -> None:
    made = copied("spec:\n  release:\n    a: &x {k: v}\n    b: *x\n", "spec:\n  release: {}\n  c: 1\n")
    assert made == "spec:\n  release:\n    a: &x {k: v}\n    b: *x\n  c: 1\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("spec:\n  lifecycle:\n    stage: active # now\n", "spec:\n  lifecycle:\n    stage: deprecated # now\n"),
        ("spec:\n  lifecycle: {stage: 'active', sunset: x}\n", "spec:\n  lifecycle: {stage: deprecated, sunset: x}\n"),
        ("spec:\n  lifecycle:\n      sunset: x\n", "spec:\n  lifecycle:\n      stage: deprecated\n      sunset: x\n"),
        ("spec:\n  a: 1\n", "spec:\n  lifecycle:\n    stage: deprecated\n  a: 1\n"),
        ("spec:\n  lifecycle:\n    stage:\n", "spec:\n  lifecycle:\n    stage: deprecated\n"),
    ],
)
def test_a_scalar_is_set_in_its_place(text: str, expected: str) -> None:
    assert set_value("f.yaml", text.encode(), ("spec", "lifecycle", "stage"), "deprecated").decode() == expected


def test_a_small_block_is_set_and_taken_away_again() -> None:
    target = TARGET.replace("0x10", "16").encode()
    hold = {"reason": "latency: too high # really", "since": "2026-01-01T00:00:00Z", "by": "yes"}
    held = set_value("t.yaml", target, ("spec", "hold"), hold)
    assert data(held)["spec"]["hold"] == hold
    again = set_value("t.yaml", held, ("spec", "hold"), {"reason": "other"})
    assert data(again)["spec"]["hold"] == {"reason": "other"}
    assert remove("t.yaml", again, ("spec", "hold")) == remove("t.yaml", held, ("spec", "hold")) == target
    assert remove("t.yaml", target, ("spec", "hold")) == target


TEXTS = st.text(
    st.one_of(
        st.sampled_from(list(" :#-'\"{}[]|>&*!%@`,\\\n")),
        st.characters(codec="utf-8", categories=["L", "N", "P", "So"]),
    ),
    max_size=12,
)
VALUES = st.recursive(
    st.one_of(st.booleans(), st.integers(-9, 99), TEXTS),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.from_regex(r"[a-z]{1,5}", fullmatch=True), inner, max_size=3)
    ),
    max_leaves=8,
)
MAPPINGS = st.dictionaries(st.from_regex(r"[a-z]{1,6}", fullmatch=True), VALUES, min_size=1, max_size=3)
COMMENTS = st.sampled_from(["", "# one\n", "\n", "    # deep\n", "# ä 🙂 {[\n\n"])


@st.composite
def blocks(draw: st.DrawFn, indent: int) -> tuple[str, Any]:
    """A ``release`` entry with some content, in one of several styles, and its value."""
    value = draw(MAPPINGS)
    flow = draw(st.booleans())
    wide = draw(st.sampled_from([20, 10_000]))
    text = yaml.safe_dump(
        {"release": value}, default_flow_style=None if flow else False, width=wide, allow_unicode=draw(st.booleans()),
        indent=draw(st.sampled_from([2, 4])),
    )  # fmt: skip
    text = draw(st.sampled_from([text, manifest_yaml.dump({"release": value})]))
    return "".join(" " * indent + line if line.strip() else line for line in text.splitlines(keepends=True)), value


@st.composite
def specs(draw: st.DrawFn, with_release: bool = True) -> tuple[str, str, str, Any]:
    """A file in three parts, of which the middle one is the release, and the release's value."""
    indent = draw(st.sampled_from([1, 2, 4, 7]))
    pad = " " * indent
    start = f"{draw(COMMENTS)}spec: {draw(st.sampled_from(['', '# x']))}\n{pad}first: 'a # b'\n{draw(COMMENTS)}"
    end = f"{draw(COMMENTS)}{pad}last:\n{pad}  - {{a: b}} # c\n{draw(COMMENTS)}"
    block, value = draw(blocks(indent))
    return start, block, end, value


def readable(text: str) -> bool:
    try:
        load("f.yaml", text.encode())
    except FindingsError:
        return False
    return True


@given(specs(), specs(), st.sampled_from(["\n", "\r\n"]))
def test_everything_outside_the_block_is_byte_equal_and_the_release_is_the_sources(
    source: tuple[str, str, str, Any], target: tuple[str, str, str, Any], ends: str
) -> None:
    whole = "".join(source[:3]), "".join(target[:3]).replace("\n", ends)
    if not (readable(whole[0]) and readable(whole[1])):
        return
    made = copied(*whole)
    start, end = target[0].replace("\n", ends), target[2].replace("\n", ends)
    assert made.startswith(start)
    assert made.endswith(end)
    assert "\n" not in made.replace(ends, "")
    assert data(made) == {
        "spec": {"first": "a # b", "release": data(whole[0])["spec"]["release"], "last": [{"a": "b"}]}
    }


@given(specs(), specs())
def test_copying_there_and_back_gives_the_file_that_was(
    source: tuple[str, str, str, Any], target: tuple[str, str, str, Any]
) -> None:
    whole = "".join(source[:3]), "".join(target[:3])
    if readable(whole[0]) and readable(whole[1]):
        there = copied(*whole)
        assert copied(there, whole[0]) == whole[0]


@given(specs(), VALUES)
def test_a_block_that_is_set_and_removed_leaves_nothing_behind(target: tuple[str, str, str, Any], value: Any) -> None:
    whole = "".join(target[:3])
    if not readable(whole):
        return
    try:
        there = set_value("f.yaml", whole.encode(), ("spec", "hold"), value)
    except FindingsError:
        return
    assert data(there)["spec"]["hold"] == value
    assert remove("f.yaml", there, ("spec", "hold")) == whole.encode()


FORMED = """\
apiVersion: mlgitops.dev/v1alpha1
kind: Model
metadata:
  name: iris
spec:
  # which
  targets:
    - here
    # and no other
{release}  serving:
    format: sklearn
"""
VALUE = {
    "signature": {"outputs": [{"shape": [1], "name": "x", "datatype": "FP32"}]},
    "artifact": {"digest": "sha256:" + "0" * 64, "uri": "s3://a"},
    "version": "2.0",
}


@pytest.mark.parametrize("release", ["", '  release:\n    version: "1.0"\n', "  release: {}\n"])
def test_a_block_that_is_set_is_as_fmt_writes_it_where_the_file_was(release: str) -> None:
    before = FORMED.format(release=release).encode()
    assert formatted("m.yaml", before) == before
    made = set_value("m.yaml", before, RELEASE, VALUE)
    assert formatted("m.yaml", made) == made
    assert data(made)["spec"]["release"] == VALUE


def test_a_block_that_is_set_is_as_fmt_writes_it_where_the_rest_is_not() -> None:
    before = FORMED.format(release="  release: {version: '1.0'}\n").replace("    - here", "  - here")
    made = set_value("m.yaml", before.encode(), RELEASE, VALUE).decode()
    rest = before.split("  release: {version: '1.0'}\n")
    block = made.removeprefix(rest[0]).removesuffix(rest[1])
    assert formatted("m.yaml", made.encode()).decode().count(block) == 1
