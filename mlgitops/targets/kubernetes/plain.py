"""A plain kubeconfig: one file in which the context leads to a server, its certificate authority and a bearer token.

To import the kubernetes package takes a third of the time that planning a thousand objects does. What is plain is read
here to the same effect; for anything else, such as a proxy, a client certificate or a program, there is the package.
"""

from __future__ import annotations

import base64
import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import urllib3

_CLUSTER = frozenset({"server", "certificate-authority", "certificate-authority-data"})
_DESCRIBES = frozenset({"extensions"})
_PROXIES = frozenset({"http_proxy", "https_proxy", "all_proxy"})
_SYSTEMS_WITH_PROXIES = ("darwin", "win32")
"""Where a proxy may be among the system's own settings."""


@dataclass
class PlainConfiguration:
    """What ``Client`` needs of a configuration. ``authority`` is a file or, in PEM, the certificates themselves."""

    host: str
    token: str = field(repr=False)
    authority: Mapping[str, str]
    connection_pool_maxsize: int = 1

    def auth_settings(self) -> Mapping[str, Mapping[str, str]]:
        """The header, in the form in which the package has it."""
        return {"BearerToken": {"in": "header", "key": "authorization", "value": f"Bearer {self.token}"}}

    def pool_manager(self) -> urllib3.PoolManager:
        """Connections to the server, whose certificate is verified."""
        return urllib3.PoolManager(cert_reqs="CERT_REQUIRED", maxsize=self.connection_pool_maxsize, **self.authority)  # type: ignore[arg-type]


def plain(path: str, context: str | None) -> PlainConfiguration | None:
    """The configuration of a plain kubeconfig; None for all that is not plain, be it wrong."""
    import yaml

    if not Path(path).is_file() or _perhaps_a_proxy():
        return None
    try:
        content = yaml.load(Path(path).read_bytes(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
        chosen = _named(content["contexts"], "context", context or content["current-context"])
        cluster = _named(content["clusters"], "cluster", chosen["cluster"])
        user = _named(content["users"], "user", chosen["user"])
        return _configuration(cluster, user, Path(path).parent)
    except (OSError, LookupError, TypeError, ValueError, AttributeError, RecursionError, yaml.YAMLError):
        return None


def _perhaps_a_proxy() -> bool:
    return sys.platform in _SYSTEMS_WITH_PROXIES or any(
        os.environ[name] for name in os.environ if name.lower() in _PROXIES
    )


def _named(entries: Iterable[Mapping[str, Any]], kind: str, name: str) -> Mapping[str, Any]:
    """The one entry of a name. Raises ``ValueError`` where there are none or several."""
    (found,) = (entry[kind] for entry in entries if entry["name"] == name)
    return {key: value for key, value in found.items() if key not in _DESCRIBES}


def _configuration(cluster: Mapping[str, Any], user: Mapping[str, Any], folder: Path) -> PlainConfiguration | None:
    server, token = cluster["server"], user["token"]
    wanted = cluster.keys() <= _CLUSTER and user.keys() == {"token"}
    if not wanted or not server.startswith("https://") or not (token and token == token.strip()):
        return None
    authority = _authority(cluster, folder)
    return PlainConfiguration(server.rstrip("/"), token, authority) if authority else None


def _authority(cluster: Mapping[str, Any], folder: Path) -> dict[str, str]:
    """The certificates in the file itself come first, as they do for the package; empty where none are named."""
    if data := cluster.get("certificate-authority-data"):
        return {"ca_cert_data": base64.b64decode(data, validate=True).decode("ascii")}
    file = cluster.get("certificate-authority")
    return {"ca_certs": str(folder / file)} if file else {}
