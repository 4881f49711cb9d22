"""The drift job: a CronWorkflow that runs ``mlgitops.jobs.drift`` in the user's image, and its account. Pure.

Its report is kept as the run's output ``drift``; its metrics go to the Target's Pushgateway.
"""

from __future__ import annotations

from typing import Any

from mlgitops.manifest import Manifest
from mlgitops.render import access, drift_evidence
from mlgitops.render.argo import API_VERSION, pod_labels, retry_strategy, scheduled
from mlgitops.render.container import (
    POD_SECURITY_CONTEXT,
    SECURITY_CONTEXT,
    image,
    resource_requirements,
    resource_sources,
    scheduling,
)
from mlgitops.render.drift_alerts import watched
from mlgitops.render.metadata import object_metadata
from mlgitops.render.promql import number
from mlgitops.render.realtime import is_knative
from mlgitops.render.service_account import identity_secrets, workflow_account
from mlgitops.render.storage import data_uri, storage_uri
from mlgitops.spec.monitoring import Drift, PayloadSink
from mlgitops.spec.quantities import seconds
from mlgitops.spec.resolved import ResolvedModel

COMPONENT = "drift"
SUFFIX = "-drift"
STARTING_DEADLINE = "5m"
DEADLINE = "1h"
"""The longest that a run may take."""
RETRIES = 2
REPORT, MEASURED = "/tmp/drift.json", "/tmp/measured"  # noqa: S108 - of the container
_VOLUME, _CLAIM = "/mnt", "pvc://"

_TEMPLATE = "spec.workflowSpec.templates"
SOURCES = {
    "CronWorkflow": {
        "spec.workflowSpec": "monitoring.drift",
        "spec.workflowSpec.serviceAccountName": "monitoring.drift.identity",
        "spec.workflowSpec.volumes": "monitoring.payloadSink.location",
        "spec.workflowSpec.podMetadata.labels.mlgitops.dev/release": "release.version",
        "spec.workflowSpec.podMetadata.labels.app.kubernetes.io/version": "release.version",
        f"{_TEMPLATE}.container.image": "monitoring.drift.image",
        f"{_TEMPLATE}.container.args": "monitoring.drift",
        f"{_TEMPLATE}.container.envFrom": "target:identities",
        f"{_TEMPLATE}.container.volumeMounts": "monitoring.payloadSink.location",
        **resource_sources(f"{_TEMPLATE}.container.resources", "monitoring.drift.resources"),
    },
}


def render(model: ResolvedModel) -> list[Manifest]:
    """The account, its rights and the schedule; nothing where no drift is watched for."""
    model = watched(model)
    drift, sink = model.spec.monitoring.drift, model.spec.monitoring.payload_sink
    if drift is None or sink is None or model.spec.release.reference is None:  # check has refused the last two before
        return []
    account = workflow_account(model, identity_of(model, drift), model.name + SUFFIX)
    return [account, *access.grant(model, account, access.REPORT_RESULTS), _schedule(model, drift, sink)]


def identity_of(model: ResolvedModel, drift: Drift) -> str | None:
    """The identity that the job reads with."""
    return drift.identity or model.spec.serving.identity


def _schedule(model: ResolvedModel, drift: Drift, sink: PayloadSink) -> Manifest:
    workflow = _workflow(model, drift, sink)
    return {
        "apiVersion": API_VERSION,
        "kind": "CronWorkflow",
        "metadata": object_metadata(model, model.name + SUFFIX, component=COMPONENT),
        "spec": scheduled(model, COMPONENT, [drift.schedule], drift.timezone, STARTING_DEADLINE, workflow),
    }


def _workflow(model: ResolvedModel, drift: Drift, sink: PayloadSink) -> dict[str, Any]:
    claims = _claims(model, sink)
    volumes = [{"name": name, "persistentVolumeClaim": {"claimName": name, "readOnly": True}} for name in claims]
    evidence = drift_evidence.templates(model, drift)
    template = {
        "name": "compare",
        "outputs": {
            "parameters": [
                {"name": "drift", "globalName": "drift", "valueFrom": {"path": REPORT}},
                {"name": "measured", "valueFrom": {"path": MEASURED}},
            ]
        },
        "retryStrategy": retry_strategy(RETRIES),
        **scheduling(model, drift.resources),
        "container": _container(model, drift, sink),
    }
    return {
        "entrypoint": str(evidence[0]["name"]) if evidence else "compare",
        "serviceAccountName": model.name + SUFFIX,
        "activeDeadlineSeconds": seconds(DEADLINE),
        "podGC": {"strategy": "OnWorkflowSuccess"},
        "podMetadata": {"labels": pod_labels(model, COMPONENT, identity_of(model, drift))},
        "securityContext": dict(POD_SECURITY_CONTEXT),
        **({"volumes": volumes} if volumes else {}),
        "templates": [*evidence[:1], template, *evidence[1:]],
    }


def _container(model: ResolvedModel, drift: Drift, sink: PayloadSink) -> dict[str, Any]:
    secrets = identity_secrets(model, identity_of(model, drift))
    mounts = [{"name": name, "mountPath": f"{_VOLUME}/{name}", "readOnly": True} for name in _claims(model, sink)]
    return {
        "image": image(model, drift.image),
        "command": ["python", "-m", "mlgitops.jobs.drift"],
        "args": [f"--{name}={value}" for name, value in _arguments(model, drift, sink).items()],
        **({"envFrom": [{"secretRef": {"name": name}} for name in secrets]} if secrets else {}),
        "resources": resource_requirements(model, drift.resources),
        "securityContext": dict(SECURITY_CONTEXT),
        **({"volumeMounts": mounts} if mounts else {}),
    }


def _arguments(model: ResolvedModel, drift: Drift, sink: PayloadSink) -> dict[str, str]:
    return {
        "model": model.name,
        "version": model.spec.release.version,
        "release-digest": model.release_digest,
        "environment": model.place.environment,
        "target": model.place.target,
        "namespace": model.place.namespace,
        "payloads": _mounted(data_uri(model, sink.location)),
        "reference": _mounted(_reference(model)),
        "service": _service(model),
        "window": str(seconds(drift.window)),
        "measure": drift.metric,
        "threshold": number(drift.threshold),
        "significance": number(drift.significance),
        "report": REPORT,
        "measured": MEASURED,
        "pushgateway": model.place.spec.pushgateway or "",
    }


def _service(model: ResolvedModel) -> str:
    """The InferenceService that runs the release; on Knative one has both."""
    return model.name if is_knative(model) else model.instance


def _reference(model: ResolvedModel) -> str:
    return storage_uri(model, model.spec.release.reference or "")


def _claims(model: ResolvedModel, sink: PayloadSink) -> list[str]:
    """The volume claims that are read."""
    uris = (data_uri(model, sink.location), _reference(model))
    return sorted({uri.removeprefix(_CLAIM).partition("/")[0] for uri in uris if uri.startswith(_CLAIM)})


def _mounted(uri: str) -> str:
    return f"{_VOLUME}/{uri.removeprefix(_CLAIM)}" if uri.startswith(_CLAIM) else uri
