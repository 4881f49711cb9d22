"""Storage URIs: from what users write to what KServe reads. Pure.

KServe reads s3, gs, hf, hdfs, webhdfs, http, https, pvc and oci; Azure only as
``https://ACCOUNT.blob.core.windows.net/CONTAINER/PATH`` (KServe v0.17.0, ``inferenceservice/utils/utils.go``). The
forms that Azure's own tools and libraries use are rewritten, ``store://NAME/PATH`` is looked up in the Target.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from urllib.parse import unquote

from mlgitops.check.locality import is_under
from mlgitops.check.references import unknown_name
from mlgitops.finding import Finding
from mlgitops.spec.positions import Pointer
from mlgitops.spec.resolved import Resolved
from mlgitops.spec.target import TargetSpec

READABLE = frozenset({"s3", "gs", "hf", "hdfs", "webhdfs", "http", "https", "pvc", "oci"})
_LOCAL = re.compile(r"(?P<account>[a-z0-9]{3,24})/(?P<container>[^/@]+)(?P<path>/.*)?")
_REMOTE = re.compile(r"(?P<container>[^/@]+)@(?P<account>[a-z0-9]{3,24})\.(dfs|blob)\.core\.windows\.net(?P<path>/.*)?")
_AZURE = {"az": _LOCAL, "abfs": _REMOTE, "abfss": _REMOTE, "wasbs": _REMOTE}
_AZURE_FORMS = {
    "az": "az://ACCOUNT/CONTAINER/PATH",
    "abfs": "abfs://CONTAINER@ACCOUNT.dfs.core.windows.net/PATH",
    "abfss": "abfss://CONTAINER@ACCOUNT.dfs.core.windows.net/PATH",
    "wasbs": "wasbs://CONTAINER@ACCOUNT.blob.core.windows.net/PATH",
}


class StorageUriError(ValueError):
    """A URI that no rewriting makes readable. ``store`` is the name that the Target does not have, if that is why."""

    def __init__(self, message: str, store: str = "") -> None:
        super().__init__(message)
        self.store = store


def check(resolved: Resolved, pointer: Pointer, uri: str) -> Iterator[Finding]:
    """A finding where the URI at ``pointer`` is of no use at the Target."""
    stores, target = resolved.place.spec.storage, f"target {resolved.place.target}"
    try:
        readable(uri, resolved.place.spec)
    except StorageUriError as error:
        if error.store:
            yield unknown_name(resolved, pointer, "storage", error.store, stores, target)
        else:
            yield resolved.finding(
                "invalid-storage-uri", pointer, str(error),
                help="use s3, gs, hf, hdfs, https, pvc, oci, an Azure URI, or store://NAME/PATH",
            )  # fmt: skip


def normalise(uri: str, stores: Mapping[str, str]) -> str:
    """The URI as KServe reads it. ``stores`` is the Target's storage: a base URI by name.

    What is readable already is returned unchanged, so that normalising twice is normalising once. Raises
    ``StorageUriError`` for a store that is not there, for a form that is not the scheme's, and for paths with ``..``.
    """
    scheme, _, rest = uri.partition("://")
    if any(unquote(part) in (".", "..") for part in rest.split("/")):
        raise StorageUriError(f"'{uri}' has '.' or '..' in its path")
    if scheme == "store":
        return normalise(_in_store(rest, stores), {})
    if scheme in _AZURE:
        return _as_blob(scheme, rest)
    if scheme not in READABLE:
        raise StorageUriError(f"KServe does not read {scheme}://")
    return uri


def readable(uri: str, target: TargetSpec) -> str:
    """The URI that is read at a target: normalised, and of the copy where the target has a mirror of it.

    Raises ``StorageUriError`` as ``normalise`` does.
    """
    return _in_mirror(normalise(uri, target.storage), target.mirrors)


def _in_mirror(uri: str, mirrors: Mapping[str, str]) -> str:
    """The copy's URI by the longest prefix that has one; the URI itself where none has. A mirror is of no mirror."""
    places = {normalise(original, {}).rstrip("/"): copy for original, copy in mirrors.items()}
    originals = [original for original in places if is_under(uri, original)]
    if not originals:
        return uri
    longest = max(originals, key=len)
    return normalise(places[longest].rstrip("/") + uri.removeprefix(longest), {})


def _in_store(rest: str, stores: Mapping[str, str]) -> str:
    name, _, path = rest.partition("/")
    if name not in stores:
        raise StorageUriError(f"there is no storage '{name}'", store=name)
    return "/".join(part for part in (stores[name].rstrip("/"), path.strip("/")) if part)


def _as_blob(scheme: str, rest: str) -> str:
    found = _AZURE[scheme].fullmatch(rest)
    if found is None:
        raise StorageUriError(f"'{scheme}://{rest}' does not have the form {_AZURE_FORMS[scheme]}")
    return "https://{account}.blob.core.windows.net/{container}".format(**found.groupdict()) + (found["path"] or "")
