from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlgitops.manifest import Manifest, canonical, in_order
from mlgitops.render import realtime

DIGEST = "sha256:" + "0123456789abcdef" * 4
EVERYTHING: dict[str, Any] = {
    "identity": "model-reader",
    "args": ["--workers=2"],
    "env": [{"name": "LEVEL", "value": "info"}, {"name": "TOKEN", "fromSecret": {"secret": "hub", "key": "token"}}],
    "resources": {"cpu": "1.5", "cpuLimit": 3, "memory": "2048Mi", "accelerator": {"class": "a10g", "count": 2}},
    "scaling": {"min": 2, "max": 6, "metric": "cpu", "target": 70},
    "timeout": "1m30s",
    "spreadZones": True,
    "transformer": {"image": f"example.com/transform@{DIGEST}", "command": ["transform"], "min": 1, "max": 2},
    "explainer": {"image": f"example.com/explain@{DIGEST}", "args": ["--top=3"]},
    "batcher": {"maxBatchSize": 8, "maxLatency": "100ms"},
    "logger": {"mode": "request", "url": "http://sink.example.com"},
}
KNATIVE = {"serving": {"deploymentMode": "Knative"}}


@pytest.fixture
def service(resolved_model: Any) -> Callable[..., Manifest]:
    """Renders a model; gives its InferenceService."""

    def render(**model: Any) -> Manifest:
        return realtime.render(resolved_model(**model))[-1]

    return render


@pytest.mark.parametrize("cloud", ["aws", "gcp", "azure", "onprem"])
def test_everything_as_it_was_reviewed(
    resolved_model: Any, golden: Callable[[str, str], None], manifests_text: Any, cloud: str
) -> None:
    model = resolved_model(target={"cloud": cloud}, serving=EVERYTHING)

    golden(f"render/realtime-{cloud}.yaml", manifests_text(in_order(realtime.render(model))))


def test_knative_as_it_was_reviewed(
    resolved_model: Any, golden: Callable[[str, str], None], manifests_text: Any
) -> None:
    scaling = {"min": 0, "max": 5, "metric": "concurrency", "target": 10}
    model = resolved_model(target=KNATIVE, serving={"format": "onnx", "scaling": scaling, "maxConcurrency": 20})

    golden("render/realtime-knative.yaml", manifests_text(in_order(realtime.render(model))))


@pytest.mark.parametrize(
    ("kserve", "mode", "expected"),
    [
        ("0.15.2", "Standard", "RawDeployment"),
        ("0.15.2", "Knative", "Serverless"),
        ("0.16.0", "Standard", "Standard"),
        ("0.20.0", "Knative", "Knative"),
    ],
)
def test_mode_has_the_name_of_the_targets_kserve(service: Any, kserve: str, mode: str, expected: str) -> None:
    rendered = service(target={"components": {"kserve": kserve}, "serving": {"deploymentMode": mode}})

    assert rendered["metadata"]["annotations"]["serving.kserve.io/deploymentMode"] == expected


def test_a_fixed_number_of_replicas_needs_no_autoscaler(service: Any) -> None:
    rendered = service(serving={"scaling": {"min": 3, "max": 3}})

    assert rendered["metadata"]["annotations"]["serving.kserve.io/autoscalerClass"] == "none"
    assert rendered["spec"]["predictor"]["minReplicas"] == 3
    assert "scaleMetric" not in rendered["spec"]["predictor"]


def test_a_transformer_that_scales_keeps_the_autoscaler(service: Any) -> None:
    transformer = {"image": "example.com/t", "min": 1, "max": 4}

    annotations = service(serving={"transformer": transformer})["metadata"]["annotations"]

    assert annotations["serving.kserve.io/autoscalerClass"] == "hpa"


def test_knative_gets_its_own_autoscaler_and_no_deployment_strategy(service: Any) -> None:
    rendered = service(target=KNATIVE)

    annotations = rendered["metadata"]["annotations"]
    assert annotations["autoscaling.knative.dev/class"] == "kpa.autoscaling.knative.dev"
    assert "serving.kserve.io/autoscalerClass" not in annotations
    assert "deploymentStrategy" not in rendered["spec"]["predictor"]


def test_scale_to_zero_is_rendered_as_zero(service: Any) -> None:
    rendered = service(target=KNATIVE, serving={"scaling": {"min": 0, "max": 2, "metric": "rps", "target": 5}})

    assert rendered["spec"]["predictor"]["minReplicas"] == 0


@pytest.mark.parametrize(
    ("serving", "target", "ports"),
    [
        ({"format": "sklearn"}, {}, [("http1", 8080)]),
        ({"format": "onnx"}, {}, [("http1", 8080), ("metrics", 8002)]),
        ({"format": "onnx", "protocol": "grpc-v2"}, {}, [("h2c", 9000), ("metrics", 8002)]),
        ({"format": "pytorch"}, {}, [("http1", 8080), ("metrics", 8082)]),
        ({"format": "mlflow"}, {}, [("http1", 8080), ("metrics", 8082)]),
        ({"format": "onnx"}, KNATIVE, [("http1", 8080)]),
        ({"format": "onnx", "protocol": "grpc-v2"}, KNATIVE, [("h2c", 9000)]),
        ({"format": "sklearn", "port": 9999}, {}, [("http1", 9999)]),
        ({"format": "sklearn", "runtime": "our-runtime", "port": 7000}, {}, [("http1", 7000)]),
    ],
)
def test_ports_are_declared_requests_first(service: Any, serving: Any, target: Any, ports: Any) -> None:
    declared = service(serving=serving, target=target)["spec"]["predictor"]["model"]["ports"]

    assert [(port["name"], port["containerPort"]) for port in declared] == ports


