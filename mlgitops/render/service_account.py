"""The service account under which a workload runs: the cloud identity that it reads data with. Pure."""

from __future__ import annotations

from mlgitops.manifest import Manifest
from mlgitops.render import clouds
from mlgitops.render.metadata import object_metadata
from mlgitops.spec.resolved import Resolved, ResolvedPipeline

SOURCES = {
    "ServiceAccount": {
        "metadata.annotations": "target:identities",
        "secrets": "target:identities",
    },
}


def service_account_name(resolved: Resolved) -> str:
    """The account's name. A pipeline's has a suffix, since it is often named like the model that it trains."""
    return f"{resolved.name}-pipeline" if isinstance(resolved, ResolvedPipeline) else resolved.name


def service_account(resolved: Resolved, identity_name: str | None) -> Manifest | None:
    """The account bound to an identity of the Target; ``None`` where no identity is asked for.

    Raises ``KeyError`` for an identity that the Target does not have, which ``check`` has refused before.
    """
    return None if identity_name is None else workflow_account(resolved, identity_name)


def workflow_account(resolved: Resolved, identity_name: str | None, name: str = "") -> Manifest:
    """The account of a workflow: there with or without an identity, since Argo's executor needs rights of its own.

    ``name`` is ``service_account_name`` where it is left out.
    """
    manifest: Manifest = {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": object_metadata(resolved, name or service_account_name(resolved), component="identity"),
    }
    if identity_name is None:
        return manifest
    cloud, principal = clouds.of(resolved.place.spec.cloud), principal_of(resolved, identity_name)
    named = resolved.place.spec.workload_identity == "annotated"  # else the cloud knows namespace and account already
    if named and (annotations := cloud.service_account_annotations(principal)):
        manifest["metadata"].setdefault("annotations", {}).update(annotations)
    secrets = [{"name": name} for name in cloud.service_account_secrets(principal)]
    return {**manifest, "secrets": secrets} if secrets else manifest


def identity_secrets(resolved: Resolved, identity_name: str | None) -> list[str]:
    """The Secrets that hold an identity's credentials, where the cloud has no identities of its own (onprem)."""
    if identity_name is None:
        return []
    cloud = clouds.of(resolved.place.spec.cloud)
    return cloud.service_account_secrets(principal_of(resolved, identity_name))


def principal_of(resolved: Resolved, identity_name: str) -> str:
    """What the Target's cloud calls the identity. Raises ``KeyError`` for a name that the Target does not have."""
    return resolved.place.spec.identities[identity_name].principal
