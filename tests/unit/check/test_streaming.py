from __future__ import annotations

from typing import Any

import pytest

from mlgitops.check import streaming

DIGEST = "sha256:" + "0123456789abcdef" * 4
BLOCK: dict[str, Any] = {
    "image": f"example.com/consume@{DIGEST}",
    "brokers": ["kafka:9092"],
    "topic": "payments",
    "group": "fraud",
}
KEDA = {"components": {"keda": "2.17.2"}}
SECRET = {"secret": "kafka-login", "key": "a"}


@pytest.fixture
def places(resolved_model: Any) -> Any:
    """The codes and pointers of the findings about a streaming model; ``block`` is merged over a sound one."""

    def found(block: dict[str, Any] | None = None, target: Any = KEDA, rollout: Any = None, **serving: Any) -> Any:
        serving = {"mode": "streaming", "streaming": {**BLOCK, **(block or {})}, **serving}
        model = resolved_model(serving=serving, target=target, rollout=rollout or {})
        return [(finding.code, finding.pointer) for finding in streaming.check(model)]

    return found


def test_a_sound_streaming_model_has_no_findings(places: Any) -> None:
    whole = {
        "outputTopic": "scores",
        "login": {"mechanism": "plaintext", "username": SECRET, "password": SECRET},
        "tls": {"certificate": SECRET, "privateKey": SECRET},
        "fallback": {"replicas": 2},
        "health": {},
    }
    assert places() == []
    assert places(whole, port=8080) == []


def test_a_model_of_another_mode_is_none_of_its_business(resolved_model: Any) -> None:
    assert list(streaming.check(resolved_model())) == []


def test_the_mode_and_the_block_go_together(places: Any) -> None:
    assert places(streaming=None) == [("streaming-missing", "spec.serving.mode")]
    assert places(mode="realtime") == [("streaming-not-used", "spec.serving.streaming")]


def test_something_must_score(places: Any, resolved_model: Any) -> None:
    assert places({"image": None}) == [("streaming-image-missing", "spec.serving.streaming")]
    block = {key: value for key, value in BLOCK.items() if key != "image"}
    release = {"image": f"example.com/own@{DIGEST}"}
    model = resolved_model(release=release, serving={"mode": "streaming", "streaming": block}, target=KEDA)
    assert list(streaming.check(model)) == []


def test_the_image_is_pinned_as_a_matter_of_policy(places: Any) -> None:
    assert places({"image": "example.com/a:1"}) == [("image-not-pinned", "spec.serving.streaming.image")]
    assert "image-not-pinned" in streaming.POLICY_CODES


def test_keda_is_installed_and_new_enough_for_a_login_of_its_own(places: Any) -> None:
    at = "spec.serving.streaming"
    assert places(target={}) == [("component-missing", at)]
    assert places(target={"components": {"keda": "2.9.3"}}) == [("component-too-old", at)]
    assert places(target={"components": {"keda": "2.10.0"}}) == []


def test_zero_replicas_are_fine_and_more_than_the_most_are_not(places: Any) -> None:
    assert places(scaling={"min": 0, "max": 4}) == []
    assert places(scaling={"min": 5, "max": 4}) == [("scaling-bounds", "spec.serving.scaling.min")]


@pytest.mark.parametrize("field", ["polling", "cooldown"])
def test_an_interval_fits_into_what_keda_counts_with(places: Any, field: str) -> None:
    assert places({field: "2147483647s"}) == []
    assert places({field: "2147483648s"}) == [("interval-too-long", f"spec.serving.streaming.{field}")]


@pytest.mark.parametrize("field", ["certificate", "privateKey"])
def test_a_certificate_has_its_key(places: Any, field: str) -> None:
    assert places({"tls": {field: SECRET}}) == [("certificate-incomplete", f"spec.serving.streaming.tls.{field}")]
    assert places({"tls": {}}) == []


def test_scores_do_not_go_back_into_the_stream(places: Any) -> None:
    assert places({"outputTopic": "payments"}) == [("stream-in-circle", "spec.serving.streaming.outputTopic")]


def test_probes_have_a_port(places: Any) -> None:
    assert places({"health": {}}) == [("probe-without-port", "spec.serving.streaming.health")]


def test_a_rollout_can_begin(places: Any) -> None:
    none = {"maxSurge": 0, "maxUnavailable": 0}
    assert places(rollout=none) == [("rollout-stuck", "spec.rollout.maxSurge")]


@pytest.mark.parametrize("name", sorted(streaming.OWN_VARIABLES))
def test_variables_of_ours_are_not_the_users(places: Any, name: str) -> None:
    assert places(env=[{"name": name, "value": "1"}]) == [("reserved-variable", "spec.serving.env.0.name")]


def test_a_variable_has_one_source(places: Any) -> None:
    assert places(env=[{"name": "A"}]) == [("variable-source", "spec.serving.env.0")]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("transformer", {"image": f"example.com/t@{DIGEST}"}),
        ("explainer", {"image": f"example.com/e@{DIGEST}"}),
        ("batcher", {}),
        ("logger", {"url": "http://sink.example.com"}),
        ("args", ["--x"]),
    ],
)
def test_fields_of_online_serving_are_refused_and_not_ignored(places: Any, field: str, value: Any) -> None:
    assert places(**{field: value}) == [("not-for-streaming", f"spec.serving.{field}")]
