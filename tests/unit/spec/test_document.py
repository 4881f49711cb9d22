"""Loading a file: what is accepted, what a document knows, and that nothing makes load fail in another way."""

from __future__ import annotations

import json
import resource
import time
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mlgitops.errors import FindingsError
from mlgitops.finding import Finding, Location
from mlgitops.sources import MAX_FILE_BYTES
from mlgitops.spec.builder import MAX_FINDINGS
from mlgitops.spec.document import Document, content_digest, load

Refuse = Callable[[str | bytes], list[Finding]]

MODEL = """\
apiVersion: mlgitops.dev/v1alpha1
kind: Model
metadata: {name: fraud}
spec:
  release:
    version: 1.10
    trainedAt: 2026-11-24T10:00:00Z
  scaling: &scaling
    min: 0
    target: 0.5
  steps:
    - name: one
      on-error: "no"
    - name: two
  again: *scaling
  note: |
    first
    second
"""


def test_a_document_holds_plain_data() -> None:
    document = load("models/fraud.yaml", MODEL.encode())
    scaling = {"min": 0, "target": 0.5}
    assert document.data == {
        "apiVersion": "mlgitops.dev/v1alpha1",
        "kind": "Model",
        "metadata": {"name": "fraud"},
        "spec": {
            "release": {"version": 1.1, "trainedAt": "2026-11-24T10:00:00Z"},
            "scaling": scaling,
            "steps": [{"name": "one", "on-error": "no"}, {"name": "two"}],
            "again": scaling,
            "note": "first\nsecond\n",
        },
    }
    assert document.data["spec"]["again"] is not document.data["spec"]["scaling"]


def test_a_document_is_the_same_when_it_comes_from_a_cache() -> None:
    content = b"\xef\xbb\xbf" + MODEL.encode()
    document = load("models/fraud.yaml", content)
    assert document.digest == content_digest(content)
    assert Document.from_cache("models/fraud.yaml", content, json.loads(json.dumps(document.data))) == document


def test_the_scalar_as_written_is_known() -> None:
    document = load("models/fraud.yaml", MODEL.encode())
    assert document.raw_scalar(("spec", "release", "version")) == "1.10"
    assert document.raw_scalar(("spec", "again", "target")) == "0.5"
    assert load("a.yaml", b"a: &v 1.10\nb: *v\n").raw_scalar(("b",)) == "1.10"
    assert document.raw_scalar(("spec", "release")) is None
    assert document.raw_scalar(("spec", "release", "none")) is None


def test_a_finding_carries_place_excerpt_and_pointer() -> None:
    document = load("models/fraud.yaml", MODEL.encode())
    finding = document.finding(
        "unknown-field", ("spec", "steps", 1, "name"), "no", help="yes", suggestion="s", key=True
    )
    assert finding == Finding(
        "unknown-field", "no", Location("models/fraud.yaml", 14, 7, 11), pointer="spec.steps.1.name",
        excerpt="    - name: two", help="yes", suggestion="s",
    )  # fmt: skip
    assert document.written(("spec", "release", "version")) == (
        ("spec", "release", "version"),
        Location("models/fraud.yaml", 6, 14, 18),
        "    version: 1.10",
        "1.10",
    )


def test_an_excerpt_shows_no_secret_and_only_lines_that_exist() -> None:
    document = load("a.yaml", b"dbPassword: hunter2\nb: 1\n")
    assert document.excerpt(1) == "dbPassword: ***"
    assert document.excerpt(2) == "b: 1"
    assert document.excerpt(0) == document.excerpt(9) == ""


def test_all_findings_of_a_file_come_at_once_in_order(refuse: Refuse) -> None:
    findings = refuse("a: NO\nb: 010\na: 1\nc: !x 1\nd: 'open\n")
    assert [(f.location.line, f.code) for f in findings] == [
        (1, "ambiguous-boolean"),
        (2, "ambiguous-number"),
        (3, "duplicate-key"),
        (4, "explicit-tag"),
        (5, "yaml-syntax"),
    ]
    assert all(f.excerpt and f.help and f.location.column for f in findings)


