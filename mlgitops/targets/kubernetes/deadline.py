"""Requests that end in time, whatever the other side does.

A socket's timeout counts from byte to byte, so that a server which sends one a second is never too late. Here the
answer's head is awaited by a watchdog that shuts the connection down, and the body is read piece by piece.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Mapping
from typing import Any

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, ReadTimeoutError
from urllib3.response import BaseHTTPResponse

from mlgitops.targets.kubernetes import fence
from mlgitops.targets.kubernetes.watchdog import Watchdog

CONNECT_SECONDS = 3.0
"""For the connection, and then for each answer while TLS is agreed on."""
_PIECE = 256 * 1024  # bytes
_local = threading.local()
_watchdog = Watchdog()


class _Head:
    """Awaits the answer's head until the thread's deadline."""

    sock: Any

    def connect(self) -> None:
        """Raises ``ConnectTimeoutError`` also where it is TLS that takes too long, which urllib3 calls reading."""
        try:
            super().connect()  # type: ignore[misc]
        except TimeoutError as error:
            raise ConnectTimeoutError(self, "the connection took too long") from error

    def send(self, data: Any) -> None:
        fence.check()
        super().send(data)  # type: ignore[misc]

    def getresponse(self) -> Any:
        try:
            with _watchdog.until(_local.deadline, self._shut_down):
                response = super().getresponse()  # type: ignore[misc]
        except Exception as error:
            if time.monotonic() < _local.deadline:
                raise
            raise TimeoutError("the answer took too long") from error
        if time.monotonic() >= _local.deadline:  # a head that was cut off looks like a whole one
            response.close()
            raise TimeoutError("the answer took too long")
        return response

    def _shut_down(self) -> None:
        with contextlib.suppress(OSError, AttributeError):
            self.sock.shutdown(socket.SHUT_RDWR)


class _Plain(_Head, HTTPConnection):
    pass


class _Secure(_Head, HTTPSConnection):
    pass


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _Secure


def watched(pool: urllib3.PoolManager) -> urllib3.PoolManager:
    """The pool, with connections that ``request`` can end. A SOCKS proxy's own connections are left as they are."""
    if pool.pool_classes_by_scheme.get("https") is HTTPSConnectionPool:
        pool.pool_classes_by_scheme = {"http": _PlainPool, "https": _SecurePool}
    return pool


def request(  # noqa: PLR0913, PLR0917
    pool: urllib3.PoolManager,
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes | None,
    seconds: float,
    most: int = 0,
) -> tuple[int, Mapping[str, str], bytes]:
    """Status, headers and the whole body. Raises urllib3's errors: nothing is retried, and no redirect is followed.

    With ``most``, no more than that many bytes of the body are given, and little more is read.
    """
    deadline = _local.deadline = time.monotonic() + seconds
    timeout = urllib3.Timeout(connect=min(CONNECT_SECONDS, seconds), read=seconds)
    response = pool.request(
        method, url, body=body, headers=headers, timeout=timeout, retries=False, redirect=False, preload_content=False
    )
    try:
        content = _read(response, deadline, url, most)
    except BaseException:
        response.close()
        raise
    if most and len(content) > most:
        response.close()
    response.release_conn()
    return response.status, response.headers, content[:most] if most else content


def _read(response: BaseHTTPResponse, deadline: float, url: str, most: int) -> bytes:
    pieces, size = [], 0
    while piece := response.read1(_PIECE):
        pieces.append(piece)
        size += len(piece)
        if most and size > most:
            break
        if time.monotonic() > deadline:
            raise ReadTimeoutError(response._pool, url, "the answer took too long")  # type: ignore[attr-defined]
    return b"".join(pieces)
