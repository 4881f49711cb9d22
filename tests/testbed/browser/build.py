"""Chromium from the system's packages, and axe-core, which judges whether everybody can use a page.

``package-lock.json`` is made anew by ``npm install --package-lock-only --omit-lockfile-registry-resolved``.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from scripts.bootstrap import say
from tests.testbed.cache import fingerprint, home, made_once
from tests.testbed.errors import TestbedError

HERE = Path(__file__).resolve().parent
FILES = ("package.json", "package-lock.json")
NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
BINARY = "MLGITOPS_CHROMIUM"
INSTALL_SECONDS = 900.0


def chromium(environment: Mapping[str, str]) -> Path:
    """The browser named by ``$MLGITOPS_CHROMIUM``, else one on PATH, else Debian's, which root installs.

    Raises:
        TestbedError: there is none, and it cannot be installed here; the message says what to do.
    """
    if named := environment.get(BINARY):
        if not os.access(named, os.X_OK):
            raise TestbedError(f"{BINARY} names {named}, which is not a program; correct or unset it")
        return Path(named)
    return _found(environment) or _installed(environment)


def axe(environment: Mapping[str, str]) -> Path:
    """The script of axe-core, installed once.

    Raises:
        TestbedError: it cannot be installed.
    """
    made_from = fingerprint((HERE / name).read_bytes() for name in FILES)
    return made_once(home(environment) / f"axe-{made_from}", _install_axe) / "node_modules/axe-core/axe.min.js"


def _found(environment: Mapping[str, str]) -> Path | None:
    path = environment.get("PATH", os.defpath)
    found = next((one for name in NAMES if (one := shutil.which(name, path=path))), None)
    return Path(found) if found else None


def _installed(environment: Mapping[str, str]) -> Path:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise TestbedError(
            f"there is no Chromium: install it (on Debian and Ubuntu: apt install chromium), or name one by {BINARY}"
        )
    say("installing Debian's Chromium")
    _run(["apt-get", "update", "-qq"], HERE)
    _run(["apt-get", "install", "-qq", "--yes", "--no-install-recommends", "chromium", "fonts-dejavu-core"], HERE)
    found = _found(environment)
    if found is None:
        raise TestbedError("Chromium was installed, and is not on PATH")
    return found


def _install_axe(directory: Path) -> None:
    say("installing axe-core, once for every checkout")
    for name in FILES:
        shutil.copy(HERE / name, directory / name)
    _run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], directory)


def _run(command: list[str], directory: Path) -> None:
    settings = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(
            command, cwd=directory, env=settings, capture_output=True, text=True, check=False, timeout=INSTALL_SECONDS
        )
    except OSError as error:
        raise TestbedError(f"{command[0]} cannot be run: {error.strerror}") from error
    if done.returncode:
        raise TestbedError(f"{' '.join(command[:2])} failed: {done.stderr[-2000:]}")
