"""Keeps a log of requests as it was declared: deletes what is older than the retention, and holds the rest to a schema.

It deletes only files in which every event is a logged request or response of the InferenceServices that it is told of,
and of no other namespace: one log may be that of several environments. What else is as old, it leaves and counts. Exits
with 0 whether requests fit the schema or not, 1 where the log cannot be listed, or something in it not be deleted.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from mlgitops.errors import MlgitopsError
from mlgitops.jobs import outside, payloads
from mlgitops.jobs.columns import BodyError, Columns, columns_of, height_of, named_like
from mlgitops.jobs.outside import Stored
from mlgitops.jobs.schema import Field, Violation, fields_in, violations

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

JOB = "mlgitops-sink"
LABELS = ("model", "version", "environment", "target")
MAX_ROWS = 100_000
"""Of these the newest are held to the schema."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of the log. ``foreign`` are files that are too old, and are left since not all in them is ours."""

    files: int
    size: int
    foreign: int
    deleted: int
    oldest: datetime | None
    requests: int
    rows: int
    unread: int
    violations: tuple[Violation, ...]


@dataclass(frozen=True, slots=True)
class Services:
    """InferenceServices by name, in one namespace; in any where it is empty."""

    names: frozenset[str]
    namespace: str = ""

    def have(self, name: str, namespace: str) -> bool:
        """Whether this is one of them, or may be."""
        return name in self.names and payloads.may_be_in(self.namespace, namespace)


def keep(
    uri: str, services: Services, fields: Sequence[Field], retention: timedelta | None, window: timedelta, now: datetime
) -> Kept:  # fmt: skip
    """Deletes what is too old, and reads what came within the ``window``. Raises ``MlgitopsError``."""
    there = outside.listed(uri)
    old = [one for one in there if retention is not None and one.changed is not None and one.changed < now - retention]
    ours = _owned(uri, old, services)
    outside.delete(uri, ours)
    known = set(old)
    left = [file for file in there if file not in known]
    requests, rows, unread, broken = _held(uri, [one for one in left if _is_new(one, now - window)], services, fields)
    times = [file.changed for file in left if file.changed is not None]
    return Kept(
        len(left), sum(file.size for file in left), len(old) - len(ours), len(ours), min(times, default=None),
        requests, rows, unread, broken,
    )  # fmt: skip


def _owned(uri: str, files: list[Stored], services: Services) -> list[Stored]:
    """Those of the files in which every event is a logged request or response of the services."""
    return [
        file
        for file, content in outside.read_each(uri, files)
        if isinstance(content, bytes) and is_owned(content, services)
    ]


def is_owned(content: bytes, services: Services) -> bool:
    """Whether a file holds events, and each is a logged request or response of one of the services."""
    try:
        found = set(payloads.services_in(content))
    except BodyError:
        return False
    return bool(found) and all(services.have(*one) for one in found)


def _is_new(file: Stored, since: datetime) -> bool:
    return file.changed is None or file.changed >= since


def _held(
    uri: str, files: list[Stored], services: Services, fields: Sequence[Field]
) -> tuple[int, int, int, tuple[Violation, ...]]:
    """Requests and rows that were read, what could not be, and the rules that are broken; newest first."""
    requests = rows = unread = 0
    broken: Counter[tuple[str, str]] = Counter()
    for found in _columns(uri, files, services) if fields else ():
        if found is None:
            unread += 1
            continue
        requests, rows = requests + 1, rows + height_of(found)
        for one in violations(named_like(found, [field.name for field in fields]), fields):
            broken[one.feature, one.rule] += one.rows
        if rows >= MAX_ROWS:
            break
    return requests, rows, unread, tuple(Violation(*key, count) for key, count in sorted(broken.items()))


def _columns(uri: str, files: list[Stored], services: Services) -> Iterator[Columns | None]:
    """The columns of each request; None for one, or a file, that cannot be read."""
    for _, content in outside.read_each(uri, files):
        if isinstance(content, MlgitopsError):
            yield None
            continue
        try:
            for event in payloads.requests_in(content):
                if isinstance(event, BodyError):
                    yield None
                elif services.have(event.service, event.namespace):
                    yield _columns_of(event.body)
        except BodyError:
            yield None


def _columns_of(body: object) -> Columns | None:
    try:
        return columns_of(body)
    except BodyError:
        return None


