"""What is to be at a target of a soak, and what is there."""

from __future__ import annotations

import json
from typing import Any

from mlgitops.manifest import LABEL_PROJECT
from tests.testbed.soak.branch import Branch
from tests.testbed.soak.clusters import EDITED_REPLICAS, Place


def expected(branch: Branch, place: Place) -> dict[str, Any]:
    """What Git says of a target."""
    said = branch.said[place.environment]
    models = {name: f"s3://models/{name}/1.{version}" for name, version in said.models.items()}
    values = {name: str(value) for name, value in said.values.items()}
    return {"models": models, "values": values, "inventory": set(models) | set(values), "edited": set()}


def as_it_is(place: Place) -> dict[str, Any]:
    """What is at a target that is ours, what the inventory says of it, and where somebody's edit is left in it."""
    models, values = place.models(), place.values()
    served, kept = place.ours(models), place.ours(values)
    uri = {name: one["spec"]["predictor"]["model"]["storageUri"] for name, one in served.items()}
    data = {name: one["data"]["value"] for name, one in kept.items()}
    scaled = {name for name, one in served.items() if one["spec"]["predictor"].get("maxReplicas", 0) >= EDITED_REPLICAS}
    bare = {name for name, one in {**served, **kept}.items() if LABEL_PROJECT not in one["metadata"]["labels"]}
    entries = values[place.inventory_name]["data"]["entries"] if place.inventory_name in values else "[]"
    return {"models": uri, "values": data, "inventory": {row[3] for row in json.loads(entries)},
            "edited": scaled | bare}  # fmt: skip
