from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mlgitops.check.served.kind import FOLDER
from mlgitops.check.served.schemas import Schemas, UnreadableSchemaError, schemas_of
from mlgitops.check.served.validate import MOST, check, defined_by

FIELDS: dict[str, Any] = {
    "replicas": {"type": "integer", "minimum": 1, "maximum": 9},
    "image": {"type": "string", "maxLength": 5, "pattern": "^[a-z]+$"},
    "mode": {"type": "string", "enum": ["fast", "slow"]},
    "args": {"type": "array", "items": {"type": "string"}, "maxItems": 2, "x-kubernetes-list-type": "set"},
    "port": {"x-kubernetes-int-or-string": True},
    "from": {
        "type": "object",
        "properties": {"path": {"type": "string"}, "url": {"type": "string"}},
        "oneOf": [{"required": ["path"]}, {"required": ["url"]}],
    },
    "steps": {
        "type": "array",
        "items": {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]},
    },
    "needed": {
        "type": "object",
        "properties": {"key": {"type": "string", "nullable": True}},
        "required": ["key"],
    },
    "maybe": {
        "type": "object",
        "nullable": True,
        "not": {"required": ["x"]},
        "properties": {"x": {"type": "string"}, "y": {"type": "integer"}},
    },
}


@pytest.fixture
def things(define: Callable[..., Any], served: Callable[..., Schemas]) -> Schemas:
    return served(define(FIELDS))


def thing(**spec: Any) -> dict[str, Any]:
    return {"apiVersion": "example.com/v1", "kind": "Thing", "metadata": {"name": "a"}, "spec": spec}


@pytest.mark.parametrize(
    ("spec", "codes"),
    [
        ({"replicas": None, "args": None}, []),
        ({"steps": [{"name": None}]}, ["served-missing-field"]),
        ({"steps": [None]}, ["served-wrong-type"]),
        ({"unknown": None, "replicas": None}, ["served-unknown-field"]),
        ({"needed": {"key": None}}, []),
        ({"needed": {"key": None}, "replicas": None, "image": 1}, ["served-wrong-type"]),
        ({"needed": {}}, ["served-missing-field"]),
    ],
)
def test_null_is_a_field_that_is_not_there(things: Schemas, spec: dict[str, Any], codes: list[str]) -> None:
    assert [problem.code for problem in check(thing(**spec), things)] == codes


def test_a_right_manifest_has_no_problem(things: Schemas) -> None:
    good = thing(replicas=2, image="abc", mode="fast", args=["a"], port="http", maybe=None)
    assert check(good, things) == []


@pytest.mark.parametrize(
    ("spec", "code", "path", "message", "help", "suggestion"),
    [
        ({"replica": 1}, "served-unknown-field", ("spec", "replica"),
         "there is no field replica in spec; the API would drop it",
         "spec has: args, from, image, maybe, mode, needed, port, replicas, steps", "replicas"),
        ({"steps": [{"name": "x", "nmae": "y"}]}, "served-unknown-field", ("spec", "steps", 0, "nmae"),
         "there is no field nmae in spec.steps[0]; the API would drop it", "spec.steps[0] has: name", "name"),
        ({"replicas": "2"}, "served-wrong-type", ("spec", "replicas"),
         "spec.replicas has to be a whole number, not text", "write a whole number", ""),
        ({"image": 7}, "served-wrong-type", ("spec", "image"),
         "spec.image has to be text, not a number", "put it into quotes if text is meant", ""),
        ({"port": 1.5}, "served-wrong-type", ("spec", "port"),
         "spec.port has to be a whole number or text, not a number", "put it into quotes if text is meant", ""),
        ({"args": {}}, "served-wrong-type", ("spec", "args"),
         "spec.args has to be a list, not a mapping", "write a list", ""),
        ({"maybe": "x"}, "served-wrong-type", ("spec", "maybe"),
         "spec.maybe has to be a mapping, not text", "write a mapping", ""),
        ({"steps": [{}]}, "served-missing-field", ("spec", "steps", 0, "name"),
         "spec.steps[0].name is missing", "add name to spec.steps[0]", ""),
        ({"from": {}}, "served-missing-field", ("spec", "from"),
         "spec.from needs path or url", "add what is missing", ""),
        ({"from": {"path": "a", "url": "b"}}, "served-value", ("spec", "from"),
         "spec.from has several forms of which only one may be", "look it up in the kind's documentation", ""),
        ({"mode": "fsat"}, "served-value", ("spec", "mode"),
         "spec.mode is not one of the values that are allowed", "one of: fast, slow", "fast"),
        ({"replicas": 0}, "served-value", ("spec", "replicas"),
         "spec.replicas has to be at least 1", "correct it where it comes from", ""),
        ({"replicas": 10}, "served-value", ("spec", "replicas"),
         "spec.replicas has to be at most 9", "correct it where it comes from", ""),
        ({"image": "abcdefg"}, "served-value", ("spec", "image"),
         "spec.image has to have at most 5 characters", "correct it where it comes from", ""),
        ({"image": "A"}, "served-value", ("spec", "image"),
         "spec.image has to match ^[a-z]+$", "correct it where it comes from", ""),
        ({"args": ["a", "a"]}, "served-value", ("spec", "args"),
         "spec.args has the same item twice", "keep one of them", ""),
        ({"maybe": {"x": "a"}}, "served-value", ("spec", "maybe"),
         "spec.maybe is not allowed as it is", "its schema has a rule: not", ""),
        ({"maybe": {"y": "a"}}, "served-wrong-type", ("spec", "maybe", "y"),
         "spec.maybe.y has to be a whole number, not text", "write a whole number", ""),
    ],
)  # fmt: skip
def test_a_problem_says_where_what_and_how(  # noqa: PLR0917
    things: Schemas, spec: Any, code: str, path: Any, message: str, help: str, suggestion: str
) -> None:
    (problem,) = check(thing(**spec), things)
    assert (problem.code, problem.path, problem.message) == (code, path, message)
    assert (problem.help, problem.suggestion) == (help, suggestion)


