"""The key under which a rendering is cached: everything that it depends on, by content."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import mlgitops
from mlgitops.spec.project_files import KUSTOMIZATION_FILES


def fingerprint(files: Mapping[str, bytes], environment: str) -> str:
    """A digest over this program, the environment's name, the content of every file, and kustomize where it is used."""
    hasher = hashlib.sha256()
    for part in (program(), environment, _kustomize(files, environment)):
        hasher.update(part.encode() + b"\0")
    for path in sorted(files):
        content = files[path]
        hasher.update(f"{path}\0{len(content)}\0".encode())
        hasher.update(content)
    return hasher.hexdigest()


@lru_cache(maxsize=1)
def program() -> str:
    """What tells this version of the program from another, an edited checkout included."""
    root = Path(mlgitops.__file__).parent
    stats = sorted((str(p.relative_to(root)), p.stat()) for p in root.rglob("*.py"))
    seen = "".join(f"{path}:{stat.st_size}:{stat.st_mtime_ns};" for path, stat in stats)
    return mlgitops.__version__ + hashlib.sha256(seen.encode()).hexdigest()


def _kustomize(files: Mapping[str, bytes], environment: str) -> str:
    """Which kustomize would run, where the environment has a kustomization; empty where it has none."""
    if not any(f"environments/{environment}/{name}" in files for name in KUSTOMIZATION_FILES):
        return ""
    from mlgitops.errors import ToolMissingError
    from mlgitops.tools.kustomize import find

    try:
        program = find(os.environ).program
    except ToolMissingError:
        return "missing"
    stat = program.stat()
    return f"{program}:{stat.st_size}:{stat.st_mtime_ns}"
