from __future__ import annotations

from typing import Any

import pytest

from mlgitops.check import llm

DIGEST = "sha256:" + "0123456789abcdef" * 4
SECOND: dict[str, Any] = {"components": {"kserve": "0.17.0", "leaderWorkerSet": "0.7.0"}}
ONE_GPU: dict[str, Any] = {"accelerator": {"class": "t4"}}
FOUR_GPUS: dict[str, Any] = {"accelerator": {"class": "t4", "count": 4}}
PARALLELISM = "spec.serving.llm.parallelism"


@pytest.fixture
def places(resolved_model: Any) -> Any:
    """The codes and pointers of the findings about a model in mode llm; ``serving`` is merged over a sound one."""

    def found(
        serving: dict[str, Any] | None = None, target: dict[str, Any] | None = None, **spec: Any
    ) -> list[tuple[str, str]]:
        whole = {"mode": "llm", "format": None, "resources": ONE_GPU, **(serving or {})}
        return [
            (one.code, one.pointer) for one in llm.check(resolved_model(serving=whole, target=target or {}, **spec))
        ]

    return found


def test_a_sound_model_has_no_findings_with_or_without_the_block(places: Any) -> None:
    assert places() == []
    assert places({"llm": {"name": "chat", "router": {"scheduler": True}}}) == []


def test_a_model_of_another_mode_is_none_of_its_business(resolved_model: Any) -> None:
    assert list(llm.check(resolved_model())) == []


def test_the_block_is_refused_in_another_mode(places: Any) -> None:
    assert places({"mode": "realtime", "llm": {}}) == [("llm-not-used", "spec.serving.llm")]


@pytest.mark.parametrize(
    ("version", "code"), [(None, "component-missing"), ("0.15.2", "component-too-old"), ("0.16.0", ""), ("0.20.1", "")]
)
def test_kserve_has_it_since_0_16(places: Any, version: str | None, code: str) -> None:
    expected = [(code, "spec.serving.mode")] if code else []
    assert places(target={"components": {"kserve": version, "leaderWorkerSet": "0.7.0"}}) == expected


@pytest.mark.parametrize(
    ("version", "found", "code"),
    [("0.16.2", None, ""), ("0.17.0", None, "component-missing"), ("0.17.0", "0.6.2", "component-too-old"),
     ("0.17.0", "0.7.0", "")],
)  # fmt: skip
def test_from_0_17_on_nothing_is_reconciled_without_leader_worker_sets(
    places: Any, version: str, found: str | None, code: str
) -> None:
    expected = [(code, "spec.serving.mode")] if code else []
    assert places(target={"components": {"kserve": version, "leaderWorkerSet": found}}) == expected


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("format", "huggingface"),
        ("runtime", "kserve-huggingfaceserver"),
        ("protocol", "v2"),
        ("port", 8080),
        ("maxConcurrency", 4),
        ("transformer", {"image": f"example.com/t@{DIGEST}"}),
        ("explainer", {"image": f"example.com/e@{DIGEST}"}),
        ("batcher", {}),
        ("logger", {"url": "http://sink.example.com"}),
    ],
)
def test_what_only_an_inference_service_has_is_refused(places: Any, field: str, value: Any) -> None:
    assert places({field: value}) == [("not-for-llm", f"spec.serving.{field}")]


@pytest.mark.parametrize(
    ("field", "value"), [("strategy", "recreate"), ("maxSurge", 1), ("maxUnavailable", 0), ("strategy", "canary")]
)
def test_how_replicas_are_replaced_is_left_to_kserve(places: Any, field: str, value: Any) -> None:
    assert places(rollout={field: value}) == [("not-for-llm", f"spec.rollout.{field}")]


def test_the_usual_rollout_may_be_written_down(places: Any) -> None:
    assert places(rollout={"strategy": "rolling"}) == []


def test_the_number_of_replicas_is_fixed(places: Any) -> None:
    assert places({"scaling": {"min": 2, "max": 2}}) == []
    assert places({"scaling": {"min": 1, "max": 4}}) == [("llm-scaling", "spec.serving.scaling.max")]


@pytest.mark.parametrize("uri", ["hf://org/model", "s3://bucket/model", "oci://r.example.com/m:1", "pvc://claim/path"])
def test_what_kserve_fetches_for_it_may_be_the_artifact(places: Any, uri: str) -> None:
    assert places(release={"artifact": {"uri": uri}}) == []


