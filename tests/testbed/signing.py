"""Repositories whose commits are signed by keys of a test's own: of SSH and of GnuPG."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mlgitops.tools.git_signatures import Keys


def keygen(path: Path) -> str:
    """Makes an SSH key at a path; its public half."""
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", path.name, "-f", str(path)]
    subprocess.run(command, check=True)
    return path.with_suffix(".pub").read_text()


def signing_options(key: Path) -> list[str]:
    """Options of Git's by which it signs with an SSH key."""
    return ["-c", "commit.gpgSign=true", "-c", "gpg.format=ssh", "-c", f"user.signingKey={key}"]


class Repository:
    """A repository in which commits are signed by keys of this test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.keys = folder / "keys"
        self.root = folder / "repository"
        self.keys.mkdir()
        self.root.mkdir()
        self.git("init", "--quiet")

    @property
    def git_dir(self) -> Path:
        return self.root / ".git"

    def git(self, *arguments: str, **environment: str) -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=self.root, check=True, capture_output=True, text=True, env=os.environ | environment
        )
        return done.stdout.strip()

    def key(self, name: str) -> str:
        """The public half of an SSH key."""
        path = self.keys / name
        return path.with_suffix(".pub").read_text() if path.exists() else keygen(path)

    def commit(self, *, ssh: str = "", gpg: str = "", home: str = "", date: str = "") -> str:
        """A new commit, signed by a key or by none."""
        signing = ["-c", "commit.gpgSign=true", "-c", f"user.signingKey={gpg}"] if gpg else []
        if ssh:
            self.key(ssh)
            signing = signing_options(self.keys / ssh)
        environment = {"GNUPGHOME": home} if home else {}
        if date:
            environment |= {"GIT_COMMITTER_DATE": date, "GIT_AUTHOR_DATE": date}
        self.git(*signing, "commit", "--quiet", "--allow-empty", "-m", "x", **environment)
        return self.git("rev-parse", "HEAD")

    def signers(self, *names: str, options: str = "") -> Keys:
        """Trust in these SSH keys."""
        path = self.folder / "signers"
        path.write_text("".join(f"{name}@example.com {options}{self.key(name)}" for name in names))
        return Keys(signers=path)


@contextmanager
def gnupg_home() -> Iterator[str]:
    """A home of GnuPG's with a key of ``good@example.com`` and one of ``expired@example.com``."""
    with tempfile.TemporaryDirectory(prefix="gpg-", dir="/tmp") as home:  # a socket's path must be short
        Path(home).chmod(0o700)
        quick = ["gpg", "--homedir", home, "--batch", "--quiet", "--passphrase", "", "--quick-gen-key"]
        subprocess.run([*quick, "Good <good@example.com>", "ed25519"], check=True, capture_output=True)
        past = [*quick[:1], "--faked-system-time", "20200101T000000!", *quick[1:]]
        expired = [*past, "Expired <expired@example.com>", "ed25519", "default", "2020-06-01"]
        subprocess.run(expired, check=True, capture_output=True)
        yield home
        subprocess.run(["gpgconf", "--homedir", home, "--kill", "all"], check=True, capture_output=True)


def exported(home: str, path: Path, *names: str) -> Keys:
    """Trust in keys of a home of GnuPG's, which are written to a file."""
    done = subprocess.run(["gpg", "--homedir", home, "--export", "--armor", *names], check=True, capture_output=True)
    path.write_bytes(done.stdout)
    return Keys(keyring=path)
