"""tests/goldens/messages: for each site one test that provokes it, and what one reads then.

One file for each module of the package, one entry for each site::

    unknown-field in _finding: there is no field '{}'
      tests/unit/spec/test_validation.py::test_a_field_that_is_not_there
    | error[unknown-field]: there is no field 'fromat' in serving
    |  --> environments/dev/models/iris.yaml:7:3 (spec.serving.fromat)
    |  = help: did you mean 'format'?
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from mlgitops.check.served.problem import Problem, dotted
from mlgitops.finding import Finding
from tests.testbed.messages.finding_codes import ROOT
from tests.testbed.messages.recorder import Message

FOLDER = ROOT / "tests" / "goldens" / "messages"
CHANGING = (
    (re.compile(re.escape(str(ROOT)) + r"(?=/)"), "/PROJECT"),
    (re.compile(r"/[^\s']*/pytest-of-[^/]+/pytest-\d+/(popen-gw\d+/)?[^/\s:',()]+"), "/TEMPORARY"),
    (re.compile(r"\b[0-9a-f]{40}\b"), "COMMIT"),
    (re.compile(r"(127\.0\.0\.1|localhost)(:|', )\d+"), r"\1\2PORT"),
    (re.compile(r"\b[0-9a-f]{12,39}\b"), "HASH"),
    (re.compile(r"process \d+ on \S+"), "process NUMBER on HOST"),
    (re.compile(r"\b0x[0-9a-f]{6,}\b"), "ADDRESS"),
)
"""What is another from run to run, and what is written instead."""


@dataclass(frozen=True)
class Snapshot:
    """What a test provokes at a site: the module, the site's name, the test's node id, the text."""

    module: str
    site: str
    test: str
    text: str

    @property
    def is_exact(self) -> bool:
        """Whether the text is the same each time. What servers and other programs say is not."""
        return self.test.startswith("tests/unit/") and not self.module.startswith("tools/")


def read(folder: Path = FOLDER) -> list[Snapshot]:
    """Every snapshot."""
    return [
        snapshot
        for path in sorted(folder.rglob("*.txt"))
        for snapshot in _entries(path.relative_to(folder).with_suffix(".py").as_posix(), path.read_text("utf-8"))
    ]


def write(snapshots: Iterable[Snapshot], folder: Path = FOLDER) -> None:
    """Writes all snapshots, and removes files of which nothing is left."""
    files: dict[Path, list[Snapshot]] = {}
    for snapshot in sorted(snapshots, key=lambda one: (one.module, one.site)):
        files.setdefault(folder / Path(snapshot.module).with_suffix(".txt"), []).append(snapshot)
    for path in set(folder.rglob("*.txt")) - set(files):
        path.unlink()
    for path, entries in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(map(_written, entries)), "utf-8")


def _written(snapshot: Snapshot) -> str:
    lines = "".join(f"| {line}".rstrip() + "\n" for line in snapshot.text.split("\n"))
    return f"{snapshot.site}\n  {snapshot.test}\n{lines}"


def _entries(module: str, content: str) -> Iterator[Snapshot]:
    for block in content.split("\n\n"):
        site, test, *lines = block.rstrip("\n").split("\n")
        yield Snapshot(module, site, test.strip(), "\n".join(line[2:] for line in lines))


def text_of(subject: Message) -> str:
    """What one reads of a finding or an error, without what changes from run to run."""
    text = "\n".join(_of_error(subject) if isinstance(subject, Exception) else _of_finding(subject))
    for pattern, instead in CHANGING:
        text = pattern.sub(instead, text)
    shown = "".join(one if one.isprintable() or one == "\n" else ascii(one)[1:-1] for one in text)
    return "\n".join(line.rstrip() for line in shown.split("\n"))


def _of_finding(finding: Finding | Problem) -> Iterator[str]:
    if isinstance(finding, Problem):
        yield f"error[{finding.code}]: {finding.message}"
        yield f" --> {dotted(finding.path)}"
    else:
        yield f"{finding.severity}[{finding.code}]: {finding.message}"
        pointer = f" ({finding.pointer})" if finding.pointer else ""
        yield f" --> {finding.location}{pointer}"
    if finding.suggestion:
        yield f" = help: did you mean '{finding.suggestion}'?"
    if finding.help:
        yield f" = help: {finding.help}"


def _of_error(error: Exception) -> Iterator[str]:
    yield f"error: {getattr(error, 'message', error)}"
    if advice := getattr(error, "help", ""):
        yield f"help: {advice}"


def by_test(snapshots: Iterable[Snapshot]) -> Mapping[str, list[Snapshot]]:
    """Snapshots by the tests that provoke them."""
    found: dict[str, list[Snapshot]] = {}
    for snapshot in snapshots:
        found.setdefault(snapshot.test, []).append(snapshot)
    return found
