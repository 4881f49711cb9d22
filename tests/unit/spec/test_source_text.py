"""From bytes to text."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mlgitops.finding import Finding
from mlgitops.sources import MAX_FILE_BYTES
from mlgitops.spec.document import load
from mlgitops.spec.source_text import LONGEST_EXCERPT, excerpt_of

Refuse = Callable[[str | bytes], list[Finding]]


def told(findings: list[Finding]) -> list[tuple[str, int, int]]:
    return [(f.code, f.location.line, f.location.column) for f in findings]


def test_a_byte_order_mark_and_all_line_ends_are_accepted() -> None:
    document = load("a.yaml", b"\xef\xbb\xbfa: 1\r\nb: 2\rc: \xc3\xbc\n")
    assert document.data == {"a": 1, "b": 2, "c": "ü"}
    assert document.locate(("c",)).line == 3
    assert document.excerpt(2) == "b: 2"


def test_a_file_that_is_too_large_is_refused_with_the_line_that_is_too_much(refuse: Refuse) -> None:
    assert load("a.yaml", b"a: 1\n" + b"#" * (MAX_FILE_BYTES - 5)).data == {"a": 1}
    assert told(refuse(b"a: 1\n" + b"#" * (MAX_FILE_BYTES - 4))) == [("file-too-large", 2, 0)]


def test_bytes_that_are_not_utf_8_are_told_with_their_line_and_the_rest_too(refuse: Refuse) -> None:
    findings = refuse("a: 1\nü: x".encode() + b"\xe9\nb: NO\n")
    assert told(findings) == [("not-utf8", 2, 5), ("ambiguous-boolean", 3, 4)]
    assert "0xe9" in findings[0].message
    assert findings[0].excerpt == "ü: x\ufffd"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_other_encodings_are_named(encoding: str, refuse: Refuse) -> None:
    (finding,) = refuse("a: 1\n".encode(encoding))
    assert finding.code == "not-utf8"
    assert "UTF-16" in finding.message


@pytest.mark.parametrize(
    "character", ["\0", "\a", "\x1b", "\x7f", "\x85", "\u2028", "\u202e", "\u2066", "\ufeff", "\ufffe"]
)
def test_unseen_characters_are_refused_wherever_they_are(character: str, refuse: Refuse) -> None:
    for before in ("b: ", "b: '", "# ", "b: |\n  "):
        quote = "'" if before.endswith("'") else ""
        (finding,) = refuse(f"a: 1\n{before}x{character}y{quote}\n")
        assert finding.code == "control-character"
        assert finding.location.line == (3 if "\n" in before else 2)
        assert character not in finding.excerpt + finding.message


def test_each_line_with_unseen_characters_is_told_once(refuse: Refuse) -> None:
    assert told(refuse("a: \0\0\nb: 1\nc: \0\n")) == [("control-character", 1, 4), ("control-character", 3, 4)]


CONFLICT = "a: 1\n<<<<<<< HEAD\nb: 1\n||||||| base\nb: 0\n=======\nb: 2\n>>>>>>> topic\nc: 1\n"


def test_a_merge_conflict_is_told_once_and_alone(refuse: Refuse) -> None:
    assert told(refuse(CONFLICT)) == [("merge-conflict", 2, 1)]
    assert told(refuse(CONFLICT + CONFLICT)) == [("merge-conflict", 2, 1), ("merge-conflict", 11, 1)]


@pytest.mark.parametrize("marker", ["<<<<<<< HEAD", ">>>>>>> topic", "=======", "<<<<<<<"])
def test_one_marker_left_behind_is_enough(marker: str, refuse: Refuse) -> None:
    assert told(refuse(f"a: 1\n{marker}\nb: 1\n")) == [("merge-conflict", 2, 1)]


def test_a_conflict_inside_a_block_scalar_is_found(refuse: Refuse) -> None:
    block = "".join(f"  {line}\n" for line in CONFLICT.splitlines())
    assert told(refuse(f"a: |\n{block}")) == [("merge-conflict", 3, 3)]
    assert told(refuse("a: |\n  text\n<<<<<<< HEAD\n  one\n=======\n  two\n>>>>>>> b\n")) == [("merge-conflict", 3, 1)]


@pytest.mark.parametrize("line", ["  =======", "  Title\n  =======", "  <<<<<<<<<<", "  a <<<<<<< b", "  <<<<<<<b"])
def test_text_that_only_resembles_a_marker_is_accepted(line: str) -> None:
    assert load("a.yaml", f"a: |\n{line}\n".encode()).data["a"].strip()


def test_an_excerpt_is_cut_after_it_is_masked() -> None:
    line = f"note: {'x' * (LONGEST_EXCERPT - 20)} https://me:{'s' * 40}@example.com/"
    shown = excerpt_of([line], 1)
    assert len(shown) <= LONGEST_EXCERPT
    assert "sss" not in shown
    assert len(excerpt_of(["a" * 5000], 1)) == LONGEST_EXCERPT


def test_two_keys_that_differ_in_what_was_replaced_are_no_duplicates(refuse: Refuse) -> None:
    assert told(refuse("a\x01: 1\na\x02: 2\nb: 1\nb: 2\n")) == [
        ("control-character", 1, 2),
        ("control-character", 2, 2),
        ("duplicate-key", 4, 1),
    ]
