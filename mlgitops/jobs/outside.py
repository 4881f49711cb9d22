"""Files and objects that a job reads and writes, by fsspec, and the Pushgateway that it tells."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlgitops.errors import MlgitopsError

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

MAX_FILE_BYTES = 64 * 1024 * 1024
MAX_REFERENCE_BYTES = 256 * 1024 * 1024
PUSH_SECONDS = 30
_AZURE = re.compile(r"^https://([a-z0-9]+)\.blob\.core\.windows\.net/([^/]+)/(.*)$")
_CHANGED = ("mtime", "LastModified", "last_modified", "updated", "created")
"""What file systems call the time at which an object was written: local, s3, azure, gcs."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A file or object: when it was written, where that is known."""

    path: str
    changed: datetime | None
    size: int


def address(uri: str) -> str:
    """The URI as fsspec reads it: Azure's https form, which KServe wants, becomes abfs."""
    if found := _AZURE.match(uri):
        account, container, path = found.groups()
        return f"abfs://{container}@{account}.dfs.core.windows.net/{path}"
    return uri


def listed(uri: str) -> list[Stored]:
    """The files below a folder, or the file itself, the newest first. Raises ``MlgitopsError``."""
    system, path = _system(uri)
    try:
        found = system.find(path, detail=True, refresh=True) if _remote(uri) else system.find(path, detail=True)
    except Exception as error:  # every file system has errors of its own
        raise MlgitopsError(
            f"{uri} cannot be listed: {_words(error)}",
            help="See that the path is right, and that the job's identity may list it.",
        ) from error
    files = [Stored(name, _changed(info), int(info.get("size") or 0)) for name, info in found.items()]
    oldest = datetime.min.replace(tzinfo=UTC)
    return sorted(files, key=lambda one: (one.changed or oldest, one.path), reverse=True)


def read(uri: str, limit: int = MAX_REFERENCE_BYTES) -> bytes:
    """A file's content. Raises ``MlgitopsError``, also for one that is larger than ``limit`` bytes."""
    system, path = _system(uri)
    return _read(system, path, limit)


def read_each(uri: str, files: list[Stored]) -> Iterator[tuple[Stored, bytes | MlgitopsError]]:
    """The content of files below a folder, one after the other; an error in place of one that cannot be read."""
    system, _ = _system(uri)
    for file in files:
        try:
            yield file, _read(system, file.path, MAX_FILE_BYTES)
        except MlgitopsError as error:
            yield file, error


def _read(system: Any, path: str, limit: int) -> bytes:
    try:
        with system.open(path, "rb") as file:
            content: bytes = file.read(limit + 1)
    except Exception as error:  # every file system has errors of its own
        raise MlgitopsError(
            f"{path} cannot be read: {_words(error)}",
            help="See that the path is right, and that the job's identity may read it.",
        ) from error
    if len(content) > limit:
        raise MlgitopsError(
            f"{path} is larger than {limit // 2**20} MiB", help="Keep a smaller sample as reference data."
        )
    return content


def delete(uri: str, files: list[Stored]) -> None:
    """Deletes files below a folder, one after the other. Raises ``MlgitopsError`` for the first that it cannot."""
    system, _ = _system(uri)
    for file in files:
        try:
            system.rm_file(file.path)
        except FileNotFoundError:
            continue  # another run was quicker
        except Exception as error:  # every file system has errors of its own
            raise MlgitopsError(
                f"{file.path} cannot be deleted: {_words(error)}",
                help="See that the job's identity may delete what it lists.",
            ) from error


def write(path: Path, content: bytes) -> None:
    """Writes a local file as a whole. Raises ``MlgitopsError``."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        half = path.with_name(f".{path.name}.half")
        half.write_bytes(content)
        half.replace(path)
    except OSError as error:
        raise MlgitopsError(
            f"{path} cannot be written: {error.strerror}", help="See that the folder is there and has room."
        ) from error


def openmetrics(registry: CollectorRegistry) -> bytes:
    """The metrics in the OpenMetrics text format."""
    from prometheus_client.openmetrics.exposition import generate_latest

    return bytes(generate_latest(registry))  # type: ignore[no-untyped-call]


def push(url: str, registry: CollectorRegistry, grouping: dict[str, str], job: str = "mlgitops-drift") -> None:
    """Puts the metrics in place of the last ones of the same group at a Pushgateway. Raises ``MlgitopsError``."""
    from prometheus_client import push_to_gateway

    try:
        push_to_gateway(url, job, registry, grouping_key=grouping, timeout=PUSH_SECONDS)
    except (OSError, ValueError) as error:
        raise MlgitopsError(
            f"the Pushgateway at {url} does not take the metrics: {_words(error)}",
            help="See that spec.pushgateway of the Target is right and can be reached from the job's namespace.",
        ) from error


def _system(uri: str) -> tuple[Any, str]:
    try:
        from fsspec.core import url_to_fs
    except ImportError as error:
        raise MlgitopsError("fsspec is missing", help="Install mlgitops[jobs] into the job's image.") from error
    try:
        system, path = url_to_fs(address(uri))
    except ImportError as error:
        raise MlgitopsError(f"{uri} cannot be read: {_words(error)}", help="Add it to the job's image.") from error
    except ValueError as error:
        raise MlgitopsError(
            f"{uri} cannot be read: {_words(error)}",
            help="Use a path, s3, gs or an Azure URI; add what else fsspec needs to the job's image.",
        ) from error
    return system, str(path)


def _remote(uri: str) -> bool:
    return "://" in uri and not uri.startswith("file://")


def _changed(info: dict[str, Any]) -> datetime | None:
    for name in _CHANGED:
        value = info.get(name)
        if isinstance(value, int | float):
            return datetime.fromtimestamp(value, UTC)
        if isinstance(value, str):
            try:
                value = datetime.fromisoformat(value)
            except ValueError:
                continue
        if isinstance(value, datetime):
            return value if value.tzinfo else value.replace(tzinfo=UTC)
    return None


def _words(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
