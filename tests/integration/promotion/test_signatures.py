"""Required signatures, with real keys of SSH and GPG: good, unknown, untrusted, expired, revoked, forged, missing."""

from __future__ import annotations

import re
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.integration

EXPIRES_SECONDS = 10.0
STAGING = "environments/staging/models/iris.yaml"


def signed(shop: Any, key: str, format: str = "openpgp") -> None:
    """Has commits signed from now on."""
    for name, value in (("gpg.format", format), ("user.signingKey", key), ("commit.gpgSign", "true")):
        shop.git("config", name, value)


def forge(shop: Any) -> None:
    """Changes what the commit that waits says, keeps its signature, and puts it in its place."""
    commit = subprocess.run(
        ["git", "cat-file", "commit", "promote/staging/iris"], cwd=shop.bare, check=True, capture_output=True
    ).stdout
    forged = commit.replace(b"Mlgitops-Actor: Test", b"Mlgitops-Actor: Boss")
    assert forged != commit
    written = subprocess.run(
        ["git", "hash-object", "-t", "commit", "-w", "--stdin"],
        cwd=shop.bare,
        check=True,
        capture_output=True,
        input=forged,
    ).stdout
    shop.git("update-ref", "refs/heads/promote/staging/iris", written.decode().strip(), at=shop.bare)


def refused(shop: Any, words: str, *arguments: str) -> None:
    """The audit fails, names the promotion's commit, and says what is wrong with its signature."""
    ran = shop.run("audit", "verify", *(arguments or ("--signatures",)))
    assert (ran.code, bool(re.search(rf"[0-9a-f]{{12}} {words}", ran.out))) == (1, True), ran.out + ran.err
    assert STAGING in ran.out


# SSH


def keygen(path: Path) -> str:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", str(path)], check=True)
    return path.with_suffix(".pub").read_text()


@pytest.fixture
def ssh(shop: Any, tmp_path: Path) -> Any:
    """The shop, whose promotion to staging is signed by ``key`` and waits; ``public`` is what vouches for it."""
    shop.public = keygen(tmp_path / "key")
    shop.signers = tmp_path / "signers"
    shop.signers.write_text(f"test@example.com {shop.public}")
    signed(shop, str(tmp_path / "key"), "ssh")
    assert shop.run("promote", "iris", "--to", "staging").code == 0
    return shop


def test_a_good_signature_by_a_key_that_is_allowed_passes(ssh: Any) -> None:
    ssh.merge("promote/staging/iris")
    ran = ssh.run("audit", "verify", "--allowed-signers", str(ssh.signers))
    assert (ran.code, ran.out.startswith("Passed: 1 change")) == (0, True), ran.out


def test_the_allowed_keys_may_be_in_gits_own_settings(ssh: Any) -> None:
    ssh.merge("promote/staging/iris")
    ssh.git("config", "gpg.ssh.allowedSignersFile", str(ssh.signers))
    assert ssh.run("audit", "verify", "--signatures").code == 0


def test_another_key_is_not_trusted(ssh: Any, tmp_path: Path) -> None:
    ssh.merge("promote/staging/iris")
    ssh.signers.write_text(f"test@example.com {keygen(tmp_path / 'other')}")
    refused(ssh, "is signed by a key that is not trusted", "--allowed-signers", str(ssh.signers))


@pytest.mark.parametrize(
    ("validity", "code"),
    [('valid-before="20200101"', 1), ('valid-after="20990101"', 1), ('valid-before="20990101"', 0)],
)
def test_a_key_counts_while_it_is_valid(ssh: Any, validity: str, code: int) -> None:
    ssh.merge("promote/staging/iris")
    ssh.signers.write_text(f"test@example.com {validity} {ssh.public}")
    ran = ssh.run("audit", "verify", "--allowed-signers", str(ssh.signers))
    assert (ran.code, "is signed by a key that is not trusted" in ran.out) == (code, bool(code)), ran.out


def test_a_commit_that_was_changed_after_it_was_signed_is_refused(ssh: Any) -> None:
    forge(ssh)
    ssh.merge("promote/staging/iris")
    assert ssh.run("audit", "verify").code == 0  # without signatures nothing tells
    refused(ssh, "has a bad signature", "--allowed-signers", str(ssh.signers))


def test_a_commit_without_a_signature_is_refused(shop: Any) -> None:
    shop.promoted("promote", "iris", "--to", "staging")
    refused(shop, "is not signed")


