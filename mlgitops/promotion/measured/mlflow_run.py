"""A run as MLflow's REST API gives it (``runs/get``). Pure.

The run's last metrics and its parameters are taken. Digests and documents, which MLflow has no place for, are read from
tags such as ``mlgitops.dataDigest``.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from mlgitops.promotion.measured.metrics import listed
from mlgitops.spec.secrets import looks_secret

TAG = "mlgitops."
TAGS = ("dataDigest", "dataUntil", "artifactDigest", "card")
"""Fields of evidence that tags may give, each with ``mlgitops.`` before it."""
LONGEST = 2000
"""Characters of a parameter that are kept."""


def fields(data: Mapping[str, Any], lower_is_better: Collection[str]) -> dict[str, Any]:
    """The fields of evidence that a run has.

    A metric that is infinite or no number is left out, and so is a parameter that looks like a secret.

    Raises ``ValueError`` where it is no run, or the run has not finished.
    """
    run = data.get("run")
    info, content = (run.get("info"), run.get("data")) if isinstance(run, Mapping) else (None, None)
    if not isinstance(info, Mapping) or not isinstance(content, Mapping):
        raise ValueError("it is no run of MLflow's")
    if info.get("status") != "FINISHED":
        raise ValueError(f"the run has not finished: its status is {info.get('status')}")
    numbers = {name: value for name, value in _pairs(content.get("metrics")).items() if _is_number(value)}
    tags = _pairs(content.get("tags"))
    told = {name: tags[TAG + name] for name in TAGS if tags.get(TAG + name)}
    given = {name: value for name, value in _pairs(content.get("params")).items() if value}
    parameters = {name: str(value)[:LONGEST] for name, value in given.items() if not looks_secret(name, value)}
    run_id = info.get("run_id")
    source = {"source": [{"runId": run_id}]} if run_id else {}
    return {"metrics": listed(numbers, lower_is_better), "parameters": parameters, **told, **source}


def _pairs(items: Any) -> dict[str, Any]:
    found: Iterable[Any] = items if isinstance(items, list) else ()
    return {str(item["key"]): item.get("value") for item in found if isinstance(item, Mapping) and "key" in item}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
