"""Health of a search of parameters: an Experiment of Katib, by its conditions and by how far its trials are."""

from __future__ import annotations

from dataclasses import replace

from mlgitops.manifest import Manifest
from mlgitops.plan.health import runs
from mlgitops.plan.health.fields import block, blocks, number, text
from mlgitops.plan.health.state import Health, State


def experiment(manifest: Manifest) -> Health:
    """An Experiment: ready once it runs, with what it has found so far; it ends as other runs do."""
    found = runs.job(manifest)
    if found.state is not State.READY:
        return found
    best = _best(manifest)
    reason = "it completed" if runs.end_of(manifest) else _progress(manifest)
    return replace(found, reason=f"{reason}; best: {best}" if best else reason)


def _progress(manifest: Manifest) -> str:
    done = number(block(manifest, "status"), "trialsSucceeded")
    return f"it is running, {done} of {number(block(manifest, 'spec'), 'maxTrialCount')} trials done"


def _best(manifest: Manifest) -> str:
    """The objective's value of the best trial, and with which values it came; empty as long as there is none."""
    optimal = block(block(manifest, "status"), "currentOptimalTrial")
    objective = block(block(manifest, "spec"), "objective")
    metric = text(objective, "objectiveMetricName")
    field = "max" if text(objective, "type") == "maximize" else "min"
    values = [text(one, field) for one in blocks(optimal, "observation", "metrics") if text(one, "name") == metric]
    if not metric or not values:
        return ""
    chosen = ", ".join(f"{text(one, 'name')}={text(one, 'value')}" for one in blocks(optimal, "parameterAssignments"))
    return f"{metric} {values[0]} with {chosen}"
