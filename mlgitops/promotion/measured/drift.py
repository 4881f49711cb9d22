"""The report of the drift job (``mlgitops.jobs.drift``) as one observation of a release where it runs. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

FORMAT = "mlgitops.dev/drift/v1"
MOST_NAMES = 100
"""Drifted features that are named, the furthest first; how many there are is said besides."""


def observation(data: Mapping[str, Any], model: str, release_digest: str, environment: str) -> list[dict[str, Any]]:
    """What drifted at one target.

    Raises ``ValueError`` where too few requests were compared, or those of another model, release or environment.
    """
    about = {"model": model, "releaseDigest": release_digest, "environment": environment}
    for name, wanted in about.items():
        if data.get(name) != wanted:
            raise ValueError(f"it is about {name} {data.get(name) or 'unknown'}, not {wanted}")
    if not data.get("measured"):
        raise ValueError("too few requests were compared to tell whether anything drifted")
    features = [one for one in data.get("features", ()) if isinstance(one, Mapping)]
    drifted = [str(one.get("name")) for one in features if one.get("drifted")]
    said = {name: data.get(name) for name in ("target", "rows", "measure", "threshold", "since", "observedAt")}
    return [
        {
            "environment": environment,
            **said,
            "detected": bool(data.get("detected")),
            "features": data.get("compared"),
            "driftedFeatures": data.get("driftedFeatures"),
            "drifted": drifted[:MOST_NAMES],
        }
    ]
