"""Secrets from outside of the cluster: for each, an ExternalSecret that has it made. Pure.

Facts are of the External Secrets Operator: v1 is served from 0.16 on, v1beta1 no longer from 0.17 on. Where there is no
template, it copies the labels of the ExternalSecret to the Secret (v0.16.2, ``externalsecret_controller_template.go``).
By our labels the Secret would be taken for one of ours, and so it gets a template with labels of its own.
"""

from __future__ import annotations

from typing import Any

from mlgitops.manifest import Manifest
from mlgitops.render.metadata import object_metadata
from mlgitops.spec.fields import SecretKey
from mlgitops.spec.resolved import Resolved
from mlgitops.spec.secret_keys import external_keys
from mlgitops.spec.target import SecretStore
from mlgitops.spec.versions import at_least

COMPONENT = "secret"
_LABELS = {"app.kubernetes.io/managed-by": "external-secrets"}


def sources(pointer: str) -> dict[str, dict[str, str]]:
    """The ``SOURCES`` of what is rendered here; ``pointer`` leads to where references to Secrets are."""
    return {"ExternalSecret": {"spec": pointer, "spec.secretStoreRef": "target:secretStore"}}


def render(resolved: Resolved) -> list[Manifest]:
    """An ExternalSecret for each Secret that is fetched, by the Secret's name."""
    store, keys = resolved.place.spec.secret_store, external_keys(resolved.spec)
    if not keys or store is None:  # keys without a store were refused by check before
        return []
    secrets: dict[str, dict[str, SecretKey]] = {}
    for _, one in keys:
        secrets.setdefault(one.secret, {})[one.key] = one
    return [_external_secret(resolved, store, name, secrets[name]) for name in sorted(secrets)]


def _external_secret(resolved: Resolved, store: SecretStore, name: str, keys: dict[str, SecretKey]) -> Manifest:
    version = "v1" if at_least(resolved.place.spec.components.external_secrets, "0.16") else "v1beta1"
    return {
        "apiVersion": f"external-secrets.io/{version}",
        "kind": "ExternalSecret",
        "metadata": object_metadata(resolved, name, component=COMPONENT),
        "spec": {
            "secretStoreRef": {"kind": store.kind, "name": store.name},
            "target": {"template": {"metadata": {"labels": dict(_LABELS)}}},
            "data": [{"secretKey": key, "remoteRef": _remote(keys[key])} for key in sorted(keys)],
        },
    }


def _remote(key: SecretKey) -> dict[str, Any]:
    return key.external.model_dump(by_alias=True, exclude_none=True) if key.external else {}
