from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from mlgitops.promotion.model_signature import as_text, signed_digest
from tests.fakes.model_signing import signed_model

FILES = {"MLmodel": b"iris", "model.pkl": b"2.0"}


@pytest.mark.parametrize("curve", [ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1()], ids=lambda curve: curve.name)
def test_the_digest_is_told_where_one_of_the_keys_signed_it(curve: ec.EllipticCurve) -> None:
    key, bundle, digest = signed_model(FILES, curve=curve)
    other = signed_model(FILES)[0]
    assert signed_digest(bundle, [other, key]) == digest
    assert as_text(bundle.encode())[1] == digest
    with pytest.raises(ValueError, match="none of the keys"):
        signed_digest(bundle, [other])


def test_what_was_changed_after_signing_is_not_signed() -> None:
    key, bundle, _ = signed_model(FILES)
    data, other = json.loads(bundle), json.loads(signed_model({"MLmodel": b"other"})[1])
    data["dsseEnvelope"]["payload"] = other["dsseEnvelope"]["payload"]
    with pytest.raises(ValueError, match="none of the keys"):
        signed_digest(json.dumps(data), [key])


def without_files(statement: dict[str, Any]) -> dict[str, Any]:
    return {**statement, "predicate": {**statement["predicate"], "resources": []}}


def sharded(statement: dict[str, Any]) -> dict[str, Any]:
    return {**statement, "predicate": {**statement["predicate"], "serialization": {"method": "shards"}}}


def of_two(statement: dict[str, Any]) -> dict[str, Any]:
    return {**statement, "subject": statement["subject"] * 2}


def of_another_kind(statement: dict[str, Any]) -> dict[str, Any]:
    return {**statement, "predicateType": "https://slsa.dev/provenance/v1"}


def with_another_hash(statement: dict[str, Any]) -> dict[str, Any]:
    for one in statement["predicate"]["resources"]:
        one["algorithm"] = "blake2b"
    return statement


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        (without_files, "is not that of the files it lists"),
        (sharded, "were not signed whole"),
        (of_two, "not about one model"),
        (of_another_kind, "none of model-signing 1's"),
        (with_another_hash, "a digest of another kind"),
    ],
)
def test_a_statement_that_is_signed_and_cannot_be_is_refused(
    edit: Callable[[dict[str, Any]], dict[str, Any]], told: str
) -> None:
    key, bundle, _ = signed_model(FILES, edit)
    with pytest.raises(ValueError, match=told):
        signed_digest(bundle, [key])


@pytest.mark.parametrize(
    "bundle", ["", "[]", "{}", '{"dsseEnvelope": 1}', '{"dsseEnvelope": {"payloadType": "x", "signatures": [{}]}}']
)
def test_what_is_no_signature_is_refused(bundle: str) -> None:
    with pytest.raises(ValueError, match="the signature is n"):
        signed_digest(bundle, [signed_model(FILES)[0]])


def test_a_key_that_is_none_or_of_another_kind_is_told() -> None:
    bundle = signed_model(FILES)[1]
    other = rsa.generate_private_key(65537, 2048).public_key()
    text = other.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    with pytest.raises(ValueError, match="not of the elliptic curves"):
        signed_digest(bundle, [text])
    with pytest.raises(ValueError, match="no public key in PEM"):
        signed_digest(bundle, ["-----BEGIN PUBLIC KEY-----\n"])
