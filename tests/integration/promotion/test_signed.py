"""The gate ``signed`` on signatures that model-signing itself made: who signed which files, with no file at hand."""

from __future__ import annotations

import base64
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from tests.testbed.mlflow import build

pytestmark = [pytest.mark.integration, pytest.mark.mlflow, pytest.mark.slow]

ENVIRONMENT = dict(os.environ)  # before any test has a home and a cache of its own
SCRIPT = Path(build.__file__).with_name("sign.py")
GATE = """\
  promotion:
    gates:
      - uses: signed
        with:
          keys:
            - |
{key}
"""


@pytest.fixture(scope="module")
def signing_python(pytestconfig: pytest.Config) -> Path:
    """The Python that has model-signing."""
    with pytestconfig.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        return build.python(ENVIRONMENT)


def new_key(path: Path) -> str:
    """Writes a private key, and gives its public one."""
    key = ec.generate_private_key(ec.SECP256R1())
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A model of several files, in an order that sorting by text would get wrong."""
    files = {"a/b": "first", "a.txt": "second", "a-b/c": "third", "MLmodel": "fourth", ".gitignore": "not counted"}
    for name, content in files.items():
        path = tmp_path / "model" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return tmp_path / "model"


@pytest.fixture
def signed(model: Path, signing_python: Path, tmp_path: Path) -> tuple[str, str, Path]:
    """The public key, the digest that was signed, and the bundle."""
    public, bundle = new_key(tmp_path / "private.pem"), tmp_path / "model.sig"
    command = [signing_python, SCRIPT, model, tmp_path / "private.pem", bundle]
    done = subprocess.run(list(map(str, command)), check=True, capture_output=True, text=True)
    return public, done.stdout.split()[-1], bundle


def released(shop: Any, digest: str, bundle: Path, tmp_path: Path) -> None:
    """Iris 3.0 in dev, with its signature in the evidence."""
    (tmp_path / "metrics.json").write_text('{"accuracy": 0.97}')
    made = tmp_path / "evidence.json"
    begun = shop.run("evidence", "begin", "iris", "--version=3.0", f"--from={tmp_path / 'metrics.json'}",
                     f"--from={bundle}", f"--to={made}")  # fmt: skip
    assert begun.code == 0, begun.err
    shop.promoted("release", "iris", "--env", "dev", "--version", "3.0", "--artifact", "s3://models/iris/3.0",
                  "--digest", digest, "--evidence-from", str(made))  # fmt: skip


def require(shop: Any, public: str) -> None:
    """Staging asks for a signature by a key."""
    path = "environments/staging/environment.yaml"
    indented = "\n".join(f"              {line}" for line in public.splitlines())
    shop.commit({path: shop.file(path) + GATE.format(key=indented)})


def test_our_digest_of_a_directory_is_the_one_that_model_signing_signs(
    shop: Any, model: Path, signed: tuple[str, str, Path]
) -> None:
    assert shop.run("registry", "digest", str(model)).out.strip() == signed[1]


def test_a_signed_release_passes_and_is_promoted(shop: Any, signed: tuple[str, str, Path], tmp_path: Path) -> None:
    public, digest, bundle = signed
    released(shop, digest, bundle, tmp_path)
    require(shop, public)
    assert "the files of the artifact are signed" in shop.run("gates", "iris", "--env", "staging").out
    shop.promoted("promote", "iris", "--from", "dev", "--to", "staging")
    assert digest in shop.file("environments/staging/models/iris.yaml")


def test_a_signature_by_another_key_blocks(shop: Any, signed: tuple[str, str, Path], tmp_path: Path) -> None:
    released(shop, signed[1], signed[2], tmp_path)
    require(shop, new_key(tmp_path / "other.pem"))
    ran = shop.run("gates", "iris", "--env", "staging")
    assert (ran.code, "none of the keys made the signature" in ran.out) == (1, True), ran.out
    assert shop.run("promote", "iris", "--from", "dev", "--to", "staging").code == 1
    assert shop.open_pulls() == []


def test_a_signature_of_other_files_is_no_evidence_of_the_release(
    shop: Any, signed: tuple[str, str, Path], tmp_path: Path
) -> None:
    with pytest.raises(AssertionError, match="about another release"):
        released(shop, "sha256:" + "cd" * 32, signed[2], tmp_path)


def test_a_bundle_that_says_other_files_than_its_digest_is_refused(
    shop: Any, signed: tuple[str, str, Path], tmp_path: Path
) -> None:
    bundle = json.loads(signed[2].read_text())
    payload = json.loads(base64.b64decode(bundle["dsseEnvelope"]["payload"]))
    payload["predicate"]["resources"][0]["digest"] = "00" * 32
    bundle["dsseEnvelope"]["payload"] = base64.b64encode(json.dumps(payload).encode()).decode()
    forged = tmp_path / "forged.sig"
    forged.write_text(json.dumps(bundle))
    ran = shop.run("evidence", "begin", "iris", "--version=3.0", f"--from={forged}", f"--to={tmp_path / 'e.json'}")
    assert (ran.code, "is not that of the files it lists" in ran.err) == (1, True), ran.err
