"""What a model needs of its Target: components, accelerators, identities and storage. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from mlgitops.check import components, resources, storage
from mlgitops.check.references import unknown_identity
from mlgitops.finding import Finding, Severity
from mlgitops.spec.positions import Pointer
from mlgitops.spec.quantities import seconds
from mlgitops.spec.resolved import ResolvedModel
from mlgitops.spec.serving import ONLINE

POLICY_CODES = frozenset({"knative-feature-needed"})

OLDEST_KSERVE = "0.15"
"""The oldest that the renderer was written against; before it there is no autoscaler class ``none``."""
OLDEST_KNATIVE = "1.0"
KNATIVE_LONGEST_TIMEOUT_SECONDS = 600
"""Knative's own bound, max-revision-timeout-seconds, unless its operator raises it (``config-defaults``)."""


def check(model: ResolvedModel) -> Iterator[Finding]:
    """Findings for what the Target does not have."""
    serving = model.spec.serving
    yield from unknown_identity(model, ("serving", "identity"), serving.identity)
    yield from storage.check(model, ("release", "artifact", "uri"), model.spec.release.artifact.uri)
    yield from resources.check(model, ("serving", "resources"), serving.resources)
    for name, part in (("transformer", serving.transformer), ("explainer", serving.explainer)):
        if part is not None:
            yield from resources.check(model, ("serving", name, "resources"), part.resources)
    if serving.mode in ONLINE:
        yield from _components(model)


def _components(model: ResolvedModel) -> Iterator[Finding]:
    at: Pointer = ("serving", "mode")
    yield from components.check(model, at, "kserve", OLDEST_KSERVE, "serving in real time")
    if model.place.spec.serving.deployment_mode == "Knative":
        need = f"target {model.place.target} is in Knative mode and"
        yield from components.check(model, at, "knative", OLDEST_KNATIVE, need)
        yield from _knative_features(model)


def _knative_features(model: ResolvedModel) -> Iterator[Finding]:
    """Fields that Knative refuses unless its operator allows them (knative.dev, "Feature and extension flags")."""
    serving = model.spec.serving
    needs: list[tuple[Pointer, str]] = []
    if serving.spread_zones:
        needs.append((("serving", "spreadZones"), "the feature kubernetes.podspec-topologyspreadconstraints"))
    if serving.resources.accelerator is not None:
        features = "the features kubernetes.podspec-nodeselector and kubernetes.podspec-tolerations"
        needs.append((("serving", "resources", "accelerator"), features))
    if serving.resources.spot:
        features = "the features kubernetes.podspec-nodeselector and kubernetes.podspec-tolerations"
        needs.append((("serving", "resources", "spot"), features))
    if seconds(serving.timeout) > KNATIVE_LONGEST_TIMEOUT_SECONDS:
        needs.append((("serving", "timeout"), "a larger max-revision-timeout-seconds in config-defaults"))
    for pointer, what in needs:
        yield model.finding(
            "knative-feature-needed", pointer, f"Knative refuses this on target {model.place.target} without {what}",
            help="switch it on there, then set policy.rules.knative-feature-needed to 'off'", severity=Severity.WARNING,
        )  # fmt: skip
