"""Who commits, and how commits are signed: as Git is configured, there or in another repository."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from mlgitops.errors import ToolError
from mlgitops.tools.git import git, in_repository

FALLBACK_NAME = "mlgitops"
FALLBACK_EMAIL = "mlgitops@localhost"
"""Who commits where Git knows no user, as on a build server."""
_SETTINGS = r"^((user|author|committer)\.(name|email|signingkey)|commit\.gpgsign|gpg\..*)$"


def settings_of(directory: Path | None) -> list[str]:
    """Options that have Git commit and sign as it would in a folder's repository; none outside of one."""
    if directory is None or not in_repository(directory):
        return []
    found = git(["config", "--null", "--get-regexp", _SETTINGS], directory, accepted=(0, 1)).output
    return [word for setting in _read(os.fsdecode(found)) for word in ("-c", setting)]


def identity(git_dir: Path, options: Sequence[str]) -> list[str]:
    """Options that name who commits, where Git does not know it."""
    asked = [*options, "-c", "user.useConfigOnly=true", "var", "GIT_COMMITTER_IDENT"]
    try:
        git(asked, git_dir, settings={"GIT_DIR": str(git_dir)})
    except ToolError:
        return ["-c", f"user.name={FALLBACK_NAME}", "-c", f"user.email={FALLBACK_EMAIL}"]
    return []


def who(directory: Path) -> str:
    """Who would commit in a folder, as ``NAME <MAIL>``; empty where Git does not know it."""
    options = ["-c", "user.useConfigOnly=true"]
    said = git([*options, "var", "GIT_COMMITTER_IDENT"], directory, accepted=(0, 128)).output
    return os.fsdecode(said).rpartition(">")[0] + ">" * (b">" in said)


def is_signing(git_dir: Path, options: Sequence[str]) -> bool:
    """Whether commits are to be signed."""
    asked = [*options, "config", "--type=bool", "--get", "commit.gpgSign"]
    return git(asked, git_dir, accepted=(0, 1), settings={"GIT_DIR": str(git_dir)}).output.strip() == b"true"


def keyring() -> dict[str, str]:
    """Where GnuPG keeps its keys, if that is not where it usually is."""
    return {"GNUPGHOME": os.environ["GNUPGHOME"]} if "GNUPGHOME" in os.environ else {}


def _read(listed: str) -> Iterator[str]:
    """``NAME=VALUE`` of each setting; the bare name of one that has no value, which means true."""
    for setting in filter(None, listed.split("\0")):
        name, line, value = setting.partition("\n")
        yield f"{name}={value}" if line else name
