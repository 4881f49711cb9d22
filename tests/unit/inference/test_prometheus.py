"""Asking Prometheus: what it says by its API, and every way in which it does not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from mlgitops.errors import InferenceError, NotAuthorisedError
from mlgitops.inference.prometheus import Prometheus, Sample
from tests.testbed.prometheus import FakePrometheus, serving


@pytest.fixture
def fake() -> Iterator[FakePrometheus]:
    with serving() as made:
        yield made


def server(fake: FakePrometheus, token: str = "") -> Prometheus:
    return Prometheus(fake.url, {}, token, seconds=20)


def test_a_vector_is_read_with_its_labels_and_the_token_is_sent(fake: FakePrometheus) -> None:
    fake.vectors["up"] = [({"pod": "a"}, "0.25"), ({}, "NaN")]
    first, second = server(fake, "t-1").query("sum(up)")
    assert first == Sample({"pod": "a"}, 0.25)
    assert second.value != second.value
    assert (fake.asked, fake.tokens) == (["sum(up)"], ["Bearer t-1"])
    assert server(fake).query("other") == []
    assert fake.tokens[-1] is None
    assert "t-1" not in repr(server(fake, "t-1"))


@pytest.mark.parametrize("status", [401, 403])
def test_a_missing_right_is_told_as_that(fake: FakePrometheus, status: int) -> None:
    fake.status = status
    with pytest.raises(NotAuthorisedError, match=f"answered {status}"):
        server(fake).query("up")


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (400, b'{"status":"error","errorType":"bad_data","error":"parse \\u001b[m"}', r"400: parse  \[m"),
        (422, b'{"status":"error","errorType":"execution","error":"too many samples"}', "422: too many samples"),
        (503, b"<html>", "answered 503"),
        (302, b"", "answered 302, which leads elsewhere"),
        (200, b"", "answered 200, but not as Prometheus does"),
        (200, b"[]", "answered 200"),
        (200, b'{"status":"success","data":{"resultType":"matrix","result":[]}}', "otherwise than its API"),
        (200, b'{"status":"success","data":{"resultType":"vector","result":[{"metric":{}}]}}', "otherwise than"),
        (200, b'{"status":"success"}', "otherwise than its API"),
    ],
)  # fmt: skip
def test_whatever_else_comes_is_an_error_in_words(fake: FakePrometheus, status: int, body: bytes, words: str) -> None:
    fake.status, fake.body, fake.headers = status, body, {"Location": fake.url + "/api/v1/query"}
    with pytest.raises(InferenceError, match=words):
        server(fake).query("up")
    assert len(fake.asked) == 1


def test_an_answer_without_end_is_not_read(fake: FakePrometheus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mlgitops.inference.prometheus.BODY_BYTES", 1000)
    fake.body = b" " * 2000
    with pytest.raises(InferenceError, match="more than 1,000 bytes"):
        server(fake).query("up")


@pytest.mark.parametrize("url", ["ftp://host", "http://me:secret@host", "http://host?a=b", "nothing"])
def test_an_address_that_is_none_is_not_asked(fake: FakePrometheus, url: str) -> None:
    with pytest.raises(InferenceError, match="without a login") as refused:
        replace(server(fake), url=url).query("up")
    assert "secret" not in str(refused.value)


def test_no_token_goes_over_the_network_without_encryption(fake: FakePrometheus) -> None:
    with pytest.raises(InferenceError, match="without encryption") as refused:
        replace(server(fake, "t-4711"), url="http://prometheus.example.com:9090").query("up")
    assert "t-4711" not in str(refused.value)


def test_nobody_at_the_other_end_is_told(fake: FakePrometheus) -> None:
    with pytest.raises(InferenceError, match="could not be connected to"):
        replace(server(fake), url="http://127.0.0.1:1").query("up")
