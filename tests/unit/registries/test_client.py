from __future__ import annotations

from collections.abc import Iterator

import pytest

from mlgitops.errors import RegistryError
from mlgitops.registries import client as module
from mlgitops.registries.client import BODY_BYTES, Client
from tests.fakes.mlflow import RUN, FakeMlflow
from tests.fakes.server import Fault

PATH = "api/2.0/mlflow/runs/get"


@pytest.fixture
def server() -> Iterator[FakeMlflow]:
    with FakeMlflow() as running:
        yield running


def read(server: FakeMlflow) -> object:
    return Client("MLflow", server.url, {}, {}).data(PATH, "read a run", {"run_id": RUN})


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (Fault(status=500, body=b"{}"), "MLflow at 127.0.0.1 answered 500: could not read a run"),
        (Fault(status=302, headers={"Location": "https://example.com"}), "answered 302"),
        (Fault(status=200, body=b"x" * (BODY_BYTES + 1)), "the answer is too long"),
        (Fault(status=200, body=b"<html>"), "the answer is no JSON"),
        (Fault(status=200, body=b"[]"), "the answer is no JSON object"),
        (Fault(body=b"x" * 100), "the connection broke"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_goes_wrong_is_told(server: FakeMlflow, fault: Fault, told: str) -> None:
    server.inject(fault)
    with pytest.raises(RegistryError, match=told):
        read(server)


def test_an_answer_that_trickles_is_given_up(server: FakeMlflow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SECONDS", 0.3)
    server.inject(Fault(body=b"x" * 1000, pace=0.05))
    with pytest.raises(RegistryError, match="took too long"):
        read(server)


@pytest.mark.parametrize(
    ("server", "told"),
    [
        ("http://ml.example.com", "neither https nor on this machine"),
        ("https://ann:canary-2@ml.example.com", "not a plain one"),
        ("https://ml.example.com?token=canary-2", "not a plain one"),
    ],
)
def test_an_address_that_would_leak_is_refused_without_being_shown(server: str, told: str) -> None:
    with pytest.raises(RegistryError, match=told) as refused:
        Client("MLflow", server, {}, {})
    assert "canary" not in str(refused.value)
