from __future__ import annotations

from typing import Any

import orjson
import pytest

from mlgitops.errors import NotAuthorisedError
from mlgitops.targets.kubernetes.failures import ApiError, ForbiddenError, GoneError, failure, is_passing


def status(message: str = "", reason: str = "", **details: Any) -> bytes:
    return orjson.dumps({"kind": "Status", "message": message, "reason": reason, "details": details})


def test_a_conflict_names_fields_and_managers() -> None:
    causes = [
        {"reason": "FieldManagerConflict", "message": 'conflict with "hpa" using apps/v1', "field": ".spec.replicas"},
        {"reason": "FieldManagerConflict", "message": 'conflict with "me" using apps/v1', "field": ".spec.paused"},
    ]
    error = failure(409, status("Apply failed", "Conflict", causes=causes), "PATCH", "/x", secret=False)
    assert isinstance(error, ApiError)
    assert [tuple(vars_of) for vars_of in ((c.field, c.manager) for c in error.conflicts)] == [
        ("spec.replicas", "hpa"), ("spec.paused", "me")
    ]  # fmt: skip
    assert error.message == "spec.replicas is kept by hpa, spec.paused is kept by me"


@pytest.mark.parametrize(
    ("code", "message", "kind"),
    [
        (401, "Unauthorized", NotAuthorisedError),
        (
            403,
            'configmaps "a" is forbidden: User "x" cannot get resource "configmaps" in API group ""',
            ForbiddenError,
        ),
        (403, 'admission webhook "x" denied the request: User "y" cannot do that', ApiError),
        (403, 'pods "x" is forbidden: exceeded quota: q', ApiError),
        (410, "too old", GoneError),
        (422, "invalid", ApiError),
    ],
)
def test_who_may_not_is_told_from_what_is_refused(code: int, message: str, kind: type[Exception]) -> None:
    error = failure(code, status(message, "Forbidden"), "GET", "/x", secret=False)
    assert type(error) is kind


@pytest.mark.parametrize(
    ("said", "right"),
    [
        ('configmaps "a" is forbidden: User "x" cannot get resource "configmaps" in API group "" in the namespace "ml"',
         "get configmaps/a in namespace ml, as x"),
        ('pods.metrics.k8s.io is forbidden: User "system:serviceaccount:a:b" cannot list resource "pods" in API group '
         '"metrics.k8s.io" at the cluster scope', "list pods.metrics.k8s.io in all namespaces, as "
         "system:serviceaccount:a:b"),
        ('x is forbidden: User "x" cannot get path "/metrics"', 'x is forbidden: User "x" cannot get path "/metrics"'),
    ],
)  # fmt: skip
def test_a_right_that_is_missing_is_named_with_whose_it_would_be(said: str, right: str) -> None:
    error = failure(403, status(said, "Forbidden"), "GET", "/x", secret=False)
    assert error.message == f"not allowed: {right}"


def test_credentials_that_are_not_accepted_are_those_for_a_cluster() -> None:
    error = failure(401, status("Unauthorized"), "GET", "/x", secret=False, host="https://10.0.0.1:6443")
    assert error.message == "the cluster at https://10.0.0.1:6443 does not accept the credentials (GET /x)"


def test_the_message_about_a_secret_has_no_values() -> None:
    message = 'failed: .stringData.password: expected string, got "hunter2"; data.x: Invalid value: "hunter2"'
    causes = [{"field": "data.x", "message": 'Invalid value: "hunter2"'}]
    error = failure(422, status(message, "Invalid", causes=causes), "PATCH", "/secrets/a", secret=True)
    assert "hunter2" not in error.message
    assert "Invalid (data.x, .stringData.password: expected string)" in error.message


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"null"])
def test_an_answer_that_is_no_status_is_told_by_its_number(body: bytes) -> None:
    assert "502" in failure(502, body, "GET", "/x", secret=False).message


@pytest.mark.parametrize(
    ("code", "body", "passing"),
    [
        (429, b"", True),
        (500, status("etcdserver: request timed out"), True),
        (503, b"", True),
        (
            500,
            status("failed to create typed patch object (ml/a; /v1, Kind=ConfigMap): .data.x: expected string"),
            False,
        ),
        (409, b"", False),
        (404, b"", False),
    ],
)
def test_what_may_pass_is_told_from_what_will_not(code: int, body: bytes, passing: bool) -> None:
    assert is_passing(code, body) is passing
