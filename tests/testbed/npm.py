"""Packages of npm with a lock, for programs that tests run by Node: no scripts of packages run while they come."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from tests.testbed.errors import TestbedError

INSTALL_SECONDS = 600.0
FILES = ("package.json", "package-lock.json")


def node() -> str:
    """The Node on PATH. Raises ``TestbedError`` where there is none."""
    return _program("node")


def install(directory: Path, source: Path) -> None:
    """Makes ``directory/node_modules`` what the package-lock.json of ``source`` names, each by its known hash.

    Raises:
        TestbedError: there is no npm, or it failed.
    """
    npm = _program("npm")
    for name in FILES:
        shutil.copyfile(source / name, directory / name)
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--omit=dev"]
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False, timeout=INSTALL_SECONDS)
    if done.returncode:
        raise TestbedError(f"npm ci failed: {(done.stdout + done.stderr)[-2000:]}")


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise TestbedError(f"there is no {name} on PATH; install Node.js 18 or newer with npm")
    return found
