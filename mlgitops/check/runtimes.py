"""What KServe's own serving runtimes can do: formats, protocols, ports, and what can be measured there. Pure data.

From ``config/runtimes/*.yaml`` of KServe v0.15.2, v0.16.0 and v0.17.0, which agree in all of this, except for ports of
metrics where a comment says otherwise. A runtime of one's own is known by its name alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from mlgitops.check import indicators
from mlgitops.check.indicators import Indicators
from mlgitops.spec.serving import Serving

Protocol = Literal["v1", "v2", "grpc-v1", "grpc-v2"]


@dataclass(frozen=True)
class Runtime:
    """A serving runtime.

    ``formats`` and ``protocols`` are empty where they are not known; the first protocol is what KServe takes by
    itself. Ports are of the container. ``metrics_port`` is None where no metrics are exported. ``named_by`` is what
    tells it how requests call the model: KServe's argument, MLServer's variable, or the artifact; None where nobody
    knows.
    """

    name: str
    formats: tuple[str, ...] = ()
    protocols: tuple[Protocol, ...] = ()
    http_port: int | None = 8080
    grpc_port: int | None = None
    metrics_port: int | None = 8080
    indicators: Indicators = indicators.UNKNOWN
    named_by: Literal["argument", "variable", "artifact"] | None = None


@dataclass(frozen=True)
class Port:
    """A port of the serving container, by the name that a Service and a PodMonitor use."""

    name: str
    number: int


_PYTHON: tuple[Protocol, ...] = ("v1", "v2")
RUNTIMES: tuple[Runtime, ...] = (
    Runtime("kserve-sklearnserver", ("sklearn",), _PYTHON, indicators=indicators.KSERVE_PYTHON, named_by="argument"),
    Runtime("kserve-xgbserver", ("xgboost",), _PYTHON, indicators=indicators.KSERVE_PYTHON, named_by="argument"),
    Runtime("kserve-lgbserver", ("lightgbm",), _PYTHON, indicators=indicators.KSERVE_PYTHON, named_by="argument"),
    Runtime("kserve-paddleserver", ("paddle",), _PYTHON, indicators=indicators.KSERVE_PYTHON, named_by="argument"),
    Runtime("kserve-pmmlserver", ("pmml",), _PYTHON, indicators=indicators.KSERVE_PYTHON, named_by="argument"),
    Runtime("kserve-huggingfaceserver", ("huggingface",), _PYTHON, indicators=indicators.HUGGINGFACE,
            named_by="argument"),
    # MLServer listens for metrics on 8082 unless told otherwise (mlserver/settings.py, metrics_port); the annotation
    # of KServe's runtime still says 8080.
    Runtime("kserve-mlserver", ("mlflow", "sklearn", "xgboost", "lightgbm"), ("v2",), grpc_port=9000,
            metrics_port=8082, indicators=indicators.MLSERVER, named_by="variable"),
    # The gRPC port is that of KServe's end-to-end test (test/e2e/predictor/test_torchserve.py).
    Runtime("kserve-torchserve", ("pytorch",), ("v1", "v2", "grpc-v2"), grpc_port=8081, metrics_port=8082,
            indicators=indicators.TORCHSERVE, named_by="artifact"),
    # TensorFlow Serving exports nothing without a monitoring file, which KServe's arguments do not give.
    Runtime("kserve-tensorflow-serving", ("tensorflow",), ("v1", "grpc-v1"), grpc_port=9000, metrics_port=None,
            indicators=indicators.TENSORFLOW, named_by="argument"),
    Runtime("kserve-tritonserver", ("onnx", "triton", "tensorrt", "tensorflow", "pytorch"), ("v2", "grpc-v2"),
            grpc_port=9000, metrics_port=8002, indicators=indicators.TRITON, named_by="artifact"),
)  # fmt: skip

BY_NAME: Mapping[str, Runtime] = MappingProxyType({runtime.name: runtime for runtime in RUNTIMES})
BY_FORMAT: Mapping[str, Runtime] = MappingProxyType(
    {served: runtime for runtime in reversed(RUNTIMES) for served in runtime.formats}
)
"""The runtime that serves a format where the model names none: the first in the table."""


def runtime_of(serving: Serving) -> Runtime | None:
    """The runtime that serves the model; None where it names none and its format is not known."""
    if serving.runtime is None:
        return BY_FORMAT.get(serving.format or "")
    return BY_NAME.get(serving.runtime) or Runtime(
        serving.runtime, http_port=serving.port, grpc_port=serving.port, metrics_port=_own_metrics_port(serving)
    )


def _own_metrics_port(serving: Serving) -> int | None:
    """A runtime of one's own is taken to export metrics where it answers HTTP."""
    return None if (serving.protocol or "").startswith("grpc") else serving.port


def protocol_of(serving: Serving, runtime: Runtime) -> str | None:
    """The protocol that is spoken; None where that is left to a runtime that is not known."""
    return serving.protocol or (runtime.protocols[0] if runtime.protocols else None)


def ports_of(serving: Serving, runtime: Runtime, *, knative: bool) -> list[Port]:
    """The container's ports; the first is the one that requests go to.

    KServe's runtimes declare none, and without one a PodMonitor finds nothing to scrape. Knative allows a single port.
    """
    grpc = (protocol_of(serving, runtime) or "").startswith("grpc")
    number = serving.port or (runtime.grpc_port if grpc else runtime.http_port)
    if number is None:
        return []
    traffic = Port("h2c" if grpc else "http1", number)
    if knative or runtime.metrics_port in (None, runtime.http_port if not grpc else number):
        return [traffic]
    assert runtime.metrics_port is not None
    return [traffic, Port("metrics", runtime.metrics_port)]


def metrics_port_of(serving: Serving, runtime: Runtime, *, knative: bool) -> str | None:
    """The name of the port that metrics are scraped from; None where no declared port has them.

    Knative calls the container's one port ``user-port``, whatever its name was (knative.dev/serving, ``UserPortName``).
    """
    ports = ports_of(serving, runtime, knative=knative)
    if not ports or runtime.metrics_port is None:
        return None
    if ports[-1].name == "metrics":
        return "metrics"
    answers_http = ports[0].name == "http1" and runtime.metrics_port == runtime.http_port
    return ("user-port" if knative else ports[0].name) if answers_http else None
