"""A Python file of the user's, run to learn which workflows it defines: as another process, by the user's own Python.

That process has a time limit, a bound on what it prints and on its memory, an empty home, and of the environment only
PATH. It is no prison: whoever runs ``mlgitops compile`` runs the file as themselves, which is why nothing that works
unattended may come here.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from mlgitops.errors import ToolError, ToolMissingError
from mlgitops.tools.process import Limits, describe, run
from mlgitops.tools.sandbox import temporary_directory

LIMITS = Limits(timeout=60, output=16 << 20, memory=8 << 30)
_READER = Path(__file__).with_name("python_reader.py")
_NOWHERE = "http://127.0.0.1:9"
"""The discard port of this machine: whatever asks for the network fails at once, where it heeds proxies."""


@dataclass(frozen=True, slots=True)
class Defined:
    """What a file defines: objects of Argo's as data, and pipelines of Kubeflow's as the texts they compile to."""

    argo: tuple[dict[str, Any], ...]
    kfp: tuple[str, ...]


def defined_by(file: Path, python: str, limits: Limits = LIMITS) -> Defined:
    """What the Python file at ``file`` defines, when ``python`` (a path, or a name on PATH) runs it.

    Raises ``ToolMissingError`` where there is no such Python, and ``ToolError`` with the end of what it said where the
    file fails or breaks a limit.
    """
    with temporary_directory() as home:
        done = run(
            [_interpreter(python), "-s", "-c", _READER.read_text(encoding="utf-8"), file.absolute()],
            directory=file.absolute().parent, environment=_environment(home), limits=limits,
        )  # fmt: skip
    if done.status:
        raise ToolError(
            f"{file} {describe(done.status)} when it was read:\n{done.errors.strip()}",
            help="Where a package is missing, name a Python that has it with --python.",
        )
    try:
        found = orjson.loads(done.output)
        return Defined(tuple(found["argo"]), tuple(found["kfp"]))
    except (ValueError, KeyError, TypeError) as error:
        raise ToolError(
            f"{python} did not say what {file} defines", help="Give --python a Python that runs this file."
        ) from error


def _interpreter(python: str) -> Path:
    found = shutil.which(python)
    if found is None:
        raise ToolMissingError(f"there is no Python at '{python}'", help="Give --python a path, or a name on PATH.")
    return Path(found).absolute()


def _environment(home: Path) -> dict[str, str]:
    return {
        "HOME": str(home),
        "TMPDIR": str(home),
        "PATH": os.environ.get("PATH", os.defpath),
        "LANG": "C.UTF-8",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "HTTP_PROXY": _NOWHERE,
        "HTTPS_PROXY": _NOWHERE,
    }
