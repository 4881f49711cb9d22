from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from mlgitops.errors import RegistryError
from mlgitops.registries.client import Client
from mlgitops.registries.mlflow_models import FILES, MlflowModels
from mlgitops.registries.registered import Reference, Registered

FOUND = Registered(Reference("mlflow", "fraud", version="3"), "mlflow-artifacts:/1/models/m/artifacts", "")
WIDTH = 30


class Nested(Client):
    """A server whose every folder has as many folders in it, and so on."""

    asked: int

    def data(self, path: str, what: str, query: Mapping[str, str] | None = None) -> Mapping[str, Any]:
        self.asked += 1
        if (query or {})["path"].count("/") > 15:
            return {"files": []}
        return {"files": [{"path": f"d{number}", "is_dir": True} for number in range(WIDTH)]}


def test_folders_count_as_files_so_that_listing_ends_however_they_are_nested() -> None:
    client = Nested("MLflow", "https://ml.example.com", {}, {})
    client.asked = 0
    with pytest.raises(RegistryError, match="list of files cannot be followed"):
        MlflowModels(client).digest(FOUND)
    assert client.asked <= FILES + 1
