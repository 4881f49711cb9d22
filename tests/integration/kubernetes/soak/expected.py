"""What is to be at a target of a soak, and what is there."""

from __future__ import annotations

import json
from typing import Any

from tests.testbed.soak.branch import Branch
from tests.testbed.soak.clusters import Place


def expected(branch: Branch, place: Place) -> dict[str, Any]:
    """What Git says of a target."""
    said = branch.said[place.environment]
    models = {name: f"s3://models/{name}/1.{version}" for name, version in said.models.items()}
    values = {name: str(value) for name, value in said.values.items()}
    return {"models": models, "values": values, "inventory": set(models) | set(values)}


def as_it_is(place: Place) -> dict[str, Any]:
    """What is at a target that is ours, and what the inventory says of it."""
    models, values = place.models(), place.values()
    uri = {name: one["spec"]["predictor"]["model"]["storageUri"] for name, one in place.ours(models).items()}
    data = {name: one["data"]["value"] for name, one in place.ours(values).items()}
    entries = values[place.inventory_name]["data"]["entries"] if place.inventory_name in values else "[]"
    return {"models": uri, "values": data, "inventory": {row[3] for row in json.loads(entries)}}
