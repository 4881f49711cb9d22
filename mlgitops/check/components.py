"""Whether a Target has the components that a workload needs, in a version that is new enough. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from mlgitops.finding import Finding
from mlgitops.spec.positions import Pointer
from mlgitops.spec.resolved import Resolved
from mlgitops.spec.versions import at_least

NAMES = {
    "kserve": "KServe",
    "knative": "Knative",
    "argoWorkflows": "Argo Workflows",
    "trainer": "Kubeflow Trainer",
    "trainingOperator": "Kubeflow Training Operator",
    "prometheusOperator": "Prometheus Operator",
    "keda": "KEDA",
    "kueue": "Kueue",
    "sparkOperator": "Spark Operator",
    "katib": "Katib",
    "gatewayApi": "the Gateway API",
    "leaderWorkerSet": "LeaderWorkerSet",
    "externalSecrets": "External Secrets Operator",
}


def check(resolved: Resolved, pointer: Pointer, component: str, oldest: str, need: str) -> Iterator[Finding]:
    """A finding where the Target lacks ``component`` or has one before version ``oldest``.

    ``component`` is its name in the Target's file; ``need`` says what needs it ("batch scoring").
    """
    installed = resolved.place.spec.components.model_dump(by_alias=True)[component]
    target, name = resolved.place.target, NAMES[component]
    if installed is None:
        yield resolved.finding(
            "component-missing", pointer, f"{need} needs {name}, which target {target} does not have",
            help=f'if it is installed there, declare its version as components.{component}: "{oldest}.0" in '
            f"targets/{target}.yaml; else leave the target out with spec.targets",
        )  # fmt: skip
    elif not at_least(installed, oldest):
        yield resolved.finding(
            "component-too-old", pointer, f"{need} needs {name} {oldest} or newer; target {target} has {installed}",
            help=f"upgrade it, or leave target {target} out with spec.targets",
        )  # fmt: skip
