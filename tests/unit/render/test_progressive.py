from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mlgitops.manifest import Manifest, in_order, labels
from mlgitops.render import progressive
from mlgitops.render.render import render

DIGEST = "sha256:" + "0123456789abcdef" * 4
GATEWAY = {"name": "public", "namespace": "ingress", "hostname": "{model}.{namespace}.example.com"}
STANDARD: dict[str, Any] = {"components": {"gatewayApi": "1.3.0"}, "serving": {"gateway": GATEWAY}}
KNATIVE: dict[str, Any] = {"serving": {"deploymentMode": "Knative"}}
STABLE: dict[str, Any] = {
    "version": "1.3.2",
    "artifact": {"uri": "s3://example-models/fraud/1.3.2", "digest": DIGEST},
    "trainedAt": "2025-09-01T00:00:00Z",
}
PART = {"image": f"example.com/part@{DIGEST}"}
ROLLOUTS: dict[str, Any] = {
    "canary": {"strategy": "canary", "stable": STABLE, "canary": {"weight": 10}},
    "shadow": {"strategy": "shadow", "stable": STABLE, "shadow": {"percent": 25}},
    "blue-green": {"strategy": "blueGreen", "stable": STABLE, "blueGreen": {"active": "new"}},
}


@pytest.fixture
def rendered(resolved_model: Any) -> Callable[..., dict[str, Manifest]]:
    """Everything that a model renders to, as ``KIND/NAME``."""

    def made(rollout: Any, target: Any = STANDARD, **spec: Any) -> dict[str, Manifest]:
        manifests = render(resolved_model(rollout=rollout, target=target, **spec))
        return {f"{one['kind']}/{one['metadata']['name']}": one for one in manifests}

    return made


def _backends(manifests: dict[str, Manifest], rule: int = 0) -> list[tuple[str, int | None]]:
    refs = manifests["HTTPRoute/fraud-detector-traffic"]["spec"]["rules"][rule]["backendRefs"]
    return [(ref["name"], ref.get("weight")) for ref in refs]


def _version(manifest: Manifest) -> str:
    return labels(manifest)["mlgitops.dev/release"]


@pytest.mark.parametrize("strategy", ROLLOUTS)
def test_two_releases_as_they_were_reviewed(
    resolved_model: Any, golden: Callable[[str, str], None], manifests_text: Any, strategy: str
) -> None:
    watched = {"objectives": [{"metric": "availability", "objective": 99.9}], "staleness": {"maxAge": "90d"}}
    serving = {"identity": "model-reader", "scaling": {"min": 2, "max": 6}, "timeout": "90s"}
    model = resolved_model(rollout=ROLLOUTS[strategy], target=STANDARD, serving=serving, monitoring=watched)
    golden(f"render/rollout-{strategy}.yaml", manifests_text(in_order(render(model))))


def test_two_releases_on_knative_as_they_were_reviewed(
    resolved_model: Any, golden: Callable[[str, str], None], manifests_text: Any
) -> None:
    watched = {"objectives": [{"metric": "availability", "objective": 99.9}]}
    model = resolved_model(rollout=ROLLOUTS["canary"], target=KNATIVE, monitoring=watched)
    golden("render/rollout-knative.yaml", manifests_text(in_order(render(model))))


@pytest.mark.parametrize("strategy", ["canary", "shadow", "blueGreen"])
@pytest.mark.parametrize("target", [STANDARD, KNATIVE])
def test_without_a_stable_release_all_but_the_route_is_as_with_rolling(
    rendered: Any, strategy: str, target: Any
) -> None:
    rolling, alone = rendered({}, target), rendered({"strategy": strategy}, target)
    route = alone.pop("HTTPRoute/fraud-detector-traffic", None)
    assert alone == rolling
    assert (route is None) == (target is KNATIVE)


@pytest.mark.parametrize("strategy", ROLLOUTS)
def test_the_stable_release_runs_as_it_did_before_the_rollout(rendered: Any, strategy: str) -> None:
    rollout = ROLLOUTS[strategy]
    before = rendered({"strategy": rollout["strategy"]}, release=STABLE, serving={"identity": "model-reader"})
    during = rendered(rollout, serving={"identity": "model-reader"})
    for name in ("InferenceService/fraud-detector", "ServiceAccount/fraud-detector", "PodMonitor/fraud-detector"):
        assert during[name] == before[name]


def test_at_the_end_the_new_release_takes_the_place_of_the_stable_one(rendered: Any) -> None:
    during, after = rendered(ROLLOUTS["canary"]), rendered({"strategy": "canary"})
    assert set(after) < set(during)
    assert _version(after["InferenceService/fraud-detector"]) == "1.4.0"
    assert _backends(after) == [("fraud-detector-predictor", None)]
    new = during["InferenceService/fraud-detector-canary"]["spec"]["predictor"]
    taken = after["InferenceService/fraud-detector"]["spec"]["predictor"]
    assert {**new, "model": {**new["model"], "args": []}} == {**taken, "model": {**taken["model"], "args": []}}


