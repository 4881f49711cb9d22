"""The language server that VS Code, Neovim, Emacs and others run for YAML: 30 MB of locked packages, installed once.

``package-lock.json`` is made anew by ``npm install --package-lock-only --ignore-scripts
--omit-lockfile-registry-resolved``, which leaves out where packages were downloaded from.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from scripts.bootstrap import say
from tests.testbed import npm
from tests.testbed.cache import fingerprint, home, made_once

SOURCE = Path(__file__).parent


def program(environment: Mapping[str, str]) -> Path:
    """The server's script, for Node to run; it speaks over stdio with ``--stdio``.

    Raises:
        TestbedError: there is no Node, or npm could not install it.
    """
    made_from = fingerprint((SOURCE / name).read_bytes() for name in npm.FILES)
    folder = made_once(home(environment) / f"yaml-language-server-{made_from}", _install)
    return folder / "node_modules" / "yaml-language-server" / "bin" / "yaml-language-server"


def _install(directory: Path) -> None:
    say("installing yaml-language-server, once for every checkout")
    npm.install(directory, SOURCE)