@pytest.mark.parametrize("uri", ["gs://bucket/model", "https://example.com/m", "az://account/container/m"])
def test_what_kserve_reads_elsewhere_only_is_refused(places: Any, uri: str) -> None:
    assert places(release={"artifact": {"uri": uri}}) == [("llm-storage", "spec.release.artifact.uri")]


def test_a_named_store_is_looked_up_first(places: Any) -> None:
    artifact = {"artifact": {"uri": "store://models/m"}}
    assert places(release=artifact, target={"storage": {"models": "s3://bucket"}}) == []
    refused = [("llm-storage", "spec.release.artifact.uri")]
    assert places(release=artifact, target={"storage": {"models": "gs://bucket"}}) == refused
    assert places(release={"artifact": {"uri": "store://nowhere/m"}}) == []  # capability says so


def test_kserves_image_needs_a_gpu_of_nvidia(places: Any) -> None:
    missing = [("llm-image-missing", "spec.serving.resources")]
    assert places({"resources": {}}) == missing
    gaudi = {"accelerators": {"t4": {"resource": "habana.ai/gaudi"}}}
    assert places(target=gaudi) == missing
    own = {"image": f"example.com/vllm-cpu@{DIGEST}"}
    assert places({"resources": {}}, release=own) == []
    assert places(target=gaudi, release=own) == []


@pytest.mark.parametrize("sizes", [{"tensor": 4}, {"pipeline": 4}, {"tensor": 2, "data": 2}, {"data": 4}])
def test_parallelism_uses_every_accelerator_of_a_replica(places: Any, sizes: dict[str, int]) -> None:
    assert places({"resources": FOUR_GPUS, "llm": {"parallelism": sizes}}) == []


@pytest.mark.parametrize("sizes", [{}, {"tensor": 2}, {"tensor": 4, "data": 2}, {"pipeline": 3}])
def test_accelerators_that_would_idle_or_are_not_there_are_refused(places: Any, sizes: dict[str, int]) -> None:
    found = places({"resources": FOUR_GPUS, "llm": {"parallelism": sizes}})
    assert found == [("parallelism-accelerators", PARALLELISM)]


def test_pipeline_and_data_parallelism_exclude_each_other(places: Any) -> None:
    found = places({"resources": FOUR_GPUS, "llm": {"parallelism": {"pipeline": 2, "data": 2}}})
    assert found == [("parallelism-mixed", f"{PARALLELISM}.pipeline")]


def test_a_gateway_of_ones_own_needs_the_second_api(places: Any) -> None:
    block = {"llm": {"router": {"gateway": {"name": "public", "namespace": "gateways"}}}}
    assert places(block) == [("component-too-old", "spec.serving.llm.router.gateway")]
    assert places(block, target=SECOND) == []


def test_an_identity_that_is_a_label_on_pods_needs_the_second_api(places: Any) -> None:
    azure = {"cloud": "azure"}
    serving = {"identity": "model-reader"}
    assert places(serving, target=azure) == [("component-too-old", "spec.serving.identity")]
    assert places(serving, target={**azure, **SECOND}) == []
    assert places(serving, target={"cloud": "aws"}) == []


def test_a_variable_has_one_source(places: Any) -> None:
    assert places({"env": [{"name": "A"}]}) == [("variable-source", "spec.serving.env.0")]


@pytest.mark.parametrize(
    ("serving", "pointer"),
    [
        ({"args": ["a", "{{ .Name }}"]}, "spec.serving.args.1"),
        ({"llm": {"name": "{{x}}"}}, "spec.serving.llm.name"),
        ({"env": [{"name": "A", "value": "{{x}}"}]}, "spec.serving.env.0.value"),
        (
            {"env": [{"name": "A", "fromSecret": {"secret": "s", "key": "{{x}}"}}]},
            "spec.serving.env.0.fromSecret.key",
        ),
    ],
)  # fmt: skip
def test_no_text_can_be_a_template_of_kserves(places: Any, serving: dict[str, Any], pointer: str) -> None:
    assert places(serving) == [("unknown-placeholder", pointer)]


def test_no_uri_can_be_a_template_of_kserves(resolved_model: Any) -> None:
    serving = {"mode": "llm", "format": None, "resources": ONE_GPU}
    (finding,) = llm.check(resolved_model(serving=serving, release={"artifact": {"uri": "s3://{{x}}/m"}}))
    assert (finding.code, finding.pointer) == ("unknown-placeholder", "spec.release.artifact.uri")
    assert "KServe" in finding.message
