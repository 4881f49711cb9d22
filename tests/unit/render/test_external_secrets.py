from __future__ import annotations

from typing import Any

import pytest

from mlgitops.render.external_secrets import render
from mlgitops.render.field_sources import spec_pointer
from mlgitops.render.render import render as render_all

STORE = {"secretStore": {"name": "vault"}, "components": {"externalSecrets": "0.16.2"}}


def variable(name: str, secret: str, key: str, /, **external: str) -> dict[str, Any]:
    reference: dict[str, Any] = {"secret": secret, "key": key}
    return {"name": name, "fromSecret": {**reference, **({"external": external} if external else {})}}


TOKEN = variable("HF_TOKEN", "hugging-face", "token", key="ml/hub", property="token")


def test_each_secret_that_is_fetched_has_an_external_secret_of_its_name(resolved_model: Any) -> None:
    user = variable("USER", "hugging-face", "user", key="ml/hub", property="user", version="3")
    there = variable("OTHER", "there-already", "key")

    (manifest,) = render(resolved_model(target=STORE, serving={"env": [TOKEN, user, there]}))

    assert (manifest["apiVersion"], manifest["kind"]) == ("external-secrets.io/v1", "ExternalSecret")
    assert manifest["metadata"]["name"] == "hugging-face"
    assert manifest["spec"]["secretStoreRef"] == {"kind": "ClusterSecretStore", "name": "vault"}
    assert manifest["spec"]["data"] == [
        {"secretKey": "token", "remoteRef": {"key": "ml/hub", "property": "token"}},
        {"secretKey": "user", "remoteRef": {"key": "ml/hub", "property": "user", "version": "3"}},
    ]


def test_the_secret_gets_none_of_our_labels(resolved_model: Any) -> None:
    (manifest,) = render(resolved_model(target=STORE, serving={"env": [TOKEN]}))

    labels = manifest["spec"]["target"]["template"]["metadata"]["labels"]
    assert labels == {"app.kubernetes.io/managed-by": "external-secrets"}
    assert manifest["metadata"]["labels"]["mlgitops.dev/model"] == "fraud-detector"


@pytest.mark.parametrize(
    ("version", "api"), [("0.9.20", "v1beta1"), ("0.15.1", "v1beta1"), ("0.16.0", "v1"), ("1.0.0", "v1")]
)
def test_the_api_version_is_one_that_the_operator_serves(resolved_model: Any, version: str, api: str) -> None:
    target = {**STORE, "components": {"externalSecrets": version}}

    (manifest,) = render(resolved_model(target=target, serving={"env": [TOKEN]}))

    assert manifest["apiVersion"] == f"external-secrets.io/{api}"


def test_the_workload_reads_the_secret_that_is_made(resolved_model: Any) -> None:
    manifests = render_all(resolved_model(target=STORE, serving={"env": [TOKEN]}))

    service = next(manifest for manifest in manifests if manifest["kind"] == "InferenceService")
    assert service["spec"]["predictor"]["model"]["env"] == [
        {"name": "HF_TOKEN", "valueFrom": {"secretKeyRef": {"name": "hugging-face", "key": "token"}}}
    ]
    assert [manifest["kind"] for manifest in manifests].count("ExternalSecret") == 1


def test_a_retired_model_has_none(resolved_model: Any) -> None:
    retired = {"stage": "retired"}

    assert render_all(resolved_model(target=STORE, serving={"env": [TOKEN]}, lifecycle=retired)) == []


def test_steps_and_training_of_a_pipeline_share_one(resolved_pipeline: Any) -> None:
    image = "example.com/i@sha256:" + "0" * 64
    step = {"name": "prepare", "image": image, "command": ["a"], "env": [TOKEN]}
    training = {"image": image, "env": [TOKEN]}

    manifests = render_all(resolved_pipeline(target=STORE, steps=[step], training=training))

    assert [m["metadata"]["name"] for m in manifests if m["kind"] == "ExternalSecret"] == ["hugging-face"]


@pytest.mark.parametrize("owner", ["Model/fraud-detector", "Pipeline/fraud-training"])
def test_its_store_is_the_target_s_and_its_keys_are_the_spec_s(owner: str) -> None:
    assert spec_pointer(owner, "ExternalSecret", ("spec", "secretStoreRef", "name")) == (True, ("secretStore",))
    assert spec_pointer(owner, "ExternalSecret", ("spec", "data", 0, "secretKey"))[0] is False
