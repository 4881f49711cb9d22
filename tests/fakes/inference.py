"""A model server that adds up what it is given, by both versions of the protocol, and fails on order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.fakes.server import Asked, FakeServer, Route


class FakeModelServer(FakeServer):
    """Its model is called ``sum``."""

    def routes(self) -> Sequence[Route]:
        return [
            ("POST", r"/v2/models/sum/infer", self._infer),
            ("POST", r"/v1/models/sum:predict", self._predict),
        ]

    def answer(self, asked: Asked, body: Any) -> tuple[int, Any]:
        status, data = super().answer(asked, body)
        return (200 if status == 201 else status), data

    def _infer(self, _query: Any, body: Any) -> Any:
        total = sum(body["inputs"][0]["data"])
        return {"outputs": [{"name": "total", "datatype": "FP64", "shape": [1], "data": [total]}]}

    def _predict(self, _query: Any, body: Any) -> Any:
        return {"predictions": [sum(row) for row in body["instances"]]}
