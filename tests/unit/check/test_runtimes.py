from __future__ import annotations

import pytest

from mlgitops.check.runtimes import BY_FORMAT, BY_NAME, RUNTIMES, runtime_of
from mlgitops.spec.serving import Serving


@pytest.mark.parametrize(
    ("served", "runtime", "protocol"),
    [
        ("sklearn", "kserve-sklearnserver", "v1"),
        ("xgboost", "kserve-xgbserver", "v1"),
        ("lightgbm", "kserve-lgbserver", "v1"),
        ("paddle", "kserve-paddleserver", "v1"),
        ("pmml", "kserve-pmmlserver", "v1"),
        ("huggingface", "kserve-huggingfaceserver", "v1"),
        ("mlflow", "kserve-mlserver", "v2"),
        ("onnx", "kserve-tritonserver", "v2"),
        ("triton", "kserve-tritonserver", "v2"),
        ("tensorrt", "kserve-tritonserver", "v2"),
        ("pytorch", "kserve-torchserve", "v1"),
        ("tensorflow", "kserve-tensorflow-serving", "v1"),
    ],
)
def test_every_format_has_its_usual_runtime(served: str, runtime: str, protocol: str) -> None:
    assert BY_FORMAT[served].name == runtime
    assert BY_FORMAT[served].protocols[0] == protocol


def test_every_runtime_and_format_of_the_table_is_reached() -> None:
    assert set(BY_FORMAT) == {served for runtime in RUNTIMES for served in runtime.formats}
    assert len(BY_NAME) == len(RUNTIMES)


def test_a_grpc_protocol_has_a_port_in_every_runtime() -> None:
    speaking = [r for r in RUNTIMES if any(protocol.startswith("grpc") for protocol in r.protocols)]

    assert speaking
    assert all(runtime.grpc_port for runtime in speaking)


def test_a_runtime_of_ones_own_is_known_by_its_name_alone() -> None:
    runtime = runtime_of(Serving.model_validate({"runtime": "ours", "format": "whatever"}))

    assert runtime is not None
    assert runtime.name == "ours"
    assert runtime.protocols == ()
    assert runtime.metrics_port is None


def test_an_unknown_format_has_no_runtime() -> None:
    assert runtime_of(Serving.model_validate({"format": "scikit"})) is None
