from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mlgitops.manifest import Manifest, in_order
from mlgitops.render import llm

DIGEST = "sha256:" + "0123456789abcdef" * 4
SECOND: dict[str, Any] = {"components": {"kserve": "0.17.0"}}


@pytest.fixture
def rendered(resolved_model: Any) -> Callable[..., list[Manifest]]:
    """Renders a model in mode llm; ``serving`` is merged over a small valid one."""

    def render(target: dict[str, Any] | None = None, release: dict[str, Any] | None = None, **serving: Any) -> Any:
        whole = {"mode": "llm", "format": None, "resources": {"accelerator": {"class": "t4"}}, **serving}
        return llm.render(resolved_model(target=target or {}, release=release or {}, serving=whole))

    return render


def _spec(manifests: list[Manifest]) -> Any:
    return manifests[-1]["spec"]


def _container(manifests: list[Manifest]) -> Any:
    (container,) = _spec(manifests)["template"]["containers"]
    return container


@pytest.mark.parametrize("version", ["0.16.0", "0.17.0"])
@pytest.mark.parametrize("cloud", ["aws", "gcp", "onprem"])
def test_a_language_model_as_it_was_reviewed(
    rendered: Any, golden: Callable[[str, str], None], manifests_text: Any, cloud: str, version: str
) -> None:
    manifests = rendered(
        target={"cloud": cloud, "components": {"kserve": version}, "registries": {"docker.io": "mirror.example.com"}},
        release={"image": f"docker.io/vllm/vllm-openai@{DIGEST}"},
        identity="model-reader",
        env=[{"name": "VLLM_LOGGING_LEVEL", "value": "WARNING"}],
        args=["--max-model-len=4096"],
        resources={"cpu": "8", "memory": "64Gi", "accelerator": {"class": "t4", "count": 4}},
        scaling={"min": 3, "max": 3},
        spreadZones=True,
        llm={"name": "chat", "parallelism": {"tensor": 2, "data": 2}, "router": {"scheduler": True}},
    )

    golden(f"render/llm-{cloud}-{version}.yaml", manifests_text(in_order(manifests)))


@pytest.mark.parametrize(
    ("version", "api"), [("0.16.2", "v1alpha1"), ("0.17.0", "v1alpha2"), ("0.20.0", "v1alpha2")]
)  # fmt: skip
def test_the_api_is_the_one_of_the_declared_version(rendered: Any, version: str, api: str) -> None:
    (service,) = rendered({"components": {"kserve": version}})
    assert service["apiVersion"] == f"serving.kserve.io/{api}"


def test_pods_have_labels_where_the_api_can_say_so(rendered: Any) -> None:
    assert "labels" not in _spec(rendered())
    assert _spec(rendered(SECOND))["labels"]["mlgitops.dev/model"] == "fraud-detector"


def test_azures_identity_is_a_label_on_pods(rendered: Any) -> None:
    labels = _spec(rendered({**SECOND, "cloud": "azure"}, identity="model-reader"))["labels"]
    assert labels["azure.workload.identity/use"] == "true"


def test_what_is_left_out_is_left_to_kserves_preset(rendered: Any) -> None:
    (service,) = rendered(SECOND)
    assert sorted(service["spec"]) == ["labels", "model", "replicas", "template"]
    assert service["spec"]["model"]["name"] == "fraud-detector"
    assert sorted(_container([service])) == ["name", "resources"]


def test_the_first_presets_own_arguments_are_given_again_where_ours_replace_them(rendered: Any) -> None:
    before = ["--served-model-name", "fraud-detector", "--port", "8000"]
    assert _container(rendered(args=["--dtype=half"]))["args"] == [*before, "--dtype=half"]
    assert _container(rendered(SECOND, args=["--dtype=half"]))["args"] == ["--dtype=half"]
    assert "args" not in _container(rendered())


@pytest.mark.parametrize(
    ("asked", "block", "flags"),
    [
        ({"tensor": 4}, {"tensor": 4}, ["--tensor-parallel-size=4"]),
        ({"pipeline": 2}, {"pipeline": 2}, ["--pipeline-parallel-size=2"]),
        ({"data": 2}, {"data": 2, "dataLocal": 2}, ["--data-parallel-size=2"]),
        (
            {"data": 2, "expert": True}, {"data": 2, "dataLocal": 2, "expert": True},
            ["--data-parallel-size=2", "--enable-expert-parallel"],
        ),
    ],
)  # fmt: skip
def test_parallelism_is_told_to_kserve_and_to_vllm(rendered: Any, asked: Any, block: Any, flags: list[str]) -> None:
    manifests = rendered(SECOND, llm={"parallelism": asked})
    assert _spec(manifests)["parallelism"] == block
    assert _container(manifests)["args"] == flags


@pytest.mark.parametrize(
    ("router", "expected"),
    [
        ({}, {"route": {}}),
        ({"scheduler": True}, {"route": {}, "scheduler": {}}),
        (
            {"gateway": {"name": "public", "namespace": "gateways"}},
            {"route": {}, "gateway": {"refs": [{"name": "public", "namespace": "gateways"}]}},
        ),
    ],
)  # fmt: skip
def test_the_router_is_what_was_asked_for(rendered: Any, router: dict[str, Any], expected: dict[str, Any]) -> None:
    assert _spec(rendered(SECOND, llm={"router": router}))["router"] == expected


def test_an_image_comes_from_the_mirror(rendered: Any) -> None:
    target = {**SECOND, "registries": {"docker.io": "mirror.example.com"}}
    container = _container(rendered(target, {"image": f"docker.io/vllm/vllm-openai@{DIGEST}"}))
    assert container["image"] == f"mirror.example.com/vllm/vllm-openai@{DIGEST}"


def test_zones_are_spread_over_by_kserves_own_labels(rendered: Any) -> None:
    (constraint,) = _spec(rendered(spreadZones=True))["template"]["topologySpreadConstraints"]
    assert constraint["labelSelector"]["matchLabels"]["app.kubernetes.io/component"] == "llminferenceservice-workload"
