"""A model's files as model-signing signs them, by a key made here. An integration test asks the real one."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

PAYLOAD = "application/vnd.in-toto+json"


def _same(statement: dict[str, Any]) -> dict[str, Any]:
    return statement


def signed_model(
    files: Mapping[str, bytes],
    edit: Callable[[dict[str, Any]], dict[str, Any]] = _same,
    curve: ec.EllipticCurve | None = None,
) -> tuple[str, str, str]:
    """The public key, the bundle as JSON text, and the digest of the files. ``edit`` changes what is signed."""
    each = {name: hashlib.sha256(content).digest() for name, content in sorted(files.items())}
    digest = hashlib.sha256(b"".join(each.values())).hexdigest()
    resources = [{"name": name, "algorithm": "sha256", "digest": one.hex()} for name, one in each.items()]
    statement = {
        "_type": "https://in-toto.io/Statement/v1", "predicateType": "https://model_signing/signature/v1.0",
        "subject": [{"name": "model", "digest": {"sha256": digest}}],
        "predicate": {"resources": resources,
                      "serialization": {"method": "files", "hash_type": "sha256", "allow_symlinks": False}},
    }  # fmt: skip
    payload = json.dumps(edit(statement)).encode()
    key = ec.generate_private_key(curve or ec.SECP256R1())
    sizes: dict[int, hashes.HashAlgorithm] = {256: hashes.SHA256(), 384: hashes.SHA384(), 521: hashes.SHA512()}
    signed = f"DSSEv1 {len(PAYLOAD)} {PAYLOAD} {len(payload)} ".encode() + payload
    signature = key.sign(signed, ec.ECDSA(sizes.get(key.key_size, hashes.SHA256())))
    envelope = {
        "payload": base64.b64encode(payload).decode(), "payloadType": PAYLOAD,
        "signatures": [{"sig": base64.b64encode(signature).decode(), "keyid": ""}],
    }  # fmt: skip
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    return public, json.dumps({"dsseEnvelope": envelope}), f"sha256:{digest}"
