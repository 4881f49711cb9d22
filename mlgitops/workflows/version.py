"""The versions of this program and of the tools it runs."""

from __future__ import annotations

import os
import platform

from mlgitops import API_VERSION, __version__
from mlgitops.errors import ToolError


def versions() -> dict[str, str]:
    """Name and version of everything that shapes a result."""
    return {
        "mlgitops": __version__,
        "api": API_VERSION,
        "python": platform.python_version(),
        "kustomize": _kustomize(),
        "git": _git(),
    }


def _kustomize() -> str:
    from mlgitops.tools import kustomize

    try:
        return kustomize.find(os.environ).version()
    except ToolError as error:
        return f"not usable: {error.message}"


def _git() -> str:
    from mlgitops.tools import git

    try:
        return git.version()
    except ToolError as error:
        return f"not usable: {error.message}"
