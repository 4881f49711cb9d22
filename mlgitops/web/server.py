"""The socket that the live page is served on, until the process is interrupted."""

from __future__ import annotations

import socket
from collections.abc import Callable
from ipaddress import ip_address

import uvicorn
from starlette.applications import Starlette

from mlgitops.errors import MlgitopsError


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def serve(app: Starlette, host: str, port: int, told: Callable[[str], None]) -> None:
    """Serves; ``told`` hears the address once it listens. Port 0 takes any that is free.

    Raises ``MlgitopsError`` where the address cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family)
    except OSError as error:
        raise MlgitopsError(
            f"{host}:{port} cannot be listened at: {error.strerror or error}", help="Choose another --port or --host."
        ) from error
    with listening:
        name = f"[{host}]" if ":" in host else host
        told(f"http://{name}:{listening.getsockname()[1]}/")
        config = uvicorn.Config(
            app, lifespan="off", ws="none", http="h11", access_log=False, server_header=False, date_header=True,
            log_level="warning", proxy_headers=False, timeout_graceful_shutdown=5,
        )  # fmt: skip
        uvicorn.Server(config).run(sockets=[listening])
