"""Requests about other flowers than the model was trained on, and the run that finds that they are."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

from prometheus_client.openmetrics.parser import text_string_to_metric_families

from mlgitops.jobs.payloads import REQUEST
from tests.integration.lifecycle.argo import VERSION, Argo
from tests.integration.lifecycle.platform import PROD
from tests.testbed.api import Api
from tests.testbed.exporter import Exporter

CRON = {"apiVersion": VERSION, "kind": "CronWorkflow", "metadata": {"namespace": PROD, "name": "iris-drift"}}
LARGER = 1.5
"""Times as long and as wide as the flowers of the training data."""


def log_larger_flowers(path: Path, reference: Path) -> None:
    """Requests as KServe's logger sends them, one a line, about flowers larger than those of the reference."""
    with reference.open() as file:
        rows = [[LARGER * float(value) for value in row] for row in list(csv.reader(file))[1:]]
    path.parent.mkdir(parents=True)
    path.write_text("".join(json.dumps(_event(number, row)) + "\n" for number, row in enumerate(rows)))


def look(api: Api, argo: Argo, metrics: Path, pushed: Exporter) -> None:
    """Runs what the CronWorkflow at the cluster says, and has its metrics where the Pushgateway would have them.

    ``metrics`` is the file of the run's folder that stands for ``/tmp/drift.prom``.
    """
    (template,) = api.read(CRON)["spec"]["workflowSpec"]["templates"]
    container = template["container"]
    args = [one for one in container["args"] if not one.startswith("--pushgateway=")]
    argo.container({**container, "args": [*args, "--metrics=/tmp/drift.prom"]}, {})
    for family in text_string_to_metric_families(metrics.read_text()):  # type: ignore[no-untyped-call]
        for sample in family.samples:
            pushed.set(sample.name, sample.value, **sample.labels)


def _event(number: int, row: list[float]) -> dict[str, Any]:
    tensor = {"name": "input-0", "shape": [1, len(row)], "datatype": "FP64", "data": row}
    about = {"type": REQUEST, "id": str(number), "inferenceservicename": "iris", "namespace": PROD}
    return {**about, "data": {"inputs": [tensor]}}
