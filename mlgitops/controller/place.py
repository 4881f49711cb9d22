"""Where a controller can be asked what it knows, and asking it. Reads only.

https://HOST:PORT, http://HOST:PORT     the address that it serves /status at
kubernetes:NAMESPACE                    its ConfigMap in a namespace of the current context's cluster
kubernetes:CONTEXT/NAMESPACE            the same in another context of the kubeconfig
anything else                           its state directory
"""

from __future__ import annotations

import re
import ssl
from datetime import datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from mlgitops.controller import stored
from mlgitops.controller.state import State
from mlgitops.controller.watched import watched
from mlgitops.errors import MlgitopsError
from mlgitops.plan.problem import Watched

CONNECT_SECONDS = 3.0
"""Until there is a connection, as with a cluster that nobody answers for."""
ANSWER_SECONDS = 10.0
MOST_BYTES = 64 * 2**20
"""Of an answer; ten thousand targets take about ten."""
_NAMESPACE = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")


def ask(place: str, now: float) -> Watched:
    """What the controller there knows. ``now`` is in seconds since the epoch. Raises ``MlgitopsError``."""
    if place.startswith(("http://", "https://")):
        return watched(_loaded(_fetched(place), place), now)
    if place.startswith("kubernetes:"):
        return _from_cluster(place, now)
    return watched(_in_directory(Path(place)), now)


def _in_directory(directory: Path) -> State:
    from mlgitops.controller.store import DirectoryStore

    if not (directory / "state.json").is_file():
        raise MlgitopsError(
            f"no controller keeps its state in {directory}",
            help="name its state directory, its address (http://HOST:PORT), or kubernetes:[CONTEXT/]NAMESPACE",
        )
    return DirectoryStore(directory).read()


def _loaded(content: bytes, place: str) -> State:
    try:
        return stored.loads(content)
    except ValueError as error:
        raise MlgitopsError(
            f"what {place} answers cannot be used: {error}",
            help="See whether that is where a controller of this version keeps or tells its state.",
        ) from error


# Over HTTP


def _fetched(address: str) -> bytes:
    """What /status there says. Redirects are not followed, and nothing is sent that could be a secret."""
    parts = urlsplit(address)
    connection = _connection(parts, address)
    try:
        connection.connect()
        connection.sock.settimeout(ANSWER_SECONDS)
        connection.request("GET", f"{parts.path.rstrip('/').removesuffix('/status')}/status")
        answer = connection.getresponse()
        content = answer.read(MOST_BYTES)
    except (OSError, HTTPException) as error:
        why = (error.strerror if isinstance(error, OSError) else "") or type(error).__name__
        raise MlgitopsError(
            f"the controller at {address} does not answer: {why}",
            help="see whether it runs with --listen, and is reachable from here (kubectl port-forward)",
        ) from error
    finally:
        connection.close()
    if answer.status != 200:
        raise MlgitopsError(
            f"{address} answers with {answer.status}", help="give the address that the controller's --listen serves"
        )
    return content


def _connection(parts: SplitResult, address: str) -> HTTPConnection:
    try:
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port = "", None
    if not host or "@" in parts.netloc or parts.query or parts.fragment:
        raise MlgitopsError("this is no address of a controller", help="write http://HOST:PORT, without any login")
    if parts.scheme == "https":
        return HTTPSConnection(host, port, timeout=CONNECT_SECONDS, context=ssl.create_default_context())
    return HTTPConnection(host, port, timeout=CONNECT_SECONDS)


# In a cluster


def _from_cluster(place: str, now: float) -> Watched:
    from mlgitops.controller.map_store import state_in
    from mlgitops.controller.stores import NAME
    from mlgitops.targets.kubernetes.leadership import last_led
    from mlgitops.targets.kubernetes.notes import Notes
    from mlgitops.targets.kubernetes.own import cluster_of

    context, _, namespace = place.removeprefix("kubernetes:").rpartition("/")
    if not _NAMESPACE.fullmatch(namespace):
        help = "write kubernetes:NAMESPACE or kubernetes:CONTEXT/NAMESPACE"
        raise MlgitopsError(f"{place} names no namespace", help=help)
    client = cluster_of(context)
    state = state_in(Notes(client, namespace, NAME).read())
    if state is None:
        raise MlgitopsError(
            f"no controller with leader election keeps its state in {place}",
            help="without --leader-election it is in its state directory; ask it by http://HOST:PORT",
        )
    return watched(state, now, led=_seconds(last_led(client, namespace, NAME)))


def _seconds(time: str) -> float:
    try:
        return datetime.fromisoformat(time).timestamp()
    except ValueError:
        return 0.0
