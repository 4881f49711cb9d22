"""A Python of its own with locked packages, for programs that would decide which packages mlgitops is tested with."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from scripts.bootstrap import base_python, provide_uv
from tests.testbed.errors import TestbedError

INSTALL_SECONDS = 900.0


def install(directory: Path, lock: Path) -> None:
    """Makes ``directory`` a virtual environment with what ``lock`` names, and may be moved.

    Raises:
        TestbedError: the packages cannot be installed.
    """
    uv, _ = provide_uv()
    settings = os.environ | {"UV_PYTHON_DOWNLOADS": "never"}
    sync = ["pip", "sync", "--compile-bytecode", "--require-hashes", "--python", str(directory / "bin" / "python")]
    for arguments in (
        ["venv", "--quiet", "--allow-existing", "--relocatable", "--python", base_python(), str(directory)],
        [*sync, "--quiet", str(lock)],
    ):
        done = subprocess.run(
            [str(uv), *arguments], env=settings, capture_output=True, text=True, check=False, timeout=INSTALL_SECONDS
        )
        if done.returncode:
            raise TestbedError(f"uv {arguments[0]} failed: {done.stderr[-2000:]}")
