"""Service level indicators by serving runtime: the PromQL of good and of all requests. Pure data.

An indicator is there only where the runtime exports, as KServe starts it, a metric that measures it. Where there is
none, ``why_not`` says so, and an objective is refused rather than watched by an alert that can never be raised.
"""

from __future__ import annotations

from dataclasses import dataclass

BOUNDS_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)
"""The ends of a histogram's buckets in seconds, where a server chooses none (prometheus_client, ``Histogram``)."""


@dataclass(frozen=True)
class Indicator:
    """The rates of good and of all requests, as PromQL with ``$labels``, ``$window`` and, for latency, ``$bound``.

    ``bounds`` are the thresholds in seconds that a latency indicator can tell apart; empty for availability.
    ``measures`` says in words what is counted.
    """

    good: str
    total: str
    measures: str
    bounds: tuple[float, ...] = ()


@dataclass(frozen=True)
class Indicators:
    """What can be measured of a runtime, and why the rest cannot."""

    availability: Indicator | None = None
    latency: Indicator | None = None
    why_not: str = "it is not known which metrics this runtime exports"


UNKNOWN = Indicators()
KSERVE_PYTHON = Indicators(
    # The histograms carry no status. A request whose prediction raises an error is preprocessed but never
    # postprocessed (KServe v0.17.0, python/kserve/kserve/model.py, Model.__call__).
    availability=Indicator(
        good="sum(rate(request_postprocess_seconds_count{$labels}[$window]))",
        total="sum(rate(request_preprocess_seconds_count{$labels}[$window]))",
        measures="requests that were answered, of those that were read",
    ),
    latency=Indicator(
        good='sum(rate(request_predict_seconds_bucket{$labels,le="$bound"}[$window]))',
        total="sum(rate(request_predict_seconds_count{$labels}[$window]))",
        measures="time in predict, without reading the request and writing the answer",
        bounds=BOUNDS_SECONDS,
    ),
)
HUGGINGFACE = Indicators(
    why_not="the Hugging Face server counts requests in other metrics for each of its backends "
    "(request_predict_seconds or vllm:request_success_total)"
)
MLSERVER = Indicators(
    # MLServer 1.5 exports starlette_exporter's metrics under the prefix rest_server (mlserver/rest/app.py).
    availability=Indicator(
        good='sum(rate(rest_server_requests_total{$labels,path=~".+/infer",status_code!~"5.."}[$window]))',
        total='sum(rate(rest_server_requests_total{$labels,path=~".+/infer"}[$window]))',
        measures="HTTP inference requests without a server error",
    ),
    latency=Indicator(
        good='sum(rate(rest_server_request_duration_seconds_bucket{$labels,le="$bound",path=~".+/infer"}[$window]))',
        total='sum(rate(rest_server_request_duration_seconds_count{$labels,path=~".+/infer"}[$window]))',
        measures="time of HTTP inference requests",
        bounds=BOUNDS_SECONDS,
    ),
)
TRITON = Indicators(
    # Triton user guide, "Metrics". Latency is there as sums only, unless summaries are switched on.
    availability=Indicator(
        good="sum(rate(nv_inference_request_success{$labels}[$window]))",
        total="(sum(rate(nv_inference_request_success{$labels}[$window])) or vector(0)) + "
        "(sum(rate(nv_inference_request_failure{$labels}[$window])) or vector(0))",
        measures="inference requests that succeeded",
    ),
    why_not="Triton exports sums of latencies, from which no share of fast requests can be told",
)
TORCHSERVE = Indicators(
    why_not="TorchServe exports counts by status only with metrics_mode=prometheus, and no histogram of latencies"
)
TENSORFLOW = Indicators(why_not="TensorFlow Serving exports no metrics without a monitoring file")