def test_a_findings_excerpt_and_message_show_no_secret(refuse: Refuse) -> None:
    content = (
        "password: 0123456\nenv:\n  - name: DB_TOKEN\n    value: 0777\napiKey: [0666]\n"
        "uri: 'https://me:hunter2@example.com/x\n"
    )
    for finding in refuse(content):
        for secret in ("0123456", "0777", "0666", "hunter2"):
            assert secret not in f"{finding}", finding


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty-file"),
        (b"# only a comment\n", "empty-file"),
        (b"---\n", "empty-file"),
        (b"null\n", "empty-file"),
        (b"- a\n", "not-a-mapping"),
        (b"text\n", "not-a-mapping"),
    ],
)
def test_a_file_that_holds_no_mapping_is_refused(content: bytes, code: str, refuse: Refuse) -> None:
    assert [f.code for f in refuse(content)] == [code]


def test_findings_of_one_file_are_bounded(refuse: Refuse) -> None:
    findings = refuse("a: [" + "NO," * 5000 + "]")
    assert len(findings) == MAX_FINDINGS + 1
    assert findings[-1].code == "too-many-findings"


@given(st.binary(max_size=200))
@example(b"a: \xff")
@example(b"\xff\xfea\x00")
@example(b"a: &a [*a]")
@example(b"? {a: [}")
@example(b'a: "\\ud800"')
@example(b"%TAG ! x\n---\n! a: !b c")
def test_load_never_fails_otherwise_on_arbitrary_bytes(content: bytes) -> None:
    loads_or_refuses(content)


@settings(max_examples=300)
@given(st.text(alphabet="ab01:-?*&!|>'\"[]{},#%@`~<>=\t\n\r \x00\x85\u2028\ufeff.y\\", max_size=60))
def test_load_never_fails_otherwise_on_what_looks_like_yaml(text: str) -> None:
    loads_or_refuses(text.encode())


def attempt(content: bytes) -> Document | tuple[Finding, ...]:
    """The document, or the findings that refuse it."""
    try:
        return load("a.yaml", content)
    except FindingsError as error:
        return error.findings


def loads_or_refuses(content: bytes) -> None:
    document = attempt(content)
    if isinstance(document, tuple):
        assert document
        assert all(f.code and f.message and f.location.path == "a.yaml" for f in document)
    else:
        json.dumps(document.data, allow_nan=False)
        for pointer in pointers(document.data):
            assert document.locate(pointer).line > 0


def pointers(value: Any, at: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at, *(pointer for key, child in entries for pointer in pointers(child, (*at, key)))]


SCALARS = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(max_size=12)
VALUES = st.recursive(
    SCALARS,
    lambda held: st.lists(held, max_size=3) | st.dictionaries(st.text(max_size=6), held, max_size=3),
    max_leaves=12,
)
DATA = st.dictionaries(st.text(max_size=8), VALUES, min_size=1, max_size=4)


@given(DATA)
def test_json_means_what_it_says_if_it_is_accepted(data: dict[str, Any]) -> None:
    document = attempt(json.dumps(data, ensure_ascii=False).encode("utf-8", "surrogatepass"))
    if isinstance(document, Document):
        assert document.data == data
    else:
        assert {f.code for f in document} <= {"control-character", "yaml-syntax", "not-utf8", "merge-conflict"}


@given(DATA)
def test_what_is_accepted_reads_as_in_a_safe_loader(data: dict[str, Any]) -> None:
    text = yaml.safe_dump(data, allow_unicode=True)
    document = attempt(text.encode())
    assert not isinstance(document, Document) or document.data == yaml.safe_load(text)


@pytest.mark.parametrize(
    "content",
    [
        "k: v\n" * 100_000,
        "".join(f"key{n}: 1\n" for n in range(100_000))[:MAX_FILE_BYTES],
        "a: |\n" + " x\n" * 100_000,
        "- a\n" * 100_000,
        "a: [" + "1," * 400_000 + "]",
        "\0\n" * 100_000,
        "<<<<<<< a\n>>>>>>> b\n" * 40_000,
        "a.a:" * 200_000 + "\n\tb",
    ],
    ids=range(8),
)
def test_a_file_of_100_000_lines_is_read_or_refused_in_time_and_memory(content: str) -> None:
    before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    document = attempt(content.encode())
    place = document.locate(("a",)) if isinstance(document, Document) else document[0].location
    assert place.line > 0
    assert time.process_time() - started < 10
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 256 * 1024


@pytest.mark.parametrize("pattern", ["[", "- ", "{a: ", "? ", "[{a: "])
def test_20_000_levels_are_refused_with_a_place(pattern: str, refuse: Refuse) -> None:
    finding = refuse(pattern * 20_000)[-1]
    assert finding.code == "too-deep"
    assert finding.location.line == 1
