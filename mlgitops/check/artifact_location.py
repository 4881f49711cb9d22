"""Where Argo reads an artifact that no step made, as the fields of its artifact block. Pure.

Argo reads S3, Google's and Azure's storage with the credentials of the step's pod, so that each works in its own cloud;
anything over HTTP everywhere (argo-workflows v3.7.1, ``workflow/artifacts/artifacts.go``: drivers without Secrets).
"""

from __future__ import annotations

import re
from typing import Any

from mlgitops.check.storage import normalise
from mlgitops.spec.target import TargetSpec

_BLOB = re.compile(r"https://(?P<account>[a-z0-9]{3,24})\.blob\.core\.windows\.net/(?P<container>[^/]+)/(?P<blob>.+)")
_OBJECT = re.compile(r"(?P<scheme>s3|gs)://(?P<bucket>[^/]+)/(?P<key>.*[^/])/*")
CLOUDS = {"s3": "aws", "gcs": "gcp", "azure": "azure"}
"""The cloud in which pods have credentials for each kind of storage."""


class ArtifactLocationError(ValueError):
    """A URI that steps at a Target cannot read, with why."""


def location(uri: str, target: TargetSpec) -> dict[str, Any]:
    """``{"s3": {...}}`` and the like for a URI at a Target.

    Raises ``ArtifactLocationError`` where Argo cannot read it there, and ``StorageUriError`` for what is no storage.
    """
    readable = normalise(uri, target.storage)
    found = _block(readable, target)
    if found is None:
        raise ArtifactLocationError(f"Argo does not read '{readable}'")
    (kind,) = found
    if CLOUDS.get(kind, target.cloud) != target.cloud:
        raise ArtifactLocationError(f"pods in {target.cloud} have no credentials for '{readable}'")
    return found


def _block(uri: str, target: TargetSpec) -> dict[str, Any] | None:
    if blob := _BLOB.fullmatch(uri):
        endpoint = f"https://{blob['account']}.blob.core.windows.net"
        return {"azure": {"endpoint": endpoint, "container": blob["container"], "blob": blob["blob"], **_OWN}}
    if uri.startswith(("https://", "http://")):
        return {"http": {"url": uri}}
    held = _OBJECT.fullmatch(uri)
    if held is None:
        return None
    place = {"bucket": held["bucket"], "key": held["key"]}
    if held["scheme"] == "gs":
        return {"gcs": place}
    region = {"region": target.region} if target.region else {}
    return {"s3": {"endpoint": "s3.amazonaws.com", **region, **place, **_OWN}}


_OWN = {"useSDKCreds": True}
