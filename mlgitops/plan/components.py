"""What a Target says is installed, held against what its cluster shows. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mlgitops.plan.checkup import Check, Condition

SIGNS: Mapping[str, tuple[str, str]] = {
    "kserve": ("serving.kserve.io", "InferenceService"),
    "knative": ("serving.knative.dev", "Service"),
    "argoWorkflows": ("argoproj.io", "Workflow"),
    "trainer": ("trainer.kubeflow.org", "TrainJob"),
    "trainingOperator": ("kubeflow.org", "PyTorchJob"),
    "prometheusOperator": ("monitoring.coreos.com", "PodMonitor"),
    "keda": ("keda.sh", "ScaledObject"),
    "kueue": ("kueue.x-k8s.io", "ClusterQueue"),
    "sparkOperator": ("sparkoperator.k8s.io", "SparkApplication"),
    "katib": ("kubeflow.org", "Experiment"),
    "gatewayApi": ("gateway.networking.k8s.io", "HTTPRoute"),
    "leaderWorkerSet": ("leaderworkerset.x-k8s.io", "LeaderWorkerSet"),
    "externalSecrets": ("external-secrets.io", "ExternalSecret"),
}
"""By component the group and kind that a cluster serves where it is installed."""

IMAGES: Mapping[str, str] = {
    "kserve": "kserve-controller",
    "argoWorkflows": "workflow-controller",
    "trainer": "trainer-controller-manager",
    "trainingOperator": "training-operator",
    "prometheusOperator": "prometheus-operator",
    "keda": "keda",
    "kueue": "kueue",
    "sparkOperator": "spark-operator/controller",
    "katib": "katib-controller",
    "leaderWorkerSet": "lws",
    "externalSecrets": "external-secrets",
}
"""The end of the name of the image that its controller runs from, as the projects publish it."""

_TAG = re.compile(r":v?([0-9]+\.[0-9]+(?:\.[0-9]+)?[^@]*)(?:@|$)")


@dataclass(frozen=True, slots=True)
class Installed:
    """What a cluster shows: the groups and kinds of ``SIGNS`` that it serves, and the images of its Deployments.

    ``images`` is None where nobody may look at Deployments everywhere.
    """

    kinds: frozenset[tuple[str, str]]
    images: frozenset[str] | None


def compared(topic: str, declared: Mapping[str, str | None], installed: Installed) -> Iterator[Check]:
    """A check of every component that is declared, or is there without being declared."""
    for component, sign in SIGNS.items():
        version, there = declared.get(component), sign in installed.kinds
        if version and not there:
            yield _missing(topic, component, version)
        elif version:
            yield _version(topic, component, version, versions(component, installed.images))
        elif there:
            said = f"the cluster serves {sign[1]} of {sign[0]}, and the target does not declare {component}"
            cure = f"Where models may use it, add components.{component} with its version to the target."
            yield Check(topic, component, Condition.UNKNOWN, said, cure)


def versions(component: str, images: frozenset[str] | None) -> list[str]:
    """The versions by the tags of the images that its controller runs from, each once; none where nobody can tell."""
    name = IMAGES.get(component)
    if name is None:
        return []
    named = (image for image in images or () if re.search(rf"(^|/){re.escape(name)}[:@]", image))
    return sorted({tag[1] for image in named if (tag := _TAG.search(image))})


def _missing(topic: str, component: str, version: str) -> Check:
    group, kind = SIGNS[component]
    return Check(
        topic, component, Condition.BROKEN,
        f"{version} is declared, and the cluster does not serve {kind} of {group}",
        f"Install {component} {version} there, or take components.{component} out of the target.",
    )  # fmt: skip


def _version(topic: str, component: str, declared: str, found: list[str]) -> Check:
    if not found:
        said = f"is there; {declared} is declared, and which version runs cannot be told"
        cure = "See which version runs; it shows where the account may list Deployments in all namespaces."
        return Check(topic, component, Condition.UNKNOWN, said, cure)
    if all(_minor(one) == _minor(declared) for one in found):
        return Check(topic, component, Condition.WELL, f"{', '.join(found)}, as declared")
    said = f"{declared} is declared, and {', '.join(found)} runs: what is rendered is for another version"
    return Check(
        topic,
        component,
        Condition.WARNING,
        said,
        f'Set components.{component}: "{found[-1]}" in the target, then plan.',
    )


def _minor(version: str) -> tuple[str, ...]:
    return tuple(re.split(r"[.+-]", version)[:2])
