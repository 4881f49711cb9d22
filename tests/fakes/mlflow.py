"""MLflow's ``runs/get``, in the shape that its tracking server has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.fakes.hub import RefusedByHubError
from tests.fakes.server import FakeServer, Query, Route

RUN = "0123456789abcdef" * 2


class FakeMlflow(FakeServer):
    """Has one run, which is ``RUN``."""

    def routes(self) -> Sequence[Route]:
        return [("GET", r"/api/2.0/mlflow/runs/get", self._run)]

    def problem(self, status: int, words: str) -> Any:
        return {"error_code": "RESOURCE_DOES_NOT_EXIST" if status == 404 else "ERROR", "message": words}

    def _run(self, query: Query, _body: Any) -> Any:
        if query["run_id"] != RUN:
            raise RefusedByHubError(404, f"Run '{query['run_id']}' not found")
        data = {
            "metrics": [{"key": "accuracy", "value": 0.93, "timestamp": 1763971200000, "step": 7}],
            "params": [{"key": "max_depth", "value": "4"}],
            "tags": [{"key": "mlgitops.dataUntil", "value": "2026-11-01T00:00:00Z"}],
        }
        info = {"run_id": RUN, "run_uuid": RUN, "status": "FINISHED", "lifecycle_stage": "active"}
        return {"run": {"info": info, "data": data, "inputs": {}}}
