"""Pages of the documentation as what a reader does, in order.

The convention, which CONTRIBUTING.md tells writers: each ``$`` line of a ``console`` block is run, in order within a
file. It exits with 0, unless the next line says ``# exit code N``. Other lines below it are the beginning of what it
prints. A block of ``yaml`` or ``json`` below "Write `PATH`" is written to that file first. Where people work with a
forge, "merges `BRANCH`" has its pull request merged.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from textwrap import dedent

FENCE = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
WRITE = re.compile(r"\bWrite\s+`([\w./-]+\.(?:yaml|json))`")
TOLD = re.compile(r"^## (?P<section>.+)$|\bmerges\s+`(?P<branch>[\w./-]+)`", re.MULTILINE)
EXIT_CODE = re.compile(r"# exit code (\d+)")
WRITTEN = ("yaml", "json")


@dataclass
class Shown:
    """A command, how it is to end, and the first lines that it is to print."""

    command: str
    code: int = 0
    output: list[str] = field(default_factory=list)


@dataclass
class Written:
    """A file that the reader is told to write."""

    path: str
    content: str


@dataclass
class Merged:
    """The branch of a pull request that somebody merges."""

    branch: str


@dataclass
class Section:
    """A section begins."""

    title: str


def steps(page: str) -> Iterator[Shown | Written]:
    """What a reader does alone, in order. Raises ``ValueError`` where a console block does not begin with a command."""
    return (step for step in walk(page) if isinstance(step, (Shown, Written)))


def walk(page: str) -> Iterator[Shown | Written | Merged | Section]:
    """What is done in all, in order. Raises ``ValueError`` where a console block does not begin with a command."""
    end = 0
    for block in FENCE.finditer(page):
        text = page[end : block.start()]
        told = WRITE.findall(text)
        end = block.end()
        yield from _told(text)
        if block[1] == "console":
            yield from commands(dedent(block[2]))
        elif block[1] in WRITTEN and told:
            yield Written(told[-1], dedent(block[2]))
    yield from _told(page[end:])


def block(page: str, path: str) -> str:
    """The content of the block that stands for the file at ``path``: the first one after its name in backticks."""
    found = FENCE.search(page, page.index(f"`{path}`"))
    assert found is not None, f"no block follows `{path}`"
    return dedent(found[2])


def _told(text: str) -> Iterator[Merged | Section]:
    for found in TOLD.finditer(text):
        yield Section(found["section"]) if found["section"] else Merged(found["branch"])


def commands(block: str) -> Iterator[Shown]:
    """The commands of a console block. Raises ``ValueError`` where it does not begin with one."""
    shown: list[Shown] = []
    for line in block.splitlines():
        if line.startswith("$ "):
            shown.append(Shown(line.removeprefix("$ ")))
        elif not shown:
            raise ValueError(f"a console block begins with a $ line, not with {line!r}")
        elif code := EXIT_CODE.fullmatch(line):
            shown[-1].code = int(code[1])
        else:
            shown[-1].output.append(line)
    return iter(shown)
