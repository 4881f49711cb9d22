"""Everything that a rendering depends on, by content: what all of it shares, and each model's and pipeline's own."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import mlgitops
from mlgitops.spec.project_files import ENVIRONMENT_FILE, KUSTOMIZATION_FILES, step_path, step_reference


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What one environment depends on.

    ``own`` has a digest for each file that is one model's, pipeline's or step template's alone, by path. ``shared`` is
    over the rest:
    this program, the environment's name, the other files, and kustomize where it is used. A kustomization may read any
    file, so that there everything is shared. Evidence, and what other environments run, counts only there.
    """

    shared: str
    own: Mapping[str, bytes]

    @property
    def whole(self) -> str:
        """One digest over all of it."""
        hasher = hashlib.sha256(self.shared.encode())
        for path, digest in self.own.items():
            hasher.update(f"{len(path)}\0{path}".encode("utf-8", "surrogateescape"))
            hasher.update(digest)
        return hasher.hexdigest()


def fingerprint(files: Mapping[str, bytes], environment: str) -> Fingerprint:
    """What an environment depends on among the files of a project."""
    overlaid = bool(kustomizations(files, environment))
    hasher = hashlib.sha256()
    own: dict[str, bytes] = {}
    for part in (program(), environment, _kustomize() if overlaid else ""):
        hasher.update(part.encode() + b"\0")
    elsewhere = () if overlaid else tuple(_elsewhere(files, environment))
    for path in sorted(files):
        content = files[path]
        if not overlaid and owner(path, environment):
            own[path] = hashlib.sha256(content).digest()
        elif not path.startswith(elsewhere):
            hasher.update(f"{path}\0{len(content)}\0".encode("utf-8", "surrogateescape"))
            hasher.update(content)
    return Fingerprint(hasher.hexdigest(), own)


def owner(path: str, environment: str) -> str:
    """``Model/NAME``, ``Pipeline/NAME`` or ``Step/NAME@VERSION`` for a file that says something of that alone.

    Empty for others.
    """
    if path.startswith("steps/"):
        reference = step_reference(path)
        return f"Step/{reference}" if reference else ""
    stem, _, ending = path.rpartition(".")
    folder, _, name = stem.rpartition("/")
    if ending != "yaml" or not name:
        return ""
    if folder in ("models", f"environments/{environment}/models"):
        return f"Model/{name}"
    return f"Pipeline/{name}" if folder == f"environments/{environment}/pipelines" else ""


def own_paths(one: str, environment: str) -> tuple[str, ...]:
    """Where the files are that say something of a model, pipeline or step template alone, as ``owner`` has it."""
    kind, _, name = one.partition("/")
    if kind == "Model":
        return f"models/{name}.yaml", f"environments/{environment}/models/{name}.yaml"
    if kind == "Step":
        return (step_path(name),)
    return (f"environments/{environment}/pipelines/{name}.yaml",)


def _elsewhere(paths: Iterable[str], environment: str) -> Iterator[str]:
    """The folders that hold evidence, and what other environments run: nothing of it is rendered here."""
    for path in paths:
        match path.split("/"):
            case ["environments", name, file] if file == ENVIRONMENT_FILE:
                yield f"environments/{name}/evidence/"
                if name != environment:
                    yield f"environments/{name}/models/"
                    yield f"environments/{name}/pipelines/"


def kustomizations(files: Collection[str], environment: str) -> list[str]:
    """The environment's kustomization files; none where nothing is laid over its manifests."""
    return [path for name in KUSTOMIZATION_FILES if (path := f"environments/{environment}/{name}") in files]


@lru_cache(maxsize=1)
def program() -> str:
    """What tells this version of the program from another, an edited checkout included."""
    root = Path(mlgitops.__file__).parent
    stats = sorted((str(p.relative_to(root)), p.stat()) for p in root.rglob("*.py"))
    seen = "".join(f"{path}:{stat.st_size}:{stat.st_mtime_ns};" for path, stat in stats)
    return mlgitops.__version__ + hashlib.sha256(seen.encode()).hexdigest()


def _kustomize() -> str:
    """Which kustomize would run."""
    from mlgitops.errors import ToolMissingError
    from mlgitops.tools.kustomize import find

    try:
        program = find(os.environ).program
    except ToolMissingError:
        return "missing"
    stat = program.stat()
    return f"{program}:{stat.st_size}:{stat.st_mtime_ns}"