@pytest.mark.parametrize(
    ("rollout", "weights"),
    [
        ({"strategy": "canary"}, (100, 0)),
        ({"strategy": "canary", "canary": {"weight": 100}}, (0, 100)),
        ({"strategy": "canary", "canary": {"weight": 7}}, (93, 7)),
        ({"strategy": "blueGreen"}, (100, 0)),
        ({"strategy": "blueGreen", "blueGreen": {"active": "stable"}}, (100, 0)),
        ({"strategy": "blueGreen", "blueGreen": {"active": "new"}}, (0, 100)),
    ],
)
def test_requests_are_shared_out_as_git_says(rendered: Any, rollout: Any, weights: tuple[int, int]) -> None:
    route = rendered({**rollout, "stable": STABLE})
    assert _backends(route) == [
        ("fraud-detector-predictor", weights[0]),
        ("fraud-detector-canary-predictor", weights[1]),
    ]
    service = rendered({**rollout, "stable": STABLE}, KNATIVE)["InferenceService/fraud-detector"]
    assert service["spec"]["predictor"]["canaryTrafficPercent"] == weights[1]


@pytest.mark.parametrize(("block", "percent"), [({"percent": 1}, 1), ({"percent": 100}, None), (None, None)])
def test_a_shadow_gets_copies_and_its_answers_go_to_nobody(rendered: Any, block: Any, percent: int | None) -> None:
    made = rendered({"strategy": "shadow", "stable": STABLE, "shadow": block})
    (rule,) = made["HTTPRoute/fraud-detector-traffic"]["spec"]["rules"]
    mirror = {"backendRef": {"name": "fraud-detector-canary-predictor", "port": 80}}
    assert rule["filters"] == [
        {"type": "RequestMirror", "requestMirror": {**mirror, **({"percent": percent} if percent else {})}}
    ]
    assert _backends(made) == [("fraud-detector-predictor", None)]


def test_requests_come_in_by_the_transformer_and_questions_of_why_by_the_explainer(rendered: Any) -> None:
    made = rendered(ROLLOUTS["canary"], serving={"transformer": PART, "explainer": PART})
    assert [name for name, _ in _backends(made, 0)] == ["fraud-detector-explainer", "fraud-detector-canary-explainer"]
    assert [name for name, _ in _backends(made, 1)] == [
        "fraud-detector-transformer",
        "fraud-detector-canary-transformer",
    ]
    first, second = made["HTTPRoute/fraud-detector-traffic"]["spec"]["rules"]
    assert first["matches"][0]["path"]["value"].endswith(":explain$")
    assert second["matches"] == [{"path": {"type": "RegularExpression", "value": "^/.*$"}}]


def test_the_route_has_a_host_of_its_own_and_the_model_s_own_patience(rendered: Any) -> None:
    spec = rendered(ROLLOUTS["canary"], serving={"timeout": "90s"})["HTTPRoute/fraud-detector-traffic"]["spec"]
    assert spec["hostnames"] == ["fraud-detector.dev-models.example.com"]
    assert spec["parentRefs"] == [{"name": "public", "namespace": "ingress"}]
    assert spec["rules"][0]["timeouts"] == {"request": "90s"}


@pytest.mark.parametrize(("timeout", "text"), [("500ms", "1s"), ("90m", "1h1800s"), ("7d", "168h")])
def test_a_long_timeout_is_written_in_hours(rendered: Any, timeout: str, text: str) -> None:
    route = rendered({"strategy": "canary"}, serving={"timeout": timeout})["HTTPRoute/fraud-detector-traffic"]
    assert route["spec"]["rules"][0]["timeouts"] == {"request": text}


@pytest.mark.parametrize("served", ["sklearn", "xgboost", "lightgbm", "paddle", "pmml", "huggingface", "tensorflow"])
def test_a_new_release_answers_to_the_model_s_own_name_by_kserve_s_argument(rendered: Any, served: str) -> None:
    made = rendered(ROLLOUTS["canary"], serving={"format": served, "args": ["--workers=2"]})
    model = made["InferenceService/fraud-detector-canary"]["spec"]["predictor"]["model"]
    assert model["args"] == ["--workers=2", "--model_name=fraud-detector"]
    assert made["InferenceService/fraud-detector"]["spec"]["predictor"]["model"]["args"] == ["--workers=2"]


def test_a_new_release_on_mlserver_has_the_model_s_own_name_by_its_variable(rendered: Any) -> None:
    made = rendered(ROLLOUTS["canary"], serving={"format": "mlflow", "env": [{"name": "A", "value": "1"}]})
    model = made["InferenceService/fraud-detector-canary"]["spec"]["predictor"]["model"]
    assert model["env"] == [{"name": "A", "value": "1"}, {"name": "MLSERVER_MODEL_NAME", "value": "fraud-detector"}]
    assert "args" not in model


