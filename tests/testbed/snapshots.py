"""etcd's data with custom resources already taken in: a server that begins with it is ready in seconds.

Validating the full definitions of every component takes the API server half a minute, so that is done once a user.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import orjson

from scripts.bootstrap import say
from tests.testbed import cache, crds
from tests.testbed.control_plane import ControlPlane


def with_crds(names: Sequence[str], programs: Mapping[str, Path], environment: Mapping[str, str]) -> Path:
    """A data directory for ``ControlPlane`` that holds the named sources of crds.toml and nothing else.

    Raises:
        TestbedError: a name is unknown, or the sources could not be fetched or applied.
    """
    definitions = [definition for name in names for definition in crds.definitions(name, environment)]

    def make(directory: Path) -> None:
        say(f"taking in the custom resources of {', '.join(names)}: half a minute, once")
        with ControlPlane(programs) as plane:
            plane.apply_crds(definitions)
            plane.etcd.process.stop()
            shutil.copytree(plane.etcd.data, directory, dirs_exist_ok=True)

    name = cache.fingerprint(_dependencies(definitions, programs))
    return cache.made_once(cache.home(environment) / f"etcd-{name}", make)


def _dependencies(definitions: Sequence[crds.Definition], programs: Mapping[str, Path]) -> Iterator[bytes]:
    """The programs count by path, size and time of change: they are too large to read each time."""
    yield orjson.dumps(definitions)
    for name in ("etcd", "kube-apiserver"):
        path = programs[name].resolve()
        yield f"{path} {path.stat().st_size} {path.stat().st_mtime_ns}".encode()
