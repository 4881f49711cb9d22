"""Kubeflow's Model Registry (v1alpha3) with one model, in the shapes of its own OpenAPI description.

A real one needs MySQL or PostgreSQL, which is why tests have none.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.fakes.hub import RefusedByHubError
from tests.fakes.server import FakeServer, Query, Route

API = "/api/model_registry/v1alpha3"
DATA_DIGEST = "sha256:" + "ab" * 32
COMMIT = "0123456789abcdef0123456789abcdef01234567"


def _text(value: str) -> dict[str, str]:
    return {"metadataType": "MetadataStringValue", "string_value": value}


class FakeKubeflow(FakeServer):
    """Has the model flowers, whose version 1 is called candidate. Artifacts come in pages of two."""

    page_parameters = ("no-such-page", "no-such-size")

    def __init__(self) -> None:
        super().__init__()
        self.model: dict[str, Any] = {
            "id": "1", "name": "flowers", "state": "LIVE",
            "customProperties": {"team": _text("shop"), "mlgitops.alias.candidate": _text("1")},
        }  # fmt: skip
        self.version: dict[str, Any] = {
            "id": "2", "name": "1", "registeredModelId": "1", "state": "LIVE",
            "createTimeSinceEpoch": "1764072000000",
            "customProperties": {"mlgitops.dataDigest": _text(DATA_DIGEST), "mlgitops.sourceCommit": _text(COMMIT)},
        }  # fmt: skip
        self.artifacts: list[dict[str, Any]] = [
            {"artifactType": "model-artifact", "id": "3", "name": "flowers", "uri": "s3://models/flowers/1",
             "modelFormatName": "sklearn", "modelFormatVersion": "1.7", "modelSourceKind": "pipelines",
             "modelSourceId": "run-7", "createTimeSinceEpoch": "1764072000000", "state": "LIVE"},
            {"artifactType": "metric", "id": "4", "name": "accuracy", "value": 0.97},
            {"artifactType": "parameter", "id": "5", "name": "C", "value": "0.5"},
            {"artifactType": "parameter", "id": "6", "name": "api_key", "value": "canary-param-7"},
            {"artifactType": "dataset-artifact", "id": "7", "name": "iris", "digest": "8f9eb48c"},
        ]  # fmt: skip

    def routes(self) -> Sequence[Route]:
        return [
            ("GET", f"{API}/registered_model", self._model),
            ("GET", f"{API}/model_version", self._version),
            ("GET", f"{API}/model_versions/2/artifacts", self._artifacts),
            ("PATCH", f"{API}/registered_models/1", self._change),
        ]

    def problem(self, status: int, words: str) -> Any:
        return {"code": str(status), "message": words}

    def _model(self, query: Query, _body: Any) -> Any:
        if query["name"] != self.model["name"]:
            raise RefusedByHubError(404, "no registered model found")
        return self.model

    def _version(self, query: Query, _body: Any) -> Any:
        if (query["name"], query["parentResourceId"]) != (self.version["name"], "1"):
            raise RefusedByHubError(404, "no model version found")
        return self.version

    def _artifacts(self, query: Query, _body: Any) -> Any:
        start = int(query.get("nextPageToken") or 0)
        items, following = self.artifacts[start : start + 2], start + 2
        token = str(following) if following < len(self.artifacts) else ""
        return {"items": items, "nextPageToken": token, "pageSize": 2, "size": len(items)}

    def _change(self, _query: Query, body: Any) -> Any:
        self.model["customProperties"] = body["customProperties"]
        return self.model