def test_a_runtime_of_ones_own_without_a_port_declares_none(service: Any) -> None:
    model = service(serving={"runtime": "our-runtime"})["spec"]["predictor"]["model"]

    assert model["runtime"] == "our-runtime"
    assert "ports" not in model
    assert "protocolVersion" not in model


def test_recreate_stops_before_it_starts(service: Any) -> None:
    rendered = service(rollout={"strategy": "recreate"})

    assert rendered["spec"]["predictor"]["deploymentStrategy"] == {"type": "Recreate"}


def test_images_come_from_the_targets_mirrors(service: Any) -> None:
    rendered = service(
        release={"image": "docker.io/team/serve:1"},
        serving={"transformer": {"image": "docker.io/team/transform:1"}},
        target={"registries": {"docker.io": "mirror.example.com/hub"}},
    )

    assert rendered["spec"]["predictor"]["model"]["image"] == "mirror.example.com/hub/team/serve:1"
    assert rendered["spec"]["transformer"]["containers"][0]["image"] == "mirror.example.com/hub/team/transform:1"


def test_without_identity_there_is_no_account_and_no_label_for_it(resolved_model: Any) -> None:
    manifests = realtime.render(resolved_model(target={"cloud": "azure"}))

    assert [manifest["kind"] for manifest in manifests] == ["InferenceService"]
    assert "azure.workload.identity/use" not in manifests[0]["spec"]["predictor"]["labels"]
    assert "serviceAccountName" not in manifests[0]["spec"]["predictor"]


def test_a_slice_of_a_gpu_is_asked_for_alone(service: Any) -> None:
    rendered = service(
        serving={"resources": {"accelerator": {"class": "slice"}}},
        target={"accelerators": {"slice": {"resource": "nvidia.com/mig-1g.10gb"}}},
    )

    limits = rendered["spec"]["predictor"]["model"]["resources"]["limits"]
    assert limits["nvidia.com/mig-1g.10gb"] == "1"
    assert "nvidia.com/gpu" not in limits


def test_at_the_edge_no_part_gets_a_second_replica_while_it_is_replaced(resolved_model: Any) -> None:
    parts = {"transformer": {"image": "example.com/i"}, "explainer": {"image": "example.com/i"}}
    rollout = {"maxSurge": 0, "maxUnavailable": 1}
    (service,) = realtime.render(resolved_model(serving={"mode": "edge", **parts}, rollout=rollout))
    wanted = {"type": "RollingUpdate", "rollingUpdate": rollout}
    assert {part: spec["deploymentStrategy"] for part, spec in service["spec"].items()} == {
        "predictor": wanted, "transformer": wanted, "explainer": wanted,
    }  # fmt: skip
    annotations = service["metadata"]["annotations"]
    assert annotations["serving.kserve.io/autoscalerClass"] == "none"
    assert annotations["serving.kserve.io/deploymentMode"] == "Standard"


def test_every_source_is_a_field_of_a_manifest_that_is_rendered(resolved_model: Any) -> None:
    whole = {"image": "example.com/i", "command": ["a"], "args": ["b"], "env": [{"name": "C", "value": "d"}]}
    spot = {"resources": {**EVERYTHING["resources"], "spot": True}}
    beside = {"transformer": whole, "explainer": whole}
    rollout = {"strategy": "canary", "stable": {"version": "1", "artifact": {"uri": "s3://a/b"}}}
    governance = {"card": "https://example.com/card", "dataClassification": "public"}
    manifests = [
        manifest
        for target in ({}, KNATIVE, {"cloud": "gcp"}, {"cloud": "azure"}, {"cloud": "onprem"})
        for extra in (beside, {"maxConcurrency": 4}, {**beside, "mode": "edge"})
        for manifest in realtime.render(
            resolved_model(target=target, release={"image": "example.com/i"}, serving={**EVERYTHING, **spot, **extra},
                           rollout=rollout, governance=governance)
        )
    ]  # fmt: skip
    known = {(m["kind"], path) for m in manifests for path in _paths("", m)}

    missing = [(kind, path) for kind, paths in realtime.SOURCES.items() for path in paths if (kind, path) not in known]

    assert missing == []


def _paths(prefix: str, value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, child in value.items():
            yield prefix + key
            yield from _paths(f"{prefix}{key}.", child)
    elif isinstance(value, list):
        for child in value:
            yield from _paths(prefix, child)


@given(
    st.fixed_dictionaries(
        {"scaling": st.sampled_from([{"min": 0, "max": 3}, {"min": 2, "max": 2}]), "spreadZones": st.booleans()},
        optional={key: st.just(value) for key, value in EVERYTHING.items() if key not in ("scaling", "spreadZones")},
    ),
    st.sampled_from(["aws", "gcp", "azure", "onprem"]),
    st.sampled_from(["Standard", "Knative"]),
)
def test_rendering_is_deterministic_and_says_nothing_empty(
    resolved_model: Any, serving: dict[str, Any], cloud: str, mode: str
) -> None:
    model = resolved_model(target={"cloud": cloud, "serving": {"deploymentMode": mode}}, serving=serving)

    first, second = realtime.render(model), realtime.render(model)

    assert canonical(first) == canonical(second)
    assert [list(m) for m in first] == [list(m) for m in second]
    assert not [path for manifest in first for path in _empty("", manifest)]


def _empty(path: str, value: Any) -> Iterator[str]:
    if value is None or value in ("", [], {}):
        yield path
    for key, child in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from _empty(f"{path}.{key}", child)
