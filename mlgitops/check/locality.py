"""Where an artifact is, as far as anybody says, and whether that is near a target and allowed for its data. Pure.

A URI tells some of it: ``gs://`` is Google's, a host of Amazon's or Google's container registry names its region
(``ACCOUNT.dkr.ecr.REGION.amazonaws.com``, ``REGION-docker.pkg.dev``). The Project's ``locations`` tell the rest. On a
cluster of one's own ``s3://`` is as often a MinIO as Amazon, so that nothing is concluded from it there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from mlgitops.spec.residency import ResidencyRule, StorageLocation
from mlgitops.spec.target import TargetSpec

Verdict = Literal["allowed", "unknown", "forbidden"]

_BY_SCHEME = {"s3": "aws", "gs": "gcp"}
_BY_HOST = (
    (re.compile(r"https://[a-z0-9]+\.(?:blob|dfs)\.core\.windows\.net(?:/.*)?"), "azure"),
    (re.compile(r"oci://[0-9]+\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(?:/.*)?"), "aws"),
    (re.compile(r"oci://(?P<region>[a-z]+-[a-z]+[0-9]+)-docker\.pkg\.dev(?:/.*)?"), "gcp"),
    (re.compile(r"oci://[a-z]+-docker\.pkg\.dev(?:/.*)?"), "gcp"),
    (re.compile(r"oci://[a-z0-9]+\.azurecr\.io(?:/.*)?"), "azure"),
)


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Cloud, region and jurisdiction of a place; None for what nobody says."""

    cloud: str | None = None
    region: str | None = None
    jurisdiction: str | None = None

    def __str__(self) -> str:
        return " ".join(part for part in (self.cloud, self.region) if part) or "an unknown place"


def of_target(target: TargetSpec) -> Whereabouts:
    """Where a target is."""
    return Whereabouts(target.cloud, target.region, target.jurisdiction)


def of_uri(uri: str, locations: Iterable[StorageLocation], target: TargetSpec) -> Whereabouts:
    """Where a URI leads from a target, which reads it as it is. The longest prefix that is declared decides."""
    if uri.startswith("pvc://"):
        return of_target(target)
    told = _told_by(uri, target)
    declared = [location for location in locations if is_under(uri, location.prefix)]
    if not declared:
        return told
    best = max(declared, key=lambda location: len(location.prefix))
    return Whereabouts(best.cloud or told.cloud, best.region or told.region, best.jurisdiction)


def _told_by(uri: str, target: TargetSpec) -> Whereabouts:
    scheme = uri.partition("://")[0]
    if scheme in _BY_SCHEME:
        return Whereabouts(None if scheme == "s3" and target.cloud == "onprem" else _BY_SCHEME[scheme])
    for pattern, cloud in _BY_HOST:
        if found := pattern.fullmatch(uri):
            return Whereabouts(cloud, found.groupdict().get("region"))
    return Whereabouts()


def is_under(uri: str, prefix: str) -> bool:
    """Whether a URI is the prefix or below it; ``s3://models-old`` is not below ``s3://models``."""
    return uri == prefix or uri.startswith(prefix.rstrip("/") + "/")


def is_far(place: Whereabouts, target: Whereabouts) -> bool:
    """Whether a place is known to be in another cloud or another region than a target."""
    if place.cloud is not None and place.cloud != target.cloud:
        return True
    return None not in (place.region, target.region) and place.region != target.region


def verdict(rule: ResidencyRule, place: Whereabouts) -> tuple[Verdict, str]:
    """Whether data may be at a place, and in words what stands against it; forbidden goes before unknown."""
    asked = (
        ("jurisdiction", place.jurisdiction, rule.jurisdictions),
        ("cloud", place.cloud, rule.clouds),
        ("region", place.region, rule.regions),
    )
    for name, value, allowed in asked:
        if allowed and value is not None and value not in allowed:
            return "forbidden", f"{name} {value} is none of {', '.join(allowed)}"
    for name, value, allowed in asked:
        if allowed and value is None:
            return "unknown", f"nothing says its {name}, which has to be one of {', '.join(allowed)}"
    return "allowed", ""
