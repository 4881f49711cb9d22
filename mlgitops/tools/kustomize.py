"""kustomize: where it is, and one build with it.

A build reads nothing but the directory it is given, has no network, no plugins, no helm and no user settings: flags
that would allow them are never passed, the environment names no program path, no home and no working proxy.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from mlgitops.errors import ToolError, ToolMissingError
from mlgitops.tools.process import Completed, Limits, describe, run

PINNED = "v5.8.2"
"""The version that set-up builds where none is found, and that the goldens are made with."""

LIMITS = Limits(timeout=90, output=256 << 20, memory=2 << 30)
_KUBECTL_LOG = re.compile(r'^[EF]\d{4} [^\n]*"command failed" err=<\n\t(.*?)\n >$', re.DOTALL | re.MULTILINE)
_KUBECTL_LINE = re.compile(r'^[EF]\d{4} [^\n]*"command failed" err="(.*)"$', re.MULTILINE)
_ADDRESS = re.compile(r" ?&\{0x[0-9a-f]+ [^}]*\}")
_NOWHERE = "/nonexistent"
_ENVIRONMENT = {
    "HOME": _NOWHERE,
    "PATH": _NOWHERE,
    "TMPDIR": _NOWHERE,
    "XDG_CONFIG_HOME": _NOWHERE,
    "KUBECONFIG": os.devnull,
    "KUBERC": "off",
    "LANG": "C.UTF-8",
    # The discard port of this machine: whatever asks for the network fails at once.
    "HTTP_PROXY": "http://127.0.0.1:9",
    "HTTPS_PROXY": "http://127.0.0.1:9",
}


@dataclass(frozen=True, slots=True)
class Kustomize:
    """A kustomize that can be run: ``kustomize`` itself, or kubectl, which has one built in."""

    program: Path

    @property
    def is_kubectl(self) -> bool:
        return self.program.name.startswith("kubectl")

    def build(
        self, root: Path, directory: str, limits: Limits = LIMITS, hidden: Collection[str] = frozenset()
    ) -> bytes:
        """The manifests, as YAML documents, of the kustomization in ``directory`` below ``root``.

        Raises ``ToolError`` with kustomize's own words, in which paths are relative to ``root`` and the strings of
        ``hidden`` are masked.
        """
        verb = "kustomize" if self.is_kubectl else "build"
        place = root / PurePosixPath(directory)
        arguments: list[str | Path] = [self.program, verb, "--load-restrictor=LoadRestrictionsRootOnly", place]
        completed = run(arguments, directory=root, environment=_environment(limits), limits=limits)
        if completed.status:
            words = _masked(_plain(completed.errors).replace(f"{root}/", ""), hidden).strip()
            raise ToolError(
                f"kustomize {describe(completed.status)} in {directory or '.'}" + (f": {words}" if words else ""),
                help="correct the kustomization that it names",
            )
        return completed.output

    def version(self) -> str:
        """The version it calls itself, such as ``v5.8.2``; empty if it does not say."""
        if self.is_kubectl:
            said = self._ask("version", "--client", "--output=json").output
            return str(json.loads(said).get("kustomizeVersion", ""))
        return self._ask("version").output.decode("utf-8", "replace").strip()

    def _ask(self, *arguments: str) -> Completed:
        limits = Limits(timeout=10, output=1 << 16)
        return run([self.program, *arguments], directory=Path("/"), environment=_ENVIRONMENT, limits=limits).require()


def find(environment: Mapping[str, str]) -> Kustomize:
    """The kustomize to use: MLGITOPS_KUSTOMIZE, ``kustomize`` on PATH, the pinned build in the cache, ``kubectl``.

    Raises ``ToolMissingError`` if there is none, or if MLGITOPS_KUSTOMIZE is set and is not a program.
    """
    told = environment.get("MLGITOPS_KUSTOMIZE", "")
    if told and not _is_program(Path(told)):
        raise ToolMissingError(
            f"MLGITOPS_KUSTOMIZE names {told}, which is not a program", help="name an executable file, or unset it"
        )
    for program in [Path(told)] if told else _places(environment):
        if _is_program(program):
            return Kustomize(program.absolute())
    raise ToolMissingError(
        "kustomize was not found, and an environment of this project has a kustomization",
        help="run `make kustomize`, install kustomize or kubectl, or set MLGITOPS_KUSTOMIZE",
    )


def pinned(environment: Mapping[str, str]) -> Path:
    """Where set-up puts the pinned build."""
    home = Path(environment.get("HOME") or Path.home())
    cache = Path(environment.get("XDG_CACHE_HOME") or home / ".cache")
    return cache / "mlgitops" / "kustomize" / PINNED / "kustomize"


def _places(environment: Mapping[str, str]) -> Iterator[Path]:
    path = environment.get("PATH", "")
    yield from _on_path("kustomize", path)
    yield pinned(environment)
    yield from _on_path("kubectl", path)


def _on_path(name: str, path: str) -> Iterator[Path]:
    # shutil.which reads the process's own PATH when it is given an empty one.
    found = shutil.which(name, path=path) if path else None
    if found:
        yield Path(found)


def _is_program(path: Path) -> bool:
    return path.is_file() and os.access(path, os.X_OK)


def _environment(limits: Limits) -> dict[str, str]:
    # A little below the kernel's bound, so that Go collects garbage harder before it is refused memory.
    memory = {"GOMEMLIMIT": str(limits.memory * 3 // 4), "GOGC": "400"} if limits.memory else {}
    return {**_ENVIRONMENT, **memory}


def _plain(errors: str) -> str:
    """What kustomize says, without the log line that kubectl wraps around it, and without Go's addresses."""
    unquoted = _KUBECTL_LINE.sub(lambda match: "Error: " + match[1].replace('\\"', '"'), errors)
    return _ADDRESS.sub("", _KUBECTL_LOG.sub(r"Error: \1", unquoted))


def _masked(text: str, hidden: Collection[str]) -> str:
    for value in sorted(hidden, key=len, reverse=True):
        # Once more as Go and JSON quote it.
        text = text.replace(value, "***").replace(json.dumps(value, ensure_ascii=False)[1:-1], "***")
    return text
