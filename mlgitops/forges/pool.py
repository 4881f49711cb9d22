"""Connections to one host: verified TLS, the proxy of the environment, and a deadline for the head of an answer."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from socket import SHUT_RDWR, socket
from typing import Any
from urllib.parse import urlsplit

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

from mlgitops.errors import ForgeError
from mlgitops.forges.kinds import LOOPBACK


def open_pool(root: str, environment: Mapping[str, str]) -> urllib3.PoolManager:
    """A pool for the requests to ``root``. Nothing is sent by opening.

    Certificates are checked against the system's, or those of SSL_CERT_FILE alone. Raises ``ForgeError`` where they
    cannot be read.
    """
    parts = urlsplit(root)
    try:
        certificates = ssl.create_default_context(cafile=environment.get("SSL_CERT_FILE") or None)
    except OSError as error:
        raise ForgeError(
            f"the certificates in SSL_CERT_FILE cannot be read: {error.strerror or error}",
            help="Set SSL_CERT_FILE to a file of certificates in PEM form, or unset it.",
        ) from error
    proxy = _proxy(parts.scheme, parts.hostname or "", environment)
    pool = (
        urllib3.ProxyManager(proxy, proxy_headers=_login(proxy), ssl_context=certificates)
        if proxy
        else urllib3.PoolManager(ssl_context=certificates)
    )
    pool.pool_classes_by_scheme = {"http": _Plain, "https": _Secure}
    return pool


def broken(error: Exception) -> str:
    """What went wrong on the way, in words, without the objects that urllib3 puts into its messages."""
    match error:
        case urllib3.exceptions.NameResolutionError():
            return "its name could not be resolved"
        case urllib3.exceptions.ConnectTimeoutError() | urllib3.exceptions.NewConnectionError():
            return "it could not be connected to"
        case urllib3.exceptions.TimeoutError() | TimeoutError():
            return "it took too long"
        case urllib3.exceptions.SSLError():
            return "its certificate was not accepted"
        case urllib3.exceptions.ProxyError():
            return "the proxy did not let it through"
    return "the connection broke before the answer was whole"


def _proxy(scheme: str, host: str, environment: Mapping[str, str]) -> str:
    """The proxy for a host, by the variables that curl and Git know; empty where it is reached directly."""
    names = (f"{scheme}_proxy", f"{scheme}_proxy".upper(), "all_proxy", "ALL_PROXY")
    proxy = next((found for name in names if (found := environment.get(name))), "")
    direct = environment.get("no_proxy") or environment.get("NO_PROXY") or ""
    exceptions = [entry.strip().lstrip(".").lower() for entry in direct.split(",") if entry.strip()]
    lower = host.lower()
    excepted = any(entry in ("*", lower) or lower.endswith(f".{entry}") for entry in exceptions)
    return "" if excepted or lower in LOOPBACK else proxy


def _login(proxy: str) -> dict[str, str]:
    parts = urlsplit(proxy)
    if parts.username is None:
        return {}
    return dict(urllib3.make_headers(proxy_basic_auth=f"{parts.username}:{parts.password or ''}"))


def _hurried(read: Callable[[], Any], connection: HTTPConnection) -> Any:
    """Reads the head of an answer within the connection's time limit.

    The limit of a socket holds for each byte alone, so that a server that sends one at a time could go on for hours.
    """
    timer = threading.Timer(float(connection.timeout or 0), _cut, [connection.sock])
    timer.daemon = True
    timer.start()
    try:
        return read()
    finally:
        timer.cancel()


def _cut(connected: socket) -> None:
    with suppress(OSError):
        socket.shutdown(connected, SHUT_RDWR)  # not the TLS socket's own, which another thread reads from


class _PlainConnection(HTTPConnection):
    def getresponse(self) -> Any:
        return _hurried(super().getresponse, self)


class _SecureConnection(HTTPSConnection):
    def getresponse(self) -> Any:
        return _hurried(super().getresponse, self)


class _Plain(urllib3.HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _Secure(urllib3.HTTPSConnectionPool):
    ConnectionCls = _SecureConnection
