"""Logged requests: what KServe's logger writes into a bucket, and CloudEvents as a sink keeps them. Pure.

KServe 0.16 and newer writes a JSON object for each request, or a list of them, with the body as base64 in ``bytes``
(``pkg/logger/types.go``); it holds no time, so that the file's own counts. A CloudEvent in JSON holds its body in
``data`` or ``data_base64``, and its time. Both may stand one a line, too.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from mlgitops.jobs.columns import BodyError

REQUEST = "org.kubeflow.serving.inference.request"
"""The type of the events that are requests (``pkg/logger/worker.go``); responses are passed over."""
LOGGED = REQUEST.removesuffix("request")
"""What the types of all events of the logger begin with."""
MAX_UNPACKED_BYTES = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Event:
    """A logged request: the InferenceService that was asked, its namespace and the time where these are said, and the
    body as JSON data."""

    service: str
    namespace: str
    time: datetime | None
    body: Any


def requests_in(content: bytes) -> Iterator[Event | BodyError]:
    """The requests in a file, in its order; an error for each that cannot be read.

    Raises ``BodyError`` for a file that is not JSON at all.
    """
    for item in _objects(_unpacked(content)):
        if not isinstance(item, Mapping):
            yield BodyError("an event is no JSON object")
        elif item.get("type", item.get("reqType")) == REQUEST:
            try:
                yield _event(item)
            except BodyError as error:
                yield error


def services_in(content: bytes) -> Iterator[tuple[str, str]]:
    """The InferenceService of each logged request or response in a file, and its namespace where that is said.

    Raises ``BodyError`` where anything in it is none, or does not say of which service it is.
    """
    for item in _objects(_unpacked(content)):
        service = item.get("inferenceservicename", item.get("inferenceService")) if isinstance(item, Mapping) else None
        if not service or not str(item.get("type", item.get("reqType"))).startswith(LOGGED):
            raise BodyError("the file holds something that is no logged request or response")
        yield str(service), _namespace(item)


def may_be_in(namespace: str, said: str) -> bool:
    """Whether what was logged may be of a namespace, any where it is empty; what does not say its own may."""
    return not namespace or said in ("", namespace)


def _unpacked(content: bytes) -> bytes:
    if not content.startswith(b"\x1f\x8b"):
        return content
    found = bytearray()
    rest = content
    try:
        while rest:  # a gzip file may have several members, one after the other
            unpacking = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
            found += unpacking.decompress(rest, MAX_UNPACKED_BYTES + 1 - len(found))
            if len(found) > MAX_UNPACKED_BYTES:
                raise BodyError("the file is larger than 256 MiB when it is unpacked")
            if not unpacking.eof:
                raise BodyError("the file is no gzip: its end is missing")
            rest = unpacking.unused_data
    except zlib.error as error:
        raise BodyError(f"the file is no gzip: {error}") from error
    return bytes(found)


def _objects(content: bytes) -> Iterator[Any]:
    """The objects of a file: one, a list, or one a line."""
    try:
        data = orjson.loads(content)
    except orjson.JSONDecodeError:
        for number, line in enumerate(content.splitlines(), start=1):
            if line.strip():
                yield _loaded(line, f"line {number}")
    else:
        yield from data if isinstance(data, list) else [data]


def _loaded(content: bytes | str, what: str) -> Any:
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise BodyError(f"{what} is no JSON") from error


def _event(item: Mapping[str, Any]) -> Event:
    service = item.get("inferenceservicename", item.get("inferenceService", ""))
    return Event(str(service), _namespace(item), _time(item.get("time")), _body(item))


def _namespace(item: Mapping[str, Any]) -> str:
    """Both forms call it the same."""
    return str(item.get("namespace") or "")


def _body(item: Mapping[str, Any]) -> Any:
    if isinstance(encoded := item.get("data_base64", item.get("bytes")), str):
        try:
            return _loaded(base64.b64decode(encoded, validate=True), "a body")
        except binascii.Error as error:
            raise BodyError("a body is no base64") from error
    data = item.get("data")
    return _loaded(data, "a body") if isinstance(data, str) else data


def _time(text: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None
