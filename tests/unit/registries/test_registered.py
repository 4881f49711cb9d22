from __future__ import annotations

import pytest

from mlgitops.errors import RegistryError
from mlgitops.registries import open_registry
from mlgitops.registries.registered import Reference, refer


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("mlflow:models:/fraud@candidate", Reference("mlflow", "fraud", alias="candidate")),
        ("mlflow:models:/fraud detector/12", Reference("mlflow", "fraud detector", version="12")),
        ("kubeflow:models:/fraud/v1.2", Reference("kubeflow", "fraud", version="v1.2")),
    ],
)
def test_a_version_is_named_as_mlflow_does_and_reads_back(text: str, meant: Reference) -> None:
    assert refer(text) == meant
    assert str(meant) == text


@pytest.mark.parametrize(
    "text",
    [
        "models:/fraud/1",
        "mlflow:models:/fraud",
        "mlflow:models:/a/b/1",
        "other:models:/fraud/1",
        "mlflow:runs:/1",
        "mlflow:models:/fraud@",
        "mlflow:models:/fraud/1?x=1",
        "mlflow:models:/fr\naud/1",
    ],
)
def test_what_names_no_version_is_refused(text: str) -> None:
    with pytest.raises(RegistryError, match="names no version") as caught:
        refer(text)
    assert (f"'{text}'" in caught.value.message) is ("\n" not in text)


def test_a_reference_that_may_hold_a_login_is_not_repeated() -> None:
    with pytest.raises(RegistryError, match="this names no version") as caught:
        refer("https://me:hunter2@mlflow.example.com/fraud")
    assert "hunter2" not in str(caught.value)


def test_a_registry_whose_address_nobody_said_is_told() -> None:
    with pytest.raises(RegistryError, match="MLFLOW_TRACKING_URI is not the address"):
        open_registry("mlflow", {"MLFLOW_TRACKING_URI": "databricks"})
    with pytest.raises(RegistryError, match="MLFLOW_TRACKING_URI is not set") as caught:
        open_registry("mlflow", {})
    assert caught.value.help == "Set MLFLOW_TRACKING_URI to https://HOST."
