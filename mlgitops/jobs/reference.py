"""The data that a release was trained on, as columns: CSV with a head line, or requests as they are sent. Pure."""

from __future__ import annotations

import csv
import io
import math

import orjson

from mlgitops.jobs.columns import BodyError, Columns, Value, appended, columns_of


def columns_in(content: bytes, name: str) -> Columns:
    """The columns of a file. ``name`` ends in .csv for CSV; else it holds bodies of requests, one or one a line.

    Raises ``BodyError`` in plain words.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BodyError("the reference data is not UTF-8") from error
    return _csv(text) if name.lower().endswith(".csv") else _bodies(text)


def _csv(text: str) -> Columns:
    rows = list(csv.reader(io.StringIO(text)))
    if len(rows) < 2:
        raise BodyError("the reference data has no rows below its head line")
    names, table = rows[0], [row for row in rows[1:] if row]
    if len(set(names)) < len(names):
        raise BodyError("two columns of the reference data have the same name")
    if any(len(row) != len(names) for row in table):
        raise BodyError("a row of the reference data has more or fewer values than its head line has names")
    return {name: _column([row[index] for row in table]) for index, name in enumerate(names)}


def _column(texts: list[str]) -> list[Value]:
    """Numbers where every value that is there is one; else texts. True and False, as pandas writes them, are JSON's."""
    try:
        numbers = [float(text) if text.strip() else None for text in texts]
    except ValueError:
        truths = {text for text in texts if text} <= {"True", "False"}
        return [(text.lower() if truths else text) or None for text in texts]
    return [number if number is not None and math.isfinite(number) else None for number in numbers]


def _bodies(text: str) -> Columns:
    try:
        bodies = [orjson.loads(text)]
    except orjson.JSONDecodeError:
        try:
            bodies = [orjson.loads(line) for line in text.splitlines() if line.strip()]
        except orjson.JSONDecodeError as error:
            raise BodyError("the reference data is neither CSV (its name does not end in .csv) nor JSON") from error
    return appended(columns_of(body) for body in bodies)
