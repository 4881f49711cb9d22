from __future__ import annotations

from collections.abc import Iterator

import orjson
import pytest

from mlgitops.errors import NotAuthorisedError, RegistryError
from mlgitops.registries.mlflow import BODY_BYTES, Run, find, read
from tests.fakes.mlflow import RUN, FakeMlflow
from tests.fakes.server import Fault


@pytest.fixture
def server() -> Iterator[FakeMlflow]:
    with FakeMlflow() as running:
        yield running


@pytest.mark.parametrize(
    "address",
    [
        f"https://ml.example.com/#/experiments/7/runs/{RUN}",
        f"https://ml.example.com/#/experiments/7/runs/{RUN}/model-metrics",
        f"https://ml.example.com/#/runs/{RUN}?tab=x",
        f"runs:/{RUN}",
    ],
)
def test_a_run_is_named_as_a_browser_or_mlflow_does(address: str) -> None:
    assert find(address, {"MLFLOW_TRACKING_URI": "https://ml.example.com/"}) == Run("https://ml.example.com", RUN)


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("runs:/short", "names no run"),
        ("https://ml.example.com/", "names no run"),
        ("file:///etc/passwd", "names no run"),
        (f"runs:/{RUN}", "MLFLOW_TRACKING_URI"),
        (f"http://ml.example.com/#/runs/{RUN}", "neither https nor on this machine"),
        (f"https://ann:canary-2@ml.example.com/#/runs/{RUN}", "has a login"),
    ],
)
def test_what_names_no_run_is_refused_without_being_shown(address: str, told: str) -> None:
    with pytest.raises(RegistryError, match=told) as refused:
        find(address, {})
    assert "canary-2" not in str(refused.value)


def test_a_run_is_read_with_the_token_of_the_environment(server: FakeMlflow) -> None:
    server.authorization = "Bearer canary-3"
    content = read(Run(server.url, RUN), {"MLFLOW_TRACKING_TOKEN": "canary-3"})
    assert orjson.loads(content)["run"]["info"]["status"] == "FINISHED"
    with pytest.raises(NotAuthorisedError, match="says no \\(401\\)"):
        read(Run(server.url, RUN), {})


def test_a_login_is_sent_as_mlflow_does(server: FakeMlflow) -> None:
    server.authorization = "Basic YW5uOmNhbmFyeQ=="
    read(Run(server.url, RUN), {"MLFLOW_TRACKING_USERNAME": "ann", "MLFLOW_TRACKING_PASSWORD": "canary"})


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (Fault(status=500, body=b"{}"), "it answered 500"),
        (Fault(status=302, headers={"Location": "https://example.com"}), "it answered 302"),
        (Fault(status=200, body=b"x" * (BODY_BYTES + 1)), "the answer is too long"),
        (Fault(body=b"x" * 100), "could not be read"),
    ],
    ids=str,
)
def test_what_goes_wrong_is_told(server: FakeMlflow, fault: Fault, told: str) -> None:
    server.inject(fault)
    with pytest.raises(RegistryError, match=told):
        read(Run(server.url, RUN), {})


def test_a_run_that_is_not_there_is_told(server: FakeMlflow) -> None:
    with pytest.raises(RegistryError, match=r"did not give run f+: it answered 404"):
        read(Run(server.url, "f" * 32), {})
