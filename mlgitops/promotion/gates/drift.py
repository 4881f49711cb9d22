"""The gate about requests that moved away from the data that a release was trained on. Pure."""

from __future__ import annotations

from datetime import timedelta

from mlgitops.promotion.gates.facts import Facts, MissingError, moment
from mlgitops.promotion.gates.lineage import spoken
from mlgitops.promotion.gates.parameters import Answer
from mlgitops.spec.gates import Age
from mlgitops.spec.quantities import milliseconds


def no_drift(parameters: Age, facts: Facts) -> Answer:
    """No target where the release comes from saw drift when it looked last, which is no longer ago than maxAge."""
    if not facts.source:
        raise MissingError("the release has run nowhere before, so that no requests could be compared")
    seen = [one for one in facts.candidate.measured("drift") if one["environment"] == facts.source]
    if not seen:
        raise MissingError(f"the evidence does not say whether requests drifted in {facts.source}")
    times = [moment(one["observedAt"]) for one in seen]
    age, most = facts.now - min(times), timedelta(milliseconds=milliseconds(parameters.max_age))
    drifted = [one for one in seen if one["detected"]]
    if drifted:
        names = sorted({name for one in drifted for name in one["drifted"]})
        places = ", ".join(sorted(one["target"] for one in drifted))
        more = f" and {len(names) - 5} more" if len(names) > 5 else ""
        told = f"at {places}, requests moved away from the training data: {', '.join(names[:5])}{more}"
        return Answer(False, f"{sum(one['driftedFeatures'] for one in drifted)} drifted", "none drifted", told)
    told = f"requests in {facts.source} were compared {spoken(age)} ago"
    return Answer(
        max(times) <= facts.now and age <= most, "none drifted", f"none, seen within {parameters.max_age}", told
    )
