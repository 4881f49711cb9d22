"""Rules about scoring a stream: what KEDA or Kubernetes would refuse, and what would do nothing. Pure.

Facts are of KEDA v2.17.2: ``apis/keda/v1alpha1/scaledobject_types.go`` (bounds) and ``pkg/scalers/kafka_scaler.go``.
"""

from __future__ import annotations

from collections.abc import Iterator

from mlgitops.check import components, images, rollout, variables
from mlgitops.finding import Finding
from mlgitops.spec.positions import Pointer
from mlgitops.spec.quantities import seconds
from mlgitops.spec.resolved import ResolvedModel
from mlgitops.spec.streaming import Streaming

POLICY_CODES = images.POLICY_CODES

OLDEST_KEDA = "2.10"
"""From here on a ScaledObject itself may say ``tls`` and ``sasl`` (KEDA's CHANGELOG.md, v2.10.0)."""
LONGEST_SECONDS = 2**31 - 1
"""KEDA's intervals are whole seconds in 32 bits."""

OWN_VARIABLES = frozenset({
    "MODEL_URI", "MODEL_VERSION", "KAFKA_BROKERS", "KAFKA_TOPIC", "KAFKA_GROUP", "KAFKA_OFFSET_RESET",
    "KAFKA_OUTPUT_TOPIC", "KAFKA_SECURITY_PROTOCOL", "KAFKA_SASL_MECHANISM", "KAFKA_USERNAME", "KAFKA_PASSWORD",
    "KAFKA_CA", "KAFKA_CERTIFICATE", "KAFKA_PRIVATE_KEY",
})  # fmt: skip
_ONLY_ONLINE = ("transformer", "explainer", "batcher", "logger", "args")
_AT: Pointer = ("serving", "streaming")


def check(model: ResolvedModel) -> Iterator[Finding]:
    """Findings about a model's streaming block, or about its absence."""
    serving = model.spec.serving
    if serving.mode == "streaming":
        yield from _online_fields(model)
        if serving.streaming is None:
            yield model.finding(
                "streaming-missing", ("serving", "mode"), "mode streaming needs serving.streaming",
                help="add serving.streaming with brokers, topic and group",
            )  # fmt: skip
        else:
            yield from _streaming(model, serving.streaming)
    elif serving.streaming is not None:
        yield model.finding(
            "streaming-not-used", _AT, f"serving.streaming is for mode streaming; the mode is {serving.mode}",
            help="set serving.mode to streaming, or remove serving.streaming",
        )  # fmt: skip


def _online_fields(model: ResolvedModel) -> Iterator[Finding]:
    for field in _ONLY_ONLINE:
        if getattr(model.spec.serving, field):
            yield model.finding(
                "not-for-streaming", ("serving", field), f"serving.{field} has no meaning in mode streaming",
                help="remove it" if field != "args" else "put it into serving.streaming.args",
            )  # fmt: skip


def _streaming(model: ResolvedModel, streaming: Streaming) -> Iterator[Finding]:
    yield from components.check(model, _AT, "keda", OLDEST_KEDA, "scaling by the lag of a stream")
    yield from _image(model, streaming)
    yield from _bounds(model)
    yield from _intervals(model, streaming)
    yield from _certificate(model, streaming)
    yield from _topics_and_probes(model, streaming)
    yield from rollout.stuck(model)
    yield from _variables(model)


def _image(model: ResolvedModel, streaming: Streaming) -> Iterator[Finding]:
    yield from images.check(model, (*_AT, "image"), streaming.image)
    if streaming.image is None and model.spec.release.image is None:
        yield model.finding(
            "streaming-image-missing", _AT, "no image is named that scores",
            help="set release.image, or serving.streaming.image for one that suits every release",
        )  # fmt: skip


def _bounds(model: ResolvedModel) -> Iterator[Finding]:
    """As ``CheckReplicaCountBoundsAreValid``; newer CRDs hold it too."""
    scaling = model.spec.serving.scaling
    if scaling.min > scaling.max:
        yield model.finding(
            "scaling-bounds", ("serving", "scaling", "min"), f"min {scaling.min} is more than max {scaling.max}",
            help="raise max, or lower min",
        )  # fmt: skip


def _intervals(model: ResolvedModel, streaming: Streaming) -> Iterator[Finding]:
    for field in ("polling", "cooldown"):
        if seconds(getattr(streaming, field)) > LONGEST_SECONDS:
            yield model.finding(
                "interval-too-long", (*_AT, field), f"KEDA counts at most {LONGEST_SECONDS} seconds",
                help="write a shorter time",
            )  # fmt: skip


def _certificate(model: ResolvedModel, streaming: Streaming) -> Iterator[Finding]:
    """As ``parseTLS``: a certificate without its key, or a key alone, is refused."""
    tls = streaming.tls
    if tls is not None and (tls.certificate is None) != (tls.private_key is None):
        given, lacking = ("certificate", "privateKey") if tls.private_key is None else ("privateKey", "certificate")
        yield model.finding(
            "certificate-incomplete", (*_AT, "tls", given), f"tls.{given} is of no use without tls.{lacking}",
            help="give both or neither",
        )  # fmt: skip


def _topics_and_probes(model: ResolvedModel, streaming: Streaming) -> Iterator[Finding]:
    if streaming.output_topic == streaming.topic:
        yield model.finding(
            "stream-in-circle", (*_AT, "outputTopic"),
            f"scores would go to {streaming.topic}, where the events come from",
            help="name another topic",
        )  # fmt: skip
    if streaming.health is not None and model.spec.serving.port is None:
        yield model.finding(
            "probe-without-port", (*_AT, "health"), "nothing says on which port the consumer answers its probes",
            help="add serving.port, or remove serving.streaming.health",
        )  # fmt: skip


def _variables(model: ResolvedModel) -> Iterator[Finding]:
    yield from variables.check(model, ("serving", "env"), model.spec.serving.env)
    for index, variable in enumerate(model.spec.serving.env):
        if variable.name in OWN_VARIABLES:
            yield model.finding(
                "reserved-variable", ("serving", "env", index, "name"),
                f"{variable.name} is set by mlgitops for streaming", help="choose another name",
            )  # fmt: skip