@pytest.mark.parametrize("served", ["onnx", "pytorch"])
def test_where_the_artifact_names_the_model_nothing_is_added(rendered: Any, served: str) -> None:
    model = rendered(ROLLOUTS["canary"], serving={"format": served})["InferenceService/fraud-detector-canary"]
    assert not {"args", "env"} & set(model["spec"]["predictor"]["model"])


def test_a_name_of_the_user_s_own_stays(rendered: Any) -> None:
    named = {"format": "mlflow", "env": [{"name": "MLSERVER_MODEL_NAME", "value": "chat"}]}
    made = rendered(ROLLOUTS["canary"], serving=named)["InferenceService/fraud-detector-canary"]
    assert made["spec"]["predictor"]["model"]["env"] == [{"name": "MLSERVER_MODEL_NAME", "value": "chat"}]
    own = {"args": ["--model_name", "chat"], "transformer": {**PART, "args": ["--model_name=talk"]}}
    made = rendered(ROLLOUTS["canary"], serving=own)["InferenceService/fraud-detector-canary"]["spec"]
    assert made["predictor"]["model"]["args"] == ["--model_name", "chat"]
    assert made["transformer"]["containers"][0]["args"] == ["--model_name=talk"]


def test_parts_around_the_new_release_call_it_by_the_model_s_own_name(rendered: Any) -> None:
    made = rendered(ROLLOUTS["canary"], serving={"transformer": PART, "explainer": PART})
    for part in ("transformer", "explainer"):
        container = made["InferenceService/fraud-detector-canary"]["spec"][part]["containers"][0]
        assert container["args"] == [f"{progressive.MODEL_NAME}=fraud-detector"]
        assert "args" not in made["InferenceService/fraud-detector"]["spec"][part]["containers"][0]


def test_each_release_is_told_apart_by_its_labels_and_belongs_to_one_model(rendered: Any) -> None:
    made = rendered(ROLLOUTS["canary"])
    for kind in ("InferenceService", "PodMonitor"):
        stable, new = made[f"{kind}/fraud-detector"], made[f"{kind}/fraud-detector-canary"]
        assert (_version(stable), _version(new)) == ("1.3.2", "1.4.0")
        assert {labels(one)["mlgitops.dev/model"] for one in (stable, new)} == {"fraud-detector"}
    pods = [made[f"InferenceService/{name}"]["spec"]["predictor"]["labels"] for name in _NAMES]
    assert [one["mlgitops.dev/release"] for one in pods] == ["1.3.2", "1.4.0"]
    selected = [made[f"PodMonitor/{name}"]["spec"]["selector"]["matchLabels"] for name in _NAMES]
    assert [one["serving.kserve.io/inferenceservice"] for one in selected] == list(_NAMES)


_NAMES = ("fraud-detector", "fraud-detector-canary")


def test_each_release_scales_by_itself_and_keeps_its_own_pods_apart(rendered: Any) -> None:
    made = rendered(ROLLOUTS["canary"], serving={"scaling": {"min": 2, "max": 5}, "spreadZones": True})
    for name in _NAMES:
        predictor = made[f"InferenceService/{name}"]["spec"]["predictor"]
        assert (predictor["minReplicas"], predictor["maxReplicas"]) == (2, 5)
        (spread,) = predictor["topologySpreadConstraints"]
        assert spread["labelSelector"]["matchLabels"]["serving.kserve.io/inferenceservice"] == name


@pytest.mark.parametrize(
    ("strategy", "watched"),
    [("canary", {"1.3.2", "1.4.0"}), ("blue-green", {"1.3.2", "1.4.0"}), ("shadow", {"1.3.2"})],
)
def test_objectives_hold_for_each_release_that_answers(rendered: Any, strategy: str, watched: set[str]) -> None:
    asked = {
        "objectives": [{"metric": "availability", "objective": 99.9}],
        "staleness": {"maxAge": "90d"},
        "business": [{"name": "sales", "query": "sum(sales)", "floor": 1}],
    }
    made = rendered(ROLLOUTS[strategy], monitoring=asked)
    rules = [one for one in made.values() if one["kind"] == "PrometheusRule"]
    alerts = [alert for rule in rules for group in rule["spec"]["groups"] for alert in group["rules"]]
    burning = [alert for alert in alerts if alert["alert"] == "ModelAvailabilityBurnRate"]
    assert {alert["labels"]["version"] for alert in burning} == watched
    assert all(f'version="{alert["labels"]["version"]}"' in alert["expr"] for alert in burning)
    once = [alert["alert"] for alert in alerts if alert not in burning]
    assert sorted(once) == ["ModelBusinessMetricBelowFloor", "ModelStale"]
