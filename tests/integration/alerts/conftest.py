"""Alerts of models, as a real Prometheus would raise them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mlgitops.render import monitoring
from tests.testbed.promtool.fixtures import promtool, raised
from tests.unit.conftest import resolved_model

__all__ = ["promtool", "raised", "resolved_model"]


@pytest.fixture
def rules(resolved_model: Any) -> Callable[..., dict[str, Any]]:
    """``rules(format, **monitoring)``: the PrometheusRule of the model fraud-detector."""

    def render(served: str = "sklearn", **watched: Any) -> dict[str, Any]:
        made = resolved_model(
            serving={"format": served}, monitoring=watched, target={"pushgateway": "http://pushgateway:9091"}
        )
        return next(one for one in monitoring.render(made) if one["kind"] == "PrometheusRule")

    return render
