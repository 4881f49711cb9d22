"""The signature of a model's files as model-signing writes it: a Sigstore bundle around an in-toto statement. Pure.

The statement lists every file with its digest, and has one digest of them all: that of ``registries.content``, which a
release's artifact has. So a signature is checked without the files, offline, by a public key.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson

_PAYLOAD = "application/vnd.in-toto+json"
_STATEMENT = "https://in-toto.io/Statement/v1"
_PREDICATE = "https://model_signing/signature/v1.0"
_CURVES = {"secp256r1": "SHA256", "secp384r1": "SHA384", "secp521r1": "SHA512"}


def signed_digest(bundle: str, keys: Sequence[str]) -> str:
    """The digest of the files that one of the keys (public, PEM) signed.

    Raises ``ValueError`` in plain words where none did, it is no such signature, or says of its files what cannot be;
    ``ModuleNotFoundError`` without the package cryptography.
    """
    try:
        data = orjson.loads(bundle)
    except orjson.JSONDecodeError as error:
        raise ValueError("the signature is no JSON") from error
    payload, signature = _envelope(data)
    signed = b"DSSEv1 %d %s %d %s" % (len(_PAYLOAD), _PAYLOAD.encode(), len(payload), payload)
    if not any(_is_signed(key, signed, signature) for key in keys):
        raise ValueError("none of the keys made the signature")
    return _digest(payload)


def as_text(content: bytes) -> tuple[str, str]:
    """A bundle's file as evidence holds it, and the digest in it, whoever signed that. Raises ``ValueError``."""
    try:
        data = _map(orjson.loads(content))
    except orjson.JSONDecodeError as error:
        raise ValueError("it is no JSON") from error
    return orjson.dumps(data).decode(), claimed(data)


def claimed(data: Mapping[str, Any]) -> str:
    """The digest in a bundle, whoever signed it. Raises ``ValueError`` in plain words."""
    return _digest(_envelope(data)[0])


def _envelope(data: Any) -> tuple[bytes, bytes]:
    """What was signed, and the one signature."""
    envelope = _map(_map(data).get("dsseEnvelope"))
    signatures = envelope.get("signatures")
    if envelope.get("payloadType") != _PAYLOAD or not isinstance(signatures, list) or len(signatures) != 1:
        raise ValueError("the signature is none of model-signing's: it has another payload, or not one signature")
    return _decoded(envelope.get("payload")), _decoded(_map(signatures[0]).get("sig"))


def _is_signed(key: str, signed: bytes, signature: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        public = load_pem_public_key(key.encode())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise ValueError("a key is no public key in PEM") from error
    if not isinstance(public, ec.EllipticCurvePublicKey) or public.curve.name not in _CURVES:
        raise ValueError("a key is not of the elliptic curves P-256, P-384 or P-521")
    try:
        public.verify(signature, signed, ec.ECDSA(getattr(hashes, _CURVES[public.curve.name])()))
    except InvalidSignature:
        return False
    return True


def _digest(payload: bytes) -> str:
    """The digest in a statement, once its files are those that the digest is of."""
    try:
        statement = _map(orjson.loads(payload))
    except orjson.JSONDecodeError as error:
        raise ValueError("the statement that was signed is no JSON") from error
    subjects, predicate = statement.get("subject"), _map(statement.get("predicate"))
    how = _map(predicate.get("serialization"))
    if (statement.get("_type"), statement.get("predicateType")) != (_STATEMENT, _PREDICATE):
        raise ValueError("the statement that was signed is none of model-signing 1's")
    if (how.get("method"), how.get("hash_type")) != ("files", "sha256") or how.get("allow_symlinks"):
        raise ValueError("the files were not signed whole, by SHA-256 and without links, as model-signing does it")
    if not isinstance(subjects, list) or len(subjects) != 1:
        raise ValueError("the statement that was signed is not about one model")
    digest = hashlib.sha256(b"".join(_files(predicate.get("resources")))).hexdigest()
    if _map(_map(subjects[0]).get("digest")).get("sha256") != digest:
        raise ValueError("the statement's digest is not that of the files it lists")
    return f"sha256:{digest}"


def _files(resources: Any) -> Iterator[bytes]:
    for one in resources if isinstance(resources, list) else ():
        try:
            digest = bytes.fromhex(str(_map(one).get("digest")))
        except ValueError as error:
            raise ValueError("a file of the statement has no digest") from error
        if _map(one).get("algorithm") != "sha256" or len(digest) != hashlib.sha256().digest_size:
            raise ValueError("a file of the statement has a digest of another kind")
        yield digest


def _decoded(text: Any) -> bytes:
    try:
        return base64.b64decode(text, validate=True) if isinstance(text, str) else b""
    except binascii.Error as error:
        raise ValueError("the signature is not encoded as it should be") from error


def _map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
