"""The upkeep of logged requests: a CronWorkflow that runs ``mlgitops.jobs.sink`` in the user's image. Pure.

It deletes what is older than the retention, and holds what came since its last run to the schema.
"""

from __future__ import annotations

from typing import Any

import orjson

from mlgitops.manifest import Manifest
from mlgitops.render import access
from mlgitops.render.argo import API_VERSION, pod_labels, retry_strategy, scheduled
from mlgitops.render.container import (
    POD_SECURITY_CONTEXT,
    SECURITY_CONTEXT,
    image,
    resource_requirements,
    scheduling,
)
from mlgitops.render.metadata import object_metadata
from mlgitops.render.service_account import identity_secrets, workflow_account
from mlgitops.render.storage import data_uri
from mlgitops.spec.monitoring import PayloadFeature, PayloadSink, Upkeep
from mlgitops.spec.quantities import seconds
from mlgitops.spec.resolved import NEW_SUFFIX, ResolvedModel
from mlgitops.spec.side_by_side import is_progressive

COMPONENT = "upkeep"
SUFFIX = "-upkeep"
STEP = "keep"
STARTING_DEADLINE = "1h"
DEADLINE = "6h"
"""The longest that a run may take; deleting takes one request for each file."""
RETRIES = 2
WINDOW = "1d"
"""How far back requests are held to the schema."""
_VOLUME, _CLAIM = "/mnt", "pvc://"

SOURCES = {
    "CronWorkflow": {f"spec.workflowSpec.templates.[{STEP}].*": "monitoring.payloadSink.upkeep"},
}


def render(model: ResolvedModel) -> list[Manifest]:
    """The account, its rights and the schedule; nothing where no upkeep is asked for."""
    sink = model.spec.monitoring.payload_sink
    if sink is None or sink.upkeep is None:
        return []
    account = workflow_account(model, identity_of(model, sink.upkeep), model.name + SUFFIX)
    schedule = {
        "apiVersion": API_VERSION,
        "kind": "CronWorkflow",
        "metadata": object_metadata(model, model.name + SUFFIX, component=COMPONENT),
        "spec": scheduled(
            model, COMPONENT, [sink.upkeep.schedule], sink.upkeep.timezone, STARTING_DEADLINE,
            _workflow(model, sink, sink.upkeep),
        ),
    }  # fmt: skip
    return [account, *access.grant(model, account, access.REPORT_RESULTS), schedule]


def identity_of(model: ResolvedModel, upkeep: Upkeep) -> str | None:
    """The identity that the job reads and deletes with."""
    return upkeep.identity or model.spec.serving.identity


def schema_of(features: tuple[PayloadFeature, ...]) -> str:
    """The schema as JSON, as ``mlgitops.jobs.schema`` reads it."""
    return orjson.dumps(
        [one.model_dump(exclude_none=True, exclude_defaults=True) | _always(one) for one in features]
    ).decode()


def _always(one: PayloadFeature) -> dict[str, str]:
    return {"name": one.name, "type": one.type}


def _workflow(model: ResolvedModel, sink: PayloadSink, upkeep: Upkeep) -> dict[str, Any]:
    claim = _claim(data_uri(model, sink.location))
    volumes = [{"name": claim, "persistentVolumeClaim": {"claimName": claim}}] if claim else []
    step = {
        "name": STEP,
        "retryStrategy": retry_strategy(RETRIES),
        **scheduling(model, upkeep.resources),
        "container": _container(model, sink, upkeep),
    }
    return {
        "entrypoint": STEP,
        "serviceAccountName": model.name + SUFFIX,
        "activeDeadlineSeconds": seconds(DEADLINE),
        "podGC": {"strategy": "OnWorkflowSuccess"},
        "podMetadata": {"labels": pod_labels(model, COMPONENT, identity_of(model, upkeep))},
        "securityContext": dict(POD_SECURITY_CONTEXT),
        **({"volumes": volumes} if volumes else {}),
        "templates": [step],
    }


def _container(model: ResolvedModel, sink: PayloadSink, upkeep: Upkeep) -> dict[str, Any]:
    secrets = identity_secrets(model, identity_of(model, upkeep))
    claim = _claim(data_uri(model, sink.location))
    mounts = [{"name": claim, "mountPath": f"{_VOLUME}/{claim}"}] if claim else []
    return {
        "image": image(model, upkeep.image),
        "command": ["python", "-m", "mlgitops.jobs.sink"],
        "args": _arguments(model, sink, upkeep),
        **({"envFrom": [{"secretRef": {"name": name}} for name in secrets]} if secrets else {}),
        "resources": resource_requirements(model, upkeep.resources),
        "securityContext": dict(SECURITY_CONTEXT),
        **({"volumeMounts": mounts} if mounts else {}),
    }


def _arguments(model: ResolvedModel, sink: PayloadSink, upkeep: Upkeep) -> list[str]:
    uri = data_uri(model, sink.location)
    named = {
        "model": model.name,
        "version": model.spec.release.version,
        "environment": model.place.environment,
        "target": model.place.target,
        "namespace": model.place.namespace,
        "payloads": f"{_VOLUME}/{uri.removeprefix(_CLAIM)}" if _claim(uri) else uri,
        "window": str(seconds(WINDOW)),
        **({"retention": str(seconds(upkeep.retention))} if upkeep.retention else {}),
        **({"schema": schema_of(upkeep.features)} if upkeep.features else {}),
        **({"pushgateway": model.place.spec.pushgateway} if model.place.spec.pushgateway else {}),
    }
    return [f"--{name}={value}" for name, value in named.items()] + [f"--service={one}" for one in _services(model)]


def _services(model: ResolvedModel) -> list[str]:
    """The InferenceServices whose requests are kept: where two releases may run, both, also once one alone is left."""
    return [model.name, *([model.name + NEW_SUFFIX] if is_progressive(model) else [])]


def _claim(uri: str) -> str:
    """The volume claim of a URI; empty for one that is none."""
    return uri.removeprefix(_CLAIM).partition("/")[0] if uri.startswith(_CLAIM) else ""
