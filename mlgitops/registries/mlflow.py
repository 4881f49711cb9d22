"""One run, read from an MLflow tracking server by its REST API.

A run is named by the address that a browser shows (``https://HOST/#/experiments/1/runs/ID``) or as ``runs:/ID`` at the
server in ``MLFLOW_TRACKING_URI``. Credentials come from MLflow's own environment variables and go to that server only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import urllib3

from mlgitops import __version__
from mlgitops.errors import NotAuthorisedError, RegistryError
from mlgitops.forges.kinds import LOOPBACK
from mlgitops.forges.pool import broken, open_pool

SECONDS = 30.0
BODY_BYTES = 16 << 20

_RUN = re.compile(r"(?P<server>https?://[^#?]+?)/?(?:#/|\?[^#]*#/)(?:[\w-]+/)*runs/(?P<id>[0-9a-f]{32})(?:[/?].*)?")
_REFERENCE = re.compile(r"runs:/(?P<id>[0-9a-f]{32})/?")


@dataclass(frozen=True, slots=True)
class Run:
    """A run: its server's address without a slash at the end, and its id."""

    server: str
    id: str


def find(address: str, environment: Mapping[str, str]) -> Run:
    """The run that an address names. Raises ``RegistryError`` where it names none."""
    if match := _RUN.fullmatch(address):
        return _safe(Run(match["server"], match["id"]))
    if match := _REFERENCE.fullmatch(address):
        server = environment.get("MLFLOW_TRACKING_URI", "").rstrip("/")
        if not server.startswith(("http://", "https://")):
            raise RegistryError(
                "MLFLOW_TRACKING_URI is not the address of a server", help="Set it, or give the run's whole address."
            )
        return _safe(Run(server, match["id"]))
    raise RegistryError(
        "this names no run of MLflow's", help="Write runs:/ID, or https://HOST/#/experiments/NUMBER/runs/ID."
    )


def read(run: Run, environment: Mapping[str, str]) -> bytes:
    """The run as JSON. Raises ``RegistryError``, and ``NotAuthorisedError`` where the server says no."""
    pool = open_pool(run.server, environment)
    try:
        response = pool.request(
            "GET", f"{run.server}/api/2.0/mlflow/runs/get", fields={"run_id": run.id}, headers=headers(environment),
            retries=False, redirect=False, preload_content=False, timeout=urllib3.Timeout(total=SECONDS),
        )  # fmt: skip
        content = response.read(BODY_BYTES + 1)
    except (urllib3.exceptions.HTTPError, OSError) as error:
        raise RegistryError(
            f"MLflow at {_host(run)} could not be read: {broken(error)}",
            help="See that MLFLOW_TRACKING_URI is right and can be reached from here, then run this again.",
        ) from error
    if response.status in (401, 403):
        raise NotAuthorisedError(
            f"MLflow at {_host(run)} says no ({response.status})",
            help="Set MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD.",
        )
    if response.status != 200 or len(content) > BODY_BYTES:
        told = f"it answered {response.status}" if response.status != 200 else "the answer is too long"
        raise RegistryError(
            f"MLflow at {_host(run)} did not give run {run.id}: {told}",
            help="See that the run is there, and MLflow's own log.",
        )
    return content


def headers(environment: Mapping[str, str]) -> dict[str, str]:
    """The headers of a request, with the credentials of MLflow's own variables."""
    plain = {"Accept": "application/json", "User-Agent": f"mlgitops/{__version__}"}
    token, user = environment.get("MLFLOW_TRACKING_TOKEN", ""), environment.get("MLFLOW_TRACKING_USERNAME", "")
    if token:
        return {**plain, "Authorization": f"Bearer {token}"}
    if user:
        login = f"{user}:{environment.get('MLFLOW_TRACKING_PASSWORD', '')}"
        return {**plain, **dict(urllib3.make_headers(basic_auth=login))}
    return plain


def _safe(run: Run) -> Run:
    """The run, whose server neither has a login in its address nor would be sent one without TLS."""
    parts = urlsplit(run.server)
    if parts.username is not None or (parts.scheme == "http" and parts.hostname not in LOOPBACK):
        raise RegistryError(
            "the server's address has a login, or is neither https nor on this machine",
            help="Set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, and use https.",
        )
    return run


def _host(run: Run) -> str:
    return urlsplit(run.server).hostname or ""
