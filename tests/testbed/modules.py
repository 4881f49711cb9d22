"""Go modules as their own projects publish them: downloaded, held against a known hash, and copied to be built."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

from tests.testbed import toolchain
from tests.testbed.errors import TestbedError

FETCH_SECONDS = 600


def downloaded(go: toolchain.Go, module: str, version: str, known: str) -> Path:
    """The module's directory in Go's cache, which is read-only, once its hash is the known one.

    Raises:
        TestbedError: it could not be downloaded, or is another.
    """
    command = [str(go.program), "mod", "download", "-json", f"{module}@{version}"]
    done = subprocess.run(
        command, env=dict(go.environment), cwd="/", capture_output=True, text=True, check=False, timeout=FETCH_SECONDS
    )
    try:
        answer = json.loads(done.stdout)
    except ValueError as error:
        raise TestbedError(f"{module}@{version} could not be downloaded: {done.stderr.strip()}") from error
    if done.returncode != 0 or answer.get("Sum") != known:
        raise TestbedError(f"{module}@{version}: {answer.get('Error') or 'it has the hash ' + str(answer.get('Sum'))}")
    return Path(answer["Dir"])


def copy_to(source: Path, target: Path) -> None:
    """Copies a module so that it may be written to."""
    shutil.copytree(source, target, copy_function=shutil.copyfile)
    for folder in (target, *(path for path in target.rglob("*") if path.is_dir())):
        folder.chmod(0o755)
