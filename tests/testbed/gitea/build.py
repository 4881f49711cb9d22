"""The Gitea that tests run against: one that the user names, else a pinned one, built once a user."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from scripts.bootstrap import say
from tests.testbed import cache, modules, toolchain
from tests.testbed.errors import TestbedError

BINARY = "GITEA_BINARY"
MODULE = "code.gitea.io/gitea"
VERSION = "v1.26.0"
HASH = "h1:fJP9dqLbzKrKWUVnCVTfVersZdVDuyJQLEDzCAOmKKA="
TAGS = "sqlite sqlite_unlock_notify"
STATIC = ("templates", "options", "public")
C_FLAGS = "-O1 -g0"  # SQLite alone takes minutes at -O2


@dataclass(frozen=True)
class Program:
    """A Gitea and the folder of what it shows; None where the program carries that itself, as released ones do."""

    path: Path
    static: Path | None


def program(environment: Mapping[str, str]) -> Program:
    """The Gitea named by ``$GITEA_BINARY``, else ours, which is built if this user has not got it yet.

    Building takes about ten minutes of one core, and needs gcc, and the newest Go where none is found.

    Raises:
        TestbedError: the variable names no program, or the build failed.
    """
    if named := environment.get(BINARY):
        return _named(Path(named))
    return _in(cache.made_once(built(environment), _build))


def can_be_had(environment: Mapping[str, str]) -> bool:
    """Whether there is a Gitea, or what it takes to build one."""
    return bool(environment.get(BINARY)) or built(environment).exists() or shutil.which("gcc") is not None


def built(environment: Mapping[str, str]) -> Path:
    """Where our own Gitea is kept once it is built."""
    parts = (part.encode() for part in (MODULE, VERSION, HASH, TAGS, C_FLAGS))
    return cache.home(environment) / f"gitea-{cache.fingerprint(parts)}"


def _named(path: Path) -> Program:
    if not os.access(path, os.X_OK):
        raise TestbedError(f"{BINARY} names {path}, which is not a program; correct or unset it")
    static = path.parent / "static"
    return Program(path, static if static.is_dir() else None)


def _in(directory: Path) -> Program:
    return Program(directory / "gitea", directory / "static")


def _build(directory: Path) -> None:
    """Builds in a copy, since its own directory in Go's cache is read-only and the module replaces others."""
    if shutil.which("gcc") is None:
        raise TestbedError("building Gitea needs gcc: install it, or name a Gitea by GITEA_BINARY")
    with toolchain.provided() as go:
        source = directory / "source"
        modules.copy_to(modules.downloaded(go, MODULE, VERSION, HASH), source)
        say(f"building Gitea {VERSION}: 6 to 11 minutes on two cores, once")
        compiling = {**go.environment, "CGO_ENABLED": "1", "CGO_CFLAGS": C_FLAGS}
        gently = replace(go, program=Path(shutil.which("nice") or "nice"), environment=compiling)
        flags = [
            "-v",
            "-trimpath",
            "-buildvcs=false",
            "-tags",
            TAGS,
            "-ldflags",
            f"-s -w -X main.Version={VERSION[1:]}",
        ]
        command = [str(go.program), "-C", str(source), "build", *flags, "-o", str(directory / "gitea"), "."]
        gently.build(["-n", "10", *command])
    (directory / "static").mkdir()
    for name in STATIC:
        (source / name).rename(directory / "static" / name)
    shutil.rmtree(source)
