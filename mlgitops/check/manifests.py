"""Rules over rendered manifests: what Kubernetes would refuse whatever the kind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mlgitops.finding import Finding, Location
from mlgitops.manifest import LABEL_MODEL, LABEL_PIPELINE, Identity, Manifest, identity, labels

LONGEST_NAME = 253
"""Kubernetes' bound for object names (DNS subdomain, RFC 1123)."""
LONGEST_LABEL = 63
"""Kubernetes' bound for a label's value."""


def check(target: str, environment: str, manifests: Iterable[Manifest]) -> Iterator[Finding]:
    """Findings over all manifests of one target of one environment."""
    seen: dict[Identity, Manifest] = {}
    for manifest in manifests:
        where = _location(environment, manifest)
        try:
            this = identity(manifest)
        except (KeyError, TypeError, AttributeError):
            yield Finding(
                "manifest-incomplete",
                f"an object of {target} has no apiVersion, kind or metadata.name",
                where,
                help="correct the resource or patch of the overlay that it comes from",
            )
            continue
        yield from _names(this, manifest, where)
        if this in seen:
            owners = " and ".join(sorted({_owner(seen[this]), _owner(manifest)}))
            yield Finding("duplicate-object", f"{this} is rendered twice for target {target}, by {owners}", where,
                          help="rename one of them")  # fmt: skip
        seen[this] = manifest


def _names(this: Identity, manifest: Manifest, where: Location) -> Iterator[Finding]:
    if len(this.name) > LONGEST_NAME:
        yield Finding("name-too-long", f"{this} has a name of more than {LONGEST_NAME} characters", where,
                      help="shorten the name, or the prefix or suffix that an overlay gives it")  # fmt: skip
    for key, value in labels(manifest).items():
        if len(str(value)) > LONGEST_LABEL:
            yield Finding("label-invalid", f"{this}: label {key} has more than {LONGEST_LABEL} characters",
                          where, help="shorten it, or use an annotation")  # fmt: skip


def _owner(manifest: Manifest) -> str:
    own = labels(manifest)
    if LABEL_MODEL in own:
        return f"model {own[LABEL_MODEL]}"
    return f"pipeline {own[LABEL_PIPELINE]}" if LABEL_PIPELINE in own else "the overlay"


def _location(environment: str, manifest: Manifest) -> Location:
    own = labels(manifest) if isinstance(manifest.get("metadata"), dict) else {}
    if LABEL_MODEL in own:
        return Location(f"environments/{environment}/models/{own[LABEL_MODEL]}.yaml")
    if LABEL_PIPELINE in own:
        return Location(f"environments/{environment}/pipelines/{own[LABEL_PIPELINE]}.yaml")
    return Location(f"environments/{environment}/kustomization.yaml")
