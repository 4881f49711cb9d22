"""Requests that end in time, whatever the other side does.

A socket's timeout counts from byte to byte, so that a server which sends one a second is never too late. Here the
answer's head is awaited by a timer that shuts the connection down, and the body is read piece by piece.
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
from urllib3.exceptions import ReadTimeoutError
from urllib3.response import BaseHTTPResponse

CONNECT_SECONDS = 5.0
_PIECE = 256 * 1024  # bytes
_local = threading.local()


class _Head:
    """Awaits the answer's head until the thread's deadline."""

    sock: Any

    def getresponse(self) -> Any:
        timer = threading.Timer(max(0.0, _local.deadline - time.monotonic()), self._shut_down)
        timer.daemon = True
        timer.start()
        try:
            response = super().getresponse()  # type: ignore[misc]
        except Exception as error:
            if time.monotonic() < _local.deadline:
                raise
            raise TimeoutError("the answer took too long") from error
        finally:
            timer.cancel()
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


def request(
    pool: urllib3.PoolManager, method: str, url: str, headers: Mapping[str, str], body: bytes | None, seconds: float
) -> tuple[int, Mapping[str, str], bytes]:
    """Status, headers and the whole body. Raises urllib3's errors: nothing is retried, and no redirect is followed."""
    deadline = _local.deadline = time.monotonic() + seconds
    timeout = urllib3.Timeout(connect=min(CONNECT_SECONDS, seconds), read=seconds)
    response = pool.request(
        method, url, body=body, headers=headers, timeout=timeout, retries=False, redirect=False, preload_content=False
    )
    try:
        content = _read(response, deadline, url)
    except BaseException:
        response.close()
        raise
    response.release_conn()
    return response.status, response.headers, content


def _read(response: BaseHTTPResponse, deadline: float, url: str) -> bytes:
    pieces = []
    while piece := response.read1(_PIECE):
        pieces.append(piece)
        if time.monotonic() > deadline:
            raise ReadTimeoutError(response._pool, url, "the answer took too long")  # type: ignore[attr-defined]
    return b"".join(pieces)
