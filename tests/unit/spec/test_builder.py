"""The traps of YAML: keys, tags, aliases, depth, several documents."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mlgitops.finding import Finding, Location
from mlgitops.spec.aliases import MAX_ALIASED_VALUES, MAX_ALIASES
from mlgitops.spec.builder import MAX_DEPTH, MAX_VALUES
from mlgitops.spec.document import load

Refuse = Callable[[str | bytes], list[Finding]]


def only(findings: list[Finding]) -> tuple[str, str, str]:
    (finding,) = findings
    return finding.code, str(finding.location), finding.pointer


def test_a_duplicate_key_is_told_with_both_places(refuse: Refuse) -> None:
    (finding,) = refuse("a:\n  b: 1\n  c: 2\n  b: 3\n")
    assert finding.code == "duplicate-key"
    assert finding.location == Location("models/a.yaml", 4, 3, 4)
    assert "line 2, column 3" in finding.message
    assert finding.pointer == "a.b"


def test_the_same_key_in_two_mappings_is_no_duplicate() -> None:
    assert load("a.yaml", b"a: {k: 1}\nb: {k: 1}\n").data == {"a": {"k": 1}, "b": {"k": 1}}


@pytest.mark.parametrize("key", ["1", "1.5", "true", "null", "~", "on", "y", "010", "12:30"])
def test_a_key_that_is_not_text_is_refused(key: str, refuse: Refuse) -> None:
    assert only(refuse(f"a:\n  {key}: x\n")) == ("non-string-key", "models/a.yaml:2:3", f"a.{key}")
    assert load("a.yaml", f"a:\n  '{key}': x\n".encode()).data == {"a": {key: "x"}}


@pytest.mark.parametrize("content", ["? [a]\n: 1\n", "? {a: 1}\n: 1\n", "{[a]: 1}"])
def test_a_collection_as_a_key_is_refused(content: str, refuse: Refuse) -> None:
    assert [f.code for f in refuse(content)] == ["non-string-key"]


def test_two_collections_as_keys_are_no_duplicates(refuse: Refuse) -> None:
    assert [f.code for f in refuse("? [a]\n: 1\n? [a]\n: 2\n")] == ["non-string-key"] * 2


def test_the_merge_key_is_refused_and_its_quoted_form_is_text(refuse: Refuse) -> None:
    (finding,) = refuse("a: &a {x: 1}\nb:\n  <<: *a\n")
    assert (finding.code, str(finding.location)) == ("merge-key", "models/a.yaml:3:3")
    assert "defaults" in finding.help
    assert load("a.yaml", b"'<<': 1").data == {"<<": 1}


@pytest.mark.parametrize(
    ("value", "tag"),
    [
        ("!!python/object/apply:os.system [x]", "!!python/object/apply:os.system"),
        ("!!binary aGk=", "!!binary"),
        ("!!int '1'", "!!int"),
        ("!!map {a: 1}", "!!map"),
        ("!own x", "!own"),
        ("! x", "!"),
        ("!<tag:example.com,2000:x> x", "tag:example.com,2000:x"),
        ("!!str {a: b}", "!!str"),
    ],
)
def test_an_explicit_tag_is_refused(value: str, tag: str, refuse: Refuse) -> None:
    (finding,) = refuse(f"a: {value}\n")
    assert (finding.code, str(finding.location)) == ("explicit-tag", "models/a.yaml:1:4")
    assert f"the tag {tag} " in finding.message


def test_the_tag_of_text_makes_text() -> None:
    assert load("a.yaml", b"a: !!str 010\nb: !!str NO\n!!str 1: x").data == {"a": "010", "b": "NO", "1": "x"}


@pytest.mark.parametrize("quoted", ["'NO'", '"NO"', "|-\n  NO", ">-\n  NO"])
def test_what_is_quoted_is_text(quoted: str) -> None:
    assert load("a.yaml", f"a: {quoted}\n".encode()).data == {"a": "NO"}


def test_a_trap_suggests_the_quoted_text(refuse: Refuse) -> None:
    (finding,) = refuse("country: NO\n")
    assert finding.suggestion == '"NO"'
    assert finding.location == Location("models/a.yaml", 1, 10, 12)


def test_an_alias_repeats_a_scalar_a_list_and_a_mapping() -> None:
    data = load("a.yaml", b"a: &a 1\nb: &b [*a, 2]\nc: &c {x: *b}\nd: [*a, *b, *c]\n").data
    assert data["d"] == [1, [1, 2], {"x": [1, 2]}]


def test_an_anchor_that_is_given_again_stands_for_the_new_value() -> None:
    assert load("a.yaml", b"a: &a 1\nb: *a\nc: &a 2\nd: *a\n").data == {"a": 1, "b": 1, "c": 2, "d": 2}


def test_an_alias_inside_what_it_repeats_is_refused(refuse: Refuse) -> None:
    assert only(refuse("a: &a\n  b: [*a]\n")) == ("recursive-alias", "models/a.yaml:2:7", "a.b.0")


def test_an_alias_without_an_anchor_is_refused_with_the_nearest_one(refuse: Refuse) -> None:
    (finding,) = refuse("a: &scaling 1\nb: *scalling\n")
    assert (finding.code, finding.suggestion) == ("unknown-alias", "scaling")


def test_an_alias_as_a_key_is_refused(refuse: Refuse) -> None:
    assert only(refuse("a: &a b\n*a : c\n"))[:2] == ("non-string-key", "models/a.yaml:2:1")


def test_aliases_are_bounded(refuse: Refuse) -> None:
    assert load("a.yaml", ("a: &a 1\nb: [" + "*a," * MAX_ALIASES + "]").encode()).data["b"] == [1] * MAX_ALIASES
    assert [f.code for f in refuse("a: &a 1\nb: [" + "*a," * (MAX_ALIASES + 1) + "]")] == ["too-many-aliases"]


def test_what_aliases_repeat_is_bounded(refuse: Refuse) -> None:
    anchored = f"a: &a [{'1,' * (MAX_ALIASED_VALUES // 2 - 1)}]\n"
    assert len(load("a.yaml", f"{anchored}b: *a\nc: *a\n".encode()).data) == 3
    assert only(refuse(f"{anchored}b: *a\nc: *a\nd: *a\n"))[:2] == ("too-many-aliases", "models/a.yaml:4:4")


def test_an_alias_bomb_is_refused_before_it_goes_off(refuse: Refuse) -> None:
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
    bomb += "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 10))
    (finding,) = refuse(bomb)
    assert (finding.code, finding.location.line) == ("too-many-aliases", 4)


def test_aliases_cannot_make_a_deep_tree(refuse: Refuse) -> None:
    half = MAX_DEPTH // 2
    chain = f"a: &a {'[' * half}{']' * half}\nb: {'[' * half}*a{']' * half}\n"
    assert [f.code for f in refuse(chain)] == ["too-deep"]
    nested = f"a: &a {'[' * 15}{']' * 15}\nb: &b {'[' * 10}*a{']' * 10}\nc: {'[' * 10}*b{']' * 10}\n"
    assert [f.code for f in refuse(nested)] == ["too-deep"]


def test_the_depth_that_is_allowed_is_allowed(refuse: Refuse) -> None:
    levels = MAX_DEPTH - 1
    load("a.yaml", f"a: {'[' * levels}{']' * levels}".encode())
    assert only(refuse(f"a: {'[' * MAX_DEPTH}{']' * MAX_DEPTH}"))[:2] == ("too-deep", f"models/a.yaml:1:{4 + levels}")


def test_values_are_bounded_with_the_line_that_is_too_much(refuse: Refuse) -> None:
    lines = MAX_VALUES // 2
    assert only(refuse("a:\n" + "".join(f" k{n}: 1\n" for n in range(lines))))[:2] == (
        "too-many-values",
        f"models/a.yaml:{lines + 1}:{len(f' k{lines - 1}') + 3}",
    )


@pytest.mark.parametrize("content", ["a: 1\n---\nb: 1\n", "a: 1\n...\n---\nb: 1\n", "a: 1\n---\n"])
def test_a_second_document_is_refused(content: str, refuse: Refuse) -> None:
    assert [f.code for f in refuse(content)] == ["multiple-documents"]


@pytest.mark.parametrize("content", ["---\na: 1\n", "a: 1\n...\n", "%YAML 1.1\n---\na: 1\n"])
def test_the_marks_of_one_document_are_allowed(content: str) -> None:
    assert load("a.yaml", content.encode()).data == {"a": 1}


@pytest.mark.parametrize("escape", [r"\0", r"\x1b", r"\u2028", r"\u202e", r"\uFEFF"])
def test_an_escape_for_an_unseen_character_is_refused(escape: str, refuse: Refuse) -> None:
    assert only(refuse(f'a:\n  b: "x{escape}"\n')) == ("control-character", "models/a.yaml:2:6", "a.b")
    assert [f.code for f in refuse(f'"x{escape}": 1')] == ["control-character"]


def test_ordinary_escapes_are_read() -> None:
    assert load("a.yaml", rb'a: "x\ty\nz \u00e9\r"').data == {"a": "x\ty\nz é\r"}
