from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from mlgitops.errors import InferenceError
from mlgitops.inference.client import BODY_BYTES, Client
from tests.fakes.inference import FakeModelServer
from tests.fakes.server import Fault

V2 = orjson.dumps({"inputs": [{"name": "x", "datatype": "FP64", "shape": [2], "data": [1, 2]}]})
V1 = orjson.dumps({"instances": [[1, 2]]})


@pytest.fixture
def server() -> Iterator[FakeModelServer]:
    with FakeModelServer() as running:
        yield running


def client(server: FakeModelServer, protocol: str = "v2", **more: Any) -> Client:
    return Client(server.url, "sum", protocol, more.pop("seconds", 5.0), **more).open({}, 2)


def test_both_versions_of_the_protocol_are_spoken(server: FakeModelServer) -> None:
    assert client(server).ask(V2).data["outputs"][0]["data"] == [3]
    assert client(server, "v1").ask(V1).data == {"predictions": [3]}
    assert [asked.path for asked in server.asked] == ["/v2/models/sum/infer", "/v1/models/sum:predict"]


def test_the_token_goes_into_the_header_and_nowhere_else(server: FakeModelServer) -> None:
    server.authorization = "Bearer canary-1"
    asking = client(server, token="canary-1")
    assert asking.ask(V2).problem == ""
    assert "canary-1" not in repr(asking)
    assert client(server).ask(V2).problem == "the server answered 401"


@pytest.mark.parametrize(
    ("fault", "problem"),
    [
        (Fault(status=500, body=b"{}"), "the server answered 500"),
        (Fault(status=429, body=b"{}"), "the server answered 429"),
        (Fault(status=302, headers={"Location": "/v2/models/other/infer"}), "the server answered 302"),
        (Fault(status=200, body=b"<html>"), "the answer is no JSON"),
        (Fault(body=b"x" * 1000), "the connection broke before the answer was whole"),
        (Fault(status=200, body=b"x" * (BODY_BYTES + 1)), f"the answer has more than {BODY_BYTES:,} bytes"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_goes_wrong_is_a_problem_and_is_not_tried_twice(
    server: FakeModelServer, fault: Fault, problem: str
) -> None:
    server.inject(fault)
    assert client(server).ask(V2).problem == problem
    assert len(server.asked) == 1


@pytest.mark.parametrize("slow_head", [True, False])
def test_an_answer_that_comes_a_byte_at_a_time_ends_at_the_deadline(server: FakeModelServer, slow_head: bool) -> None:
    server.inject(Fault(body=b"x" * 400, pace=0.05, slow_head=slow_head))
    start = time.perf_counter()
    answer = client(server, seconds=0.5).ask(V2)
    assert answer.problem
    assert time.perf_counter() - start < 3


@pytest.mark.parametrize("url", ["ftp://x", "http://", "http://ann:pw@x", "https://x?token=1", "x:8080"])
def test_an_address_that_is_none_is_refused_without_being_shown(url: str) -> None:
    with pytest.raises(InferenceError, match="neither a login nor a query") as refused:
        Client(url, "sum", "v2", 1.0).open({}, 1)
    assert url == "http://" or url not in str(refused.value)


def test_a_name_cannot_lead_to_another_path(server: FakeModelServer) -> None:
    assert Client(server.url, "../x?y", "v2", 1.0).path == "/v2/models/..%2Fx%3Fy/infer"