def test_every_promotion_of_a_group_needs_its_own_signature(ssh: Any, model_text: Any) -> None:
    team = "\n  labels:\n    team: fraud\nspec:\n"
    ssh.commit({
        f"environments/{environment}/models/{name}.yaml": model_text(environment, version, name).replace(
            "\nspec:\n", team, 1
        )
        for name in ("aster", "birch") for environment, version in (("dev", "2.0"), ("staging", "1.0"))
    })  # fmt: skip
    start = ssh.git("rev-parse", "main", at=ssh.bare)
    arguments = ("promote", "--all", "--to", "staging", "--group-by", "team")
    assert ssh.run(*arguments).code == 0
    ssh.merge("promote-group/staging/team/fraud")
    ran = ssh.run("audit", "verify", "--since", start, "--allowed-signers", str(ssh.signers))
    assert (ran.code, ran.out.startswith("Passed: 2 changes")) == (0, True), ran.out


# GPG


class Keyring:
    """A GnuPG home of the test's own."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def run(self, *arguments: str, input: str = "") -> str:
        command = ["gpg", "--homedir", str(self.home), "--batch", "--quiet", "--yes", "--passphrase", "", *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True, input=input).stdout

    def new_key(self) -> str:
        """The fingerprint of a new key of the test's committer."""
        self.run("--quick-gen-key", "Test <test@example.com>", "ed25519")
        listed = self.run("--list-keys", "--with-colons")
        return next(line.split(":")[9] for line in listed.splitlines() if line.startswith("fpr:"))

    def is_expired(self, key: str) -> bool:
        """Whether the key has run out."""
        return self.run("--list-keys", "--with-colons", key).splitlines()[1].split(":")[1] == "e"


@pytest.fixture
def keyring(monkeypatch: pytest.MonkeyPatch) -> Iterator[Keyring]:
    with tempfile.TemporaryDirectory(prefix="gpg-", dir="/tmp") as home:  # a socket's path must be short
        Path(home).chmod(0o700)
        monkeypatch.setenv("GNUPGHOME", home)
        yield Keyring(Path(home))
        subprocess.run(["gpgconf", "--homedir", home, "--kill", "all"], check=True, capture_output=True)


@pytest.fixture
def gpg(shop: Any, keyring: Keyring) -> Any:
    """The shop, whose promotion to staging is signed by ``key`` and waits."""
    shop.key = keyring.new_key()
    signed(shop, shop.key)
    assert shop.run("promote", "iris", "--to", "staging").code == 0
    return shop


def test_a_good_signature_by_a_key_of_the_keyring_passes(gpg: Any) -> None:
    gpg.merge("promote/staging/iris")
    assert gpg.run("audit", "verify", "--signatures").code == 0


def test_a_key_that_nobody_here_has_is_told(gpg: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gpg.merge("promote/staging/iris")
    monkeypatch.setenv("GNUPGHOME", str(tmp_path / "nothing"))
    refused(gpg, "has a signature that cannot be checked, because its key is missing")


def test_a_key_that_nobody_vouches_for_is_not_trusted(
    gpg: Any, keyring: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    gpg.merge("promote/staging/iris")
    public = keyring.run("--armor", "--export", gpg.key)
    with tempfile.TemporaryDirectory(prefix="gpg-", dir="/tmp") as other:
        Path(other).chmod(0o700)
        Keyring(Path(other)).run("--import", input=public)
        monkeypatch.setenv("GNUPGHOME", other)
        refused(gpg, "is signed by a key that is not trusted")


def test_a_key_that_has_run_out_is_refused(gpg: Any, keyring: Keyring) -> None:
    gpg.merge("promote/staging/iris")
    keyring.run("--quick-set-expire", gpg.key, "seconds=1")
    deadline = time.monotonic() + EXPIRES_SECONDS
    while not keyring.is_expired(gpg.key) and time.monotonic() < deadline:
        time.sleep(0.2)
    refused(gpg, "is signed by a key that has expired")


def test_a_key_that_was_revoked_is_refused(gpg: Any, keyring: Keyring) -> None:
    gpg.merge("promote/staging/iris")
    certificate = (keyring.home / f"openpgp-revocs.d/{gpg.key}.rev").read_text()
    keyring.run("--import", input=certificate.replace(":-----BEGIN", "-----BEGIN"))
    refused(gpg, "is signed by a key that was revoked")


def test_a_commit_that_was_changed_after_gpg_had_signed_it_is_refused(gpg: Any) -> None:
    forge(gpg)
    gpg.merge("promote/staging/iris")
    refused(gpg, "has a bad signature")
