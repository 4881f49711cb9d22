"""What watches a model, as it was reviewed, on a real API that serves Argo's and the Prometheus operator's kinds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from mlgitops.manifest import Manifest

GOLDENS = Path(__file__).resolve().parents[3] / "goldens" / "render"
REVIEWED = {
    "drift.yaml": "CronWorkflow",
    "drift-evidence.yaml": "CronWorkflow",
    "drift-alerts.yaml": "PrometheusRule",
    "model-dashboard.yaml": "ConfigMap",
}


def reviewed(file: str) -> Manifest:
    documents = yaml.safe_load_all((GOLDENS / file).read_text(encoding="utf-8"))
    found: Manifest = next(one for one in documents if one["kind"] == REVIEWED[file])
    return found


@pytest.mark.parametrize("file", REVIEWED)
def test_once_applied_it_is_as_it_was_rendered_and_has_no_changes(target: Any, file: str) -> None:
    manifest = reviewed(file)
    body = {name: value for name, value in manifest.items() if name in ("spec", "data")}
    made: Manifest = target.make("watched", manifest["kind"], manifest["apiVersion"], **body)
    assert target.apply(made).succeeded
    live = target.read(made)
    assert {name: live[name] for name in body} == body
    assert target.plan(made).targets[0].pending == ()