def test_all_problems_are_told_at_once_in_order_and_within_bounds(things: Schemas) -> None:
    paths = [problem.path for problem in check(thing(replicas="x", image=1, b=1, a=1), things)]
    assert paths == [("spec", "a"), ("spec", "b"), ("spec", "image"), ("spec", "replicas")]
    assert len(check(thing(**{f"f{n}": n for n in range(100)}), things)) == MOST


def test_no_problem_quotes_a_value(things: Schemas) -> None:
    canary = "canary-secret"
    wrong = thing(replicas=canary, image=canary, mode=canary, args=canary, maybe={"x": canary}, steps=[canary])
    assert canary not in repr(check(wrong, things))


def test_a_wrong_label_is_named_with_its_key(things: Schemas) -> None:
    manifest = {**thing(), "metadata": {"name": "a", "labels": {"a.example.com/b": 1}}}
    (problem,) = check(manifest, things)
    assert problem.message == 'metadata.labels["a.example.com/b"] has to be text, not a number'


@pytest.mark.parametrize(
    ("api_version", "kind", "message", "suggestion"),
    [
        ("example.com/v1", "Thinng", "the target serves no Thinng of example.com", "Thing"),
        ("example.com/v2", "Thing", "the target serves Thing of example.com, but not as v2", "v1"),
        ("elsewhere.com/v1", "Other", "the target serves no Other of elsewhere.com", ""),
    ],
)
def test_a_kind_that_is_not_served_is_told(
    things: Schemas, api_version: str, kind: str, message: str, suggestion: str
) -> None:
    (problem,) = check({"apiVersion": api_version, "kind": kind, "metadata": {"name": "a"}}, things)
    assert (problem.code, problem.message, problem.suggestion) == ("kind-not-served", message, suggestion)


@pytest.mark.parametrize("api_version", ["v1", "apps/v1", "rbac.authorization.k8s.io/v1"])
def test_kinds_compiled_into_kubernetes_are_served_unless_the_import_says_otherwise(
    things: Schemas, api_version: str
) -> None:
    assert check({"apiVersion": api_version, "kind": "Any"}, things) == []


def test_a_kind_is_served_where_the_manifests_define_it(things: Schemas, define: Callable[..., Any]) -> None:
    manifest = {"apiVersion": "example.com/v1", "kind": "Other", "metadata": {"name": "a"}}
    assert check(manifest, things, defined_by([define({}, kind="Other")])) == []
    assert len(check(manifest, things, defined_by([{"kind": "CustomResourceDefinition", "spec": {}}]))) == 1


def test_where_nothing_was_imported_there_are_no_schemas(things: Schemas) -> None:
    path = f"{FOLDER}/here/Thing.example.com_v1.json"
    assert schemas_of("here", {"targets/here.yaml": b"", f"{FOLDER}/elsewhere/Thing_v1.json": b""}) is None
    assert schemas_of("here", {path: b""}) is not None


@pytest.mark.parametrize("content", [b"", b"{}", b"[1", b'{"formatVersion": 1}'])
def test_a_file_that_no_import_wrote_is_named(content: bytes) -> None:
    path = f"{FOLDER}/here/Thing.example.com_v1.json"
    with pytest.raises(UnreadableSchemaError) as caught:
        check(thing(), Schemas("here", {path: content}))
    assert caught.value.path == path


def test_a_file_about_another_kind_is_named(things: Schemas) -> None:
    (content,) = things._files.values()
    path = f"{FOLDER}/here/Other.example.com_v1.json"
    with pytest.raises(UnreadableSchemaError, match="another kind"):
        check({"apiVersion": "example.com/v1", "kind": "Other"}, Schemas("here", {path: content}))
