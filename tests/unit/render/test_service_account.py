from __future__ import annotations

from typing import Any

import pytest

from mlgitops.render.service_account import identity_secrets, service_account, service_account_name, workflow_account


@pytest.mark.parametrize(
    ("cloud", "key"),
    [
        ("aws", "eks.amazonaws.com/role-arn"),
        ("gcp", "iam.gke.io/gcp-service-account"),
        ("azure", "azure.workload.identity/client-id"),
    ],
)
def test_an_account_is_bound_to_the_clouds_identity(resolved_model: Any, cloud: str, key: str) -> None:
    model = resolved_model(target={"cloud": cloud})

    account = service_account(model, "model-reader")

    assert account is not None
    assert account["metadata"]["annotations"][key] == model.place.spec.identities["model-reader"].principal
    assert "secrets" not in account


def test_on_a_cluster_of_ones_own_the_account_has_the_secret(resolved_model: Any) -> None:
    model = resolved_model(target={"cloud": "onprem"})

    account = service_account(model, "model-reader")

    assert account is not None
    assert account["secrets"] == [{"name": "minio-credentials"}]
    assert identity_secrets(model, "model-reader") == ["minio-credentials"]
    assert identity_secrets(model, None) == []


def test_without_an_identity_only_workflows_have_an_account(resolved_model: Any) -> None:
    assert service_account(resolved_model(), None) is None
    assert workflow_account(resolved_model(), None)["metadata"]["name"] == "fraud-detector"


def test_a_pipeline_and_a_model_of_the_same_name_have_two_accounts(resolved_model: Any, resolved_pipeline: Any) -> None:
    assert service_account_name(resolved_model(name="fraud")) != service_account_name(resolved_pipeline(name="fraud"))


@pytest.mark.parametrize("cloud", ["aws", "gcp"])
def test_an_account_that_the_cloud_was_told_of_needs_no_annotation(resolved_model: Any, cloud: str) -> None:
    account = service_account(resolved_model(target={"cloud": cloud, "workloadIdentity": "associated"}), "model-reader")

    assert account is not None
    of_clouds = {"eks.amazonaws.com/role-arn", "iam.gke.io/gcp-service-account"}
    assert not of_clouds & set(account["metadata"]["annotations"])
