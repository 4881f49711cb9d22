"""The custom resource definitions of the components we render for, from pinned modules (crds.toml), fetched once."""

from __future__ import annotations

import json
import subprocess
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import yaml

from scripts.bootstrap import say
from tests.testbed import cache, toolchain
from tests.testbed.errors import TestbedError

LIST = Path(__file__).with_name("crds.toml")
FETCH_SECONDS = 600
NOT_IN_KUBERNETES = frozenset({"tag:yaml.org,2002:value", "tag:yaml.org,2002:timestamp"})

Definition = dict[str, Any]


@dataclass(frozen=True)
class Source:
    """Where one component's definitions come from: directories of one version of a Go module."""

    name: str
    module: str
    version: str
    sum: str
    directories: tuple[str, ...]


def sources() -> dict[str, Source]:
    """Every source of crds.toml by its name."""
    return {
        name: Source(name, entry["module"], entry["version"], entry["sum"], tuple(entry["directories"]))
        for name, entry in tomllib.loads(LIST.read_text()).items()
    }


def newest() -> tuple[str, ...]:
    """The names of all sources, but of several versions of one module only the one listed last."""
    return tuple({source.module: name for name, source in sources().items()}.values())


def definitions(name: str, environment: Mapping[str, str]) -> list[Definition]:
    """The definitions of one source, fetching all of them first if this user has not got them yet.

    Raises:
        TestbedError: there is no such source, or it could not be fetched.
    """
    if name not in sources():
        raise TestbedError(f"crds.toml has no {name}; it has {', '.join(sources())}")
    found: list[Definition] = orjson.loads((fetched(environment) / f"{name}.json").read_bytes())
    return found


def fetched(environment: Mapping[str, str]) -> Path:
    """The directory with one JSON file for each source, since parsing the YAML takes seconds."""
    name = cache.fingerprint(path.read_bytes() for path in (LIST, Path(__file__)))
    return cache.made_once(cache.home(environment) / f"crds-{name}", _fetch)


def _fetch(directory: Path) -> None:
    with toolchain.provided() as go, tempfile.TemporaryDirectory() as scratch:
        # In a module of its own, since a go.mod in any folder above would have a say in it.
        Path(scratch, "go.mod").write_text("module mlgitops.dev/fetch\n")
        for source in sources().values():
            say(f"fetching the custom resources of {source.name} ({source.module}@{source.version})")
            module = _download(go, source, scratch)
            content = orjson.dumps(list(_read(module, source)))
            (directory / f"{source.name}.json").write_bytes(content)


def _download(go: toolchain.Go, source: Source, directory: str) -> Path:
    """Where Go unpacked the module, whose hash is the listed one."""
    command = [str(go.program), "mod", "download", "-json", f"{source.module}@{source.version}"]
    done = subprocess.run(
        command, cwd=directory, env=dict(go.environment), capture_output=True, check=False, timeout=FETCH_SECONDS
    )
    answer = json.loads(done.stdout or b"{}")
    if done.returncode != 0 or "Dir" not in answer:
        raise TestbedError(f"{source.module}@{source.version}: {answer.get('Error') or done.stderr.decode().strip()}")
    if answer["Sum"] != source.sum:
        raise TestbedError(f"{source.module}@{source.version} has the hash {answer['Sum']}, not that of {LIST.name}")
    return Path(answer["Dir"])


def _read(module: Path, source: Source) -> Iterator[Definition]:
    """The definitions in the files of a source's directories; other documents there are not ours to apply.

    KServe's conversion webhook is one of them: here a stored version is served as another by renaming it.
    """
    for directory in source.directories:
        for file in sorted((module / directory).glob("*.yaml")):
            for document in yaml.load_all(file.read_bytes(), Loader=_Loader):
                if _is_definition(document):
                    yield document


def _is_definition(document: Any) -> bool:
    """A whole one: patches, which only have a definition's kind and name, lie beside them."""
    return bool(document) and document["kind"] == "CustomResourceDefinition" and "names" in document.get("spec", {})


class _Loader(yaml.CSafeLoader):
    """Reads ``=`` and dates as the text that they are, as Kubernetes' own parser does."""

    yaml_implicit_resolvers = {  # noqa: RUF012
        first: [(tag, pattern) for tag, pattern in resolvers if tag not in NOT_IN_KUBERNETES]
        for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
    }
