from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlgitops.errors import FindingsError
from mlgitops.finding import Finding
from mlgitops.render.overlay.kustomization import MAX_BYTES, dotted, read


def refused(content: bytes) -> Finding:
    with pytest.raises(FindingsError) as caught:
        read("prod/kustomization.yaml", content)
    (finding,) = caught.value.findings
    return finding


def test_values_and_their_places_are_known() -> None:
    kustomization = read("prod/kustomization.yaml", b"namePrefix: p-\npatches:\n  - path: a.yaml\n")

    assert kustomization.value == {"namePrefix": "p-", "patches": [{"path": "a.yaml"}]}
    assert kustomization.directory == "prod"
    finding = kustomization.finding("code", "message", ("patches", 0, "path"))
    assert str(finding.location) == "prod/kustomization.yaml:3:11"
    assert finding.location.end_column == 17
    assert finding.excerpt == "  - path: a.yaml"
    assert finding.pointer == "patches[0].path"


@pytest.mark.parametrize(
    ("content", "place", "message"),
    [
        (b"a: 1\nb: [\n", "3:1", "is not valid YAML"),
        (b"resources: [a]\nresources: [b]", "2:1", "the key 'resources' twice"),
        (b"x: &a {b: 1}\ny:\n  <<: *a", "3:3", "merge key"),
        (b"x: !!binary aGk=", "1:4", "tags are not allowed"),
        (b"x: !!python/object/apply:os.system [id]", "1:4", "tags are not allowed"),
        (b"1: x", "1:1", "a key that is not a string"),
        (b"[a]: x", "1:1", "a key that is not a string"),
        (b"a: 1\n---\nb: 2", "2:1", "is not valid YAML"),
        (b"- a", "1:1", "is not a mapping"),
        (b"<<<<<<< HEAD\na: 1\n=======\na: 2\n>>>>>>> b", "2:2", "is not valid YAML"),
    ],
)
def test_what_two_parsers_may_read_differently_is_refused_with_its_place(
    content: bytes, place: str, message: str
) -> None:
    finding = refused(content)

    assert finding.code == "overlay-yaml"
    assert message in finding.message
    assert str(finding.location) == f"prod/kustomization.yaml:{place}"


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"\xff\xfe", "UTF-8"), (b"a: \x00", "not valid YAML"), (b"#" * (MAX_BYTES + 1), "is larger than")],
)
def test_what_is_no_text_is_refused(content: bytes, message: str) -> None:
    assert message in refused(content).message


def test_an_alias_bomb_is_refused_and_a_small_alias_is_not() -> None:
    assert read("k", b"a: &x [1]\nb: *x").value == {"a": [1], "b": [1]}
    lines = ["a0: &a0 [x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    assert "holds more than" in refused("\n".join(lines).encode()).message


def test_deep_nesting_is_refused() -> None:
    assert "nest" in refused(b"a: " + b"[" * 20_000 + b"]" * 20_000).message


@pytest.mark.parametrize(("text", "value"), [("1.10", 1.1), ("NO", "NO"), ("010", "010"), ("true", True), ("~", None)])
def test_scalars_are_read_as_kustomize_reads_them(text: str, value: object) -> None:
    assert read("k", f"newTag: {text}".encode()).value == {"newTag": value}


def test_an_empty_file_has_no_fields() -> None:
    assert read("k", b"# nothing yet\n").value == {}


@given(st.one_of(st.binary(max_size=200), st.text("abc:-[]{}&*!<>|'\"#\n \t,?%@0", max_size=60).map(str.encode)))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    try:
        keys, codes = list(read("k", content).value), []
    except FindingsError as error:
        keys, codes = [], [finding.code for finding in error.findings]

    assert all(isinstance(key, str) for key in keys)
    assert codes in ([], ["overlay-yaml"])


def test_pointers_are_written_as_people_write_them() -> None:
    assert dotted(()) == ""
    assert dotted(("patches", 0, "target", "name")) == "patches[0].target.name"
