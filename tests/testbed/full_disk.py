"""A command on a file system that takes files of a certain size only, as a full disk takes what still fits."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.testbed.command import SECONDS, Ran

_START = """\
import resource, runpy, sys
limit = int(sys.argv.pop(1))
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
runpy.run_module("mlgitops", run_name="__main__", alter_sys=True)
"""


def run(limit: int, arguments: list[str], directory: Path, environment: Mapping[str, str]) -> Ran:
    """Runs the command; neither it nor any program that it runs can make a file longer than ``limit`` bytes."""
    done = subprocess.run(
        [sys.executable, "-c", _START, str(limit), *arguments],
        cwd=directory, env=dict(environment), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        timeout=SECONDS,
    )  # fmt: skip
    return Ran(done.returncode, done.stdout, done.stderr)