def registry(kept: Kept, labels: Sequence[str], now: datetime) -> CollectorRegistry:
    """The metrics of a run."""
    from prometheus_client import CollectorRegistry, Gauge

    found = CollectorRegistry()

    def gauge(name: str, words: str, number: float) -> None:
        Gauge(f"mlgitops_payloads_{name}", words, LABELS, registry=found).labels(*labels).set(number)

    gauge("last_run_timestamp_seconds", "When the log was looked at last.", now.timestamp())
    gauge("files", "Files of the log that are kept.", kept.files)
    gauge("bytes", "Their size.", kept.size)
    gauge("foreign_files", "Files that are as old, and are left since not all in them is the model's.", kept.foreign)
    gauge("deleted_files", "Files that were older than the retention and were deleted.", kept.deleted)
    gauge("checked_rows", "Rows of requests that were held to the schema.", kept.rows)
    gauge("unread_requests", "Requests and files that could not be read.", kept.unread)
    if kept.oldest is not None:
        gauge("oldest_timestamp_seconds", "When the oldest file was written.", kept.oldest.timestamp())
    broken = Gauge(
        "mlgitops_payloads_schema_violations", "Rows that break a rule of the schema.", (*LABELS, "feature", "rule"),
        registry=found,
    )  # fmt: skip
    for one in kept.violations:
        broken.labels(*labels, one.feature, one.rule).set(one.rows)
    return found


def line(kept: Kept) -> str:
    """What to print."""
    said = f"{kept.files} files kept, {kept.deleted} deleted, {kept.foreign} left to others; {kept.rows} rows checked"
    broken = ", ".join(f"{one.feature} {one.rule} in {one.rows}" for one in kept.violations[:10])
    return said + (f", {kept.unread} not readable" if kept.unread else "") + (f"; {broken}" if broken else "")


def main(arguments: Sequence[str] | None = None, now: datetime | None = None) -> int:
    """Runs the job; the exit code. ``now`` is the clock's where it is left out."""
    given, now = parser().parse_args(arguments), now or datetime.now(UTC)
    labels = (given.model, given.version, given.environment, given.target)
    try:
        retention = timedelta(seconds=given.retention) if given.retention else None
        fields = fields_in(given.schema) if given.schema else ()
        window, services = timedelta(seconds=given.window), Services(frozenset(given.service), given.namespace)
        kept = keep(given.payloads, services, fields, retention, window, now)
        _tell(registry(kept, labels, now), given.metrics, given.pushgateway, labels)
    except MlgitopsError as error:
        print(f"error: {error.message}" + (f"\n  help: {error.help}" if error.help else ""), file=sys.stderr)
        return error.exit_code
    print(line(kept))
    return 0


def _tell(found: CollectorRegistry, metrics: Path | None, pushgateway: str, labels: Iterable[str]) -> None:
    if metrics is not None:
        outside.write(metrics, outside.openmetrics(found))
    if pushgateway:
        grouping = dict(zip(LABELS, labels, strict=True))
        del grouping["version"]
        outside.push(pushgateway, found, grouping, JOB)


def parser() -> argparse.ArgumentParser:
    """What the program takes."""
    made = argparse.ArgumentParser(prog="python -m mlgitops.jobs.sink", description=(__doc__ or "").split("\n")[0])
    add = made.add_argument
    add("--model", required=True, help="the model's name")
    add("--version", required=True, help="the version of the release that answers")
    add("--environment", required=True, help="the environment that it runs in")
    add("--target", required=True, help="the target that it runs at")
    add("--payloads", required=True, metavar="URI", help="where requests are logged: a folder or a prefix")
    add("--service", action="append", required=True, help="the InferenceService that was asked; repeatable")
    add("--namespace", default="", help="the namespace that these are in; any where it is left out")
    add(
        "--retention", type=float, default=0.0, metavar="SECONDS", help="the age from which files are deleted; 0: never"
    )
    add("--schema", default="", metavar="JSON", help="the features of a request, as a list of objects")
    add("--window", type=float, default=86_400.0, metavar="SECONDS", help="how far back requests are checked (86400)")
    add("--metrics", type=Path, metavar="FILE", help="where the metrics go, in the OpenMetrics text format")
    add("--pushgateway", default="", metavar="URL", help="the Pushgateway that the metrics are pushed to")
    return made


if __name__ == "__main__":
    sys.exit(main())
