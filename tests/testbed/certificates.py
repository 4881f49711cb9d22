"""Certificates on the curve P-256, made without any program or library: an authority, and what it signs.

Good for tests alone: nothing here runs in constant time. The numbers are the curve's (SEC 2, secp256r1); the encoding
is DER, as X.509 has it (RFC 5280, RFC 5480).
"""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tests.testbed.credentials import encoded_key

_P = 2**256 - 2**224 + 2**192 + 2**96 - 1
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_BASE = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)
_LIFE = timedelta(days=1)
Point = tuple[int, int] | None

INTEGER, BITS, OCTETS, TEXT, TIME, SEQUENCE, SET = 0x02, 0x03, 0x04, 0x0C, 0x18, 0x30, 0x31
_KEY_TYPE = bytes.fromhex("301306072a8648ce3d020106082a8648ce3d030107")  # id-ecPublicKey, prime256v1
_SIGNED = bytes.fromhex("300a06082a8648ce3d040302")  # ecdsa-with-SHA256
_COMMON_NAME, _ORGANISATION = bytes.fromhex("0603550403"), bytes.fromhex("060355040a")
_SUBJECT_KEY, _AUTHORITY_KEY = bytes.fromhex("0603551d0e"), bytes.fromhex("0603551d23")
_KEY_USAGE, _BASIC, _NAMES = bytes.fromhex("0603551d0f"), bytes.fromhex("0603551d13"), bytes.fromhex("0603551d11")
_EXTENDED_USAGE = bytes.fromhex("0603551d25")
_SERVER_AND_CLIENT = bytes.fromhex("301406082b0601050507030106082b06010505070302")
_TRUE = bytes.fromhex("0101ff")


@dataclass(frozen=True)
class Certificate:
    """A certificate and its private key, both in PEM."""

    certificate: str
    key: str


class Authority:
    """Signs certificates that are good for a day; ``certificate`` is its own, in PEM."""

    def __init__(self, name: str = "testbed-authority") -> None:
        self._key = _new_key()
        self._name = _subject(name, ())
        usage = [_extension(_BASIC, _der(SEQUENCE, _TRUE), critical=True), _key_usage("0106")]
        self.certificate = self._signed(self._name, self._key, usage)

    def issue(self, name: str, *, organisations: Sequence[str] = (), hosts: Sequence[str] = ()) -> Certificate:
        """A certificate for a client of that name and groups, or for a server at those hosts, by name or address."""
        key = _new_key()
        extensions = [_key_usage("0780"), _extension(_EXTENDED_USAGE, _SERVER_AND_CLIENT)]
        extensions += [_extension(_NAMES, _der(SEQUENCE, *map(_host, hosts)))] if hosts else []
        signed = self._signed(_subject(name, organisations), key, extensions)
        return Certificate(signed, encoded_key(key.to_bytes(32)))

    def _signed(self, subject: bytes, key: int, extensions: Sequence[bytes]) -> str:
        now = datetime.now(UTC)
        dates = (_der(TIME, f"{day:%Y%m%d%H%M%SZ}".encode()) for day in (now - _LIFE, now + _LIFE))
        point = _encoded(_times(key, _BASE))
        ours, theirs = (hashlib.sha256(one).digest()[:20] for one in (_encoded(_times(self._key, _BASE)), point))
        extensions = [
            _extension(_SUBJECT_KEY, _der(OCTETS, theirs)),
            _extension(_AUTHORITY_KEY, _der(SEQUENCE, _der(0x80, ours))),
            *extensions,
        ]
        content = _der(
            SEQUENCE,
            _der(0xA0, _number(2)), _number(secrets.randbits(120) + 1), _SIGNED, self._name,
            _der(SEQUENCE, *dates), subject, _der(SEQUENCE, _KEY_TYPE, _der(BITS, b"\0", point)),
            _der(0xA3, _der(SEQUENCE, *extensions)),
        )  # fmt: skip
        whole = _der(SEQUENCE, content, _SIGNED, _der(BITS, b"\0", _signature(content, self._key)))
        return f"-----BEGIN CERTIFICATE-----\n{base64.encodebytes(whole).decode()}-----END CERTIFICATE-----\n"


def _new_key() -> int:
    return secrets.randbelow(_ORDER - 1) + 1


def _signature(content: bytes, key: int) -> bytes:
    digest = int.from_bytes(hashlib.sha256(content).digest())
    once = _new_key()
    point = _times(once, _BASE)
    assert point is not None
    r = point[0] % _ORDER
    return _der(SEQUENCE, _number(r), _number(pow(once, -1, _ORDER) * (digest + r * key) % _ORDER))


def _added(one: Point, other: Point) -> Point:
    if one is None or other is None:
        return one or other
    if one[0] == other[0] and one != other:
        return None
    rise, run = (3 * one[0] ** 2 - 3, 2 * one[1]) if one == other else (other[1] - one[1], other[0] - one[0])
    slope = rise * pow(run, -1, _P) % _P
    x = (slope**2 - one[0] - other[0]) % _P
    return x, (slope * (one[0] - x) - one[1]) % _P


def _times(factor: int, point: Point) -> Point:
    product: Point = None
    while factor:
        product = _added(product, point) if factor & 1 else product
        point, factor = _added(point, point), factor >> 1
    return product


def _encoded(point: Point) -> bytes:
    assert point is not None
    return b"\4" + point[0].to_bytes(32) + point[1].to_bytes(32)


def _der(tag: int, *parts: bytes) -> bytes:
    content = b"".join(parts)
    size = len(content)
    length = size.to_bytes((size.bit_length() + 7) // 8 or 1)
    return bytes([tag]) + (length if size < 128 else bytes([128 + len(length)]) + length) + content


def _number(value: int) -> bytes:
    return _der(INTEGER, value.to_bytes(value.bit_length() // 8 + 1))


def _subject(name: str, organisations: Sequence[str]) -> bytes:
    parts = [(_ORGANISATION, organisation) for organisation in organisations] + [(_COMMON_NAME, name)]
    return _der(SEQUENCE, *(_der(SET, _der(SEQUENCE, kind, _der(TEXT, text.encode()))) for kind, text in parts))


def _extension(kind: bytes, value: bytes, *, critical: bool = False) -> bytes:
    return _der(SEQUENCE, kind, _TRUE if critical else b"", _der(OCTETS, value))


def _key_usage(bits: str) -> bytes:
    """By the bits as hexadecimal digits, the first byte of which counts those that are unused."""
    return _extension(_KEY_USAGE, _der(BITS, bytes.fromhex(bits)), critical=True)


def _host(host: str) -> bytes:
    try:
        return _der(0x87, ipaddress.ip_address(host).packed)
    except ValueError:
        return _der(0x82, host.encode())
