"""Compares the requests that a model got with the data that it was trained on, and tells whether they moved away.

Exits with 0 whether something drifted or not, 1 where it cannot be told for a reason that somebody must look at.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from mlgitops.errors import MlgitopsError
from mlgitops.jobs import outside, payloads, reference
from mlgitops.jobs.columns import BodyError, Columns, appended, columns_of, height_of, named_like, only
from mlgitops.jobs.comparison import Limits, compare
from mlgitops.jobs.told import About, Told, line, registry, report

MAX_ROWS = 100_000
"""Of these the newest are compared; more would not tell more."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is compared with what. Requests count from ``since`` to ``until``; ``services`` are those that were asked,
    all where it is empty; ``namespace`` is theirs, any where it is empty."""

    about: About
    limits: Limits
    payloads: str
    reference: str
    services: frozenset[str]
    namespace: str
    since: datetime
    until: datetime


def measure(asked: Asked) -> Told:
    """Reads both, and compares them. Raises ``MlgitopsError`` where either is not there or nothing of it is of use."""
    try:
        old = reference.columns_in(outside.read(asked.reference), asked.reference)
    except BodyError as error:
        raise MlgitopsError(
            f"{asked.reference} is of no use: {error}",
            help="release.reference is a CSV file with a column for each feature, or bodies of requests, one a line.",
        ) from error
    parts, unread = _logged(asked, list(old))
    new = appended(parts)
    if unread and not parts:
        raise MlgitopsError(f"none of {unread} logged requests can be read", help="See docs/monitoring.md for them.")
    return Told(
        asked.about, asked.limits, asked.since, asked.until, len(parts), height_of(new), height_of(old), unread,
        compare(old, new, asked.limits),
    )  # fmt: skip


def _logged(asked: Asked, names: list[str]) -> tuple[list[Columns], int]:
    """The newest requests as the columns of these names, and how many could not be read."""
    files = [file for file in outside.listed(asked.payloads) if file.changed is None or file.changed >= asked.since]
    parts: list[Columns] = []
    rows = unread = 0
    for file, content in outside.read_each(asked.payloads, files):
        found, bad = _requests(content, file.changed, asked, names) if isinstance(content, bytes) else ([], 1)
        parts += found
        unread += bad
        rows += sum(map(height_of, found))
        if rows >= MAX_ROWS:
            break
    return parts, unread


def _requests(content: bytes, changed: datetime | None, asked: Asked, names: list[str]) -> tuple[list[Columns], int]:
    """Each by itself as the columns of these names: what else a client sends neither counts nor costs memory."""
    found: list[Columns] = []
    unread = 0
    try:
        for event in payloads.requests_in(content):
            if isinstance(event, BodyError):
                unread += 1
            elif _counts(event, changed, asked):
                try:
                    found.append(only(named_like(columns_of(event.body), names), names))
                except BodyError:
                    unread += 1
    except BodyError:
        unread += 1
    return found, unread


def _counts(event: payloads.Event, changed: datetime | None, asked: Asked) -> bool:
    time = event.time or changed
    asked_of = not asked.services or not event.service or event.service in asked.services
    here = payloads.may_be_in(asked.namespace, event.namespace)
    return asked_of and here and (time is None or asked.since <= time <= asked.until)


def main(arguments: Sequence[str] | None = None, now: datetime | None = None) -> int:
    """Runs the job; the exit code. ``now`` is the clock's where it is left out."""
    given = parser().parse_args(arguments)
    until = now or datetime.now(UTC)
    about = About(given.model, given.version, given.release_digest, given.environment, given.target)
    asked = Asked(
        about, Limits(given.measure, given.threshold, given.significance), given.payloads, given.reference,
        frozenset(given.service), given.namespace, until - timedelta(seconds=given.window), until,
    )  # fmt: skip
    try:
        told = measure(asked)
        if given.measured is not None:
            outside.write(given.measured, b"true" if told.measured else b"false")
        _tell(told, given.report, given.metrics, given.pushgateway)
    except MlgitopsError as error:
        print(f"error: {error.message}" + (f"\n  help: {error.help}" if error.help else ""), file=sys.stderr)
        return error.exit_code
    print(line(told))
    return 0


def _tell(told: Told, to: Path | None, metrics: Path | None, pushgateway: str) -> None:
    if to is not None:
        outside.write(to, report(told))
    found = registry(told)
    if metrics is not None:
        outside.write(metrics, outside.openmetrics(found))
    if pushgateway:
        about = told.about
        grouping = {"model": about.model, "environment": about.environment, "target": about.target}
        outside.push(pushgateway, found, grouping)


def parser() -> argparse.ArgumentParser:
    """The arguments, which ``mlgitops.render.drift`` gives."""
    made = argparse.ArgumentParser(prog="python -m mlgitops.jobs.drift", description=(__doc__ or "").split("\n")[0])
    add = made.add_argument
    add("--model", required=True, help="the model's name")
    add("--version", required=True, help="the version of the release that answers")
    add("--release-digest", default="", metavar="DIGEST", help="the digest of that release")
    add("--environment", required=True, help="the environment that it runs in")
    add("--target", required=True, help="the target that it runs at")
    add("--payloads", required=True, metavar="URI", help="where requests are logged: a folder or a prefix")
    add("--reference", required=True, metavar="URI", help="the data it was trained on: CSV, or requests as JSON lines")
    add("--service", action="append", default=[], help="the InferenceService that was asked; repeatable")
    add("--namespace", default="", help="the namespace that these are in; any where it is left out")
    add("--window", type=_seconds, default=86_400.0, metavar="SECONDS", help="how far to look back (86400)")
    add("--measure", choices=("psi", "ks", "wasserstein"), default="psi", help="how far apart is measured (psi)")
    add("--threshold", type=_number, default=0.2, help="the measure above which a feature has drifted (0.2)")
    add("--significance", type=_share, default=0.01, help="the largest chance of a false alarm, 0 to 1 (0.01)")
    add("--report", type=Path, metavar="FILE", help="where the report goes, for mlgitops evidence add")
    add("--measured", type=Path, metavar="FILE", help="where true goes, or false where there were too few requests")
    add("--metrics", type=Path, metavar="FILE", help="where the metrics go, in the OpenMetrics text format")
    add("--pushgateway", default="", metavar="URL", help="the Pushgateway that the metrics are pushed to")
    return made


def _number(text: str) -> float:
    number = float(text)
    if not (math.isfinite(number) and number >= 0):
        raise ValueError
    return number


def _share(text: str) -> float:
    if not 0 < (number := _number(text)) < 1:
        raise ValueError
    return number


def _seconds(text: str) -> float:
    if not 0 < (number := _number(text)) <= 366 * 86_400:
        raise ValueError
    return number


if __name__ == "__main__":
    sys.exit(main())
