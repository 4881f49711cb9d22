"""The verbs that each job runs, as command lines that anybody can run. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from mlgitops.workflows.ci.system import System

Command = list[str]

ANNOTATIONS = {"github": "github", "azure": "azure"}
"""The systems that show findings beside the lines of a pull request, and in which format they read them."""

REPORTS = (
    "validate.txt", "validate.json", "validate.sarif", "validate.xml", "code-quality.json", "annotations.txt",
    "plan.md", "gates.xml", "drift.txt", "drift.xml", "summary.md",
)  # fmt: skip
"""Every file that a job may write into its folder of reports."""


def validate(system: System, reports: Path, environments: Sequence[str]) -> Command:
    """``validate`` in every format that a system may show."""
    files = {"text": "validate.txt", "json": "validate.json", "sarif": "validate.sarif", "junit": "validate.xml",
             "gitlab": "code-quality.json"}  # fmt: skip
    shown = {ANNOTATIONS[system.name]: "annotations.txt"} if system.name in ANNOTATIONS else {}
    written = [f"{format}={reports / name}" for format, name in {**files, **shown}.items()]
    return ["validate", *_each("--env", environments), *_each("-o", ["text", *written])]


def plan(reports: Path, environments: Sequence[str], more: Sequence[str]) -> Command:
    """``plan``, in the log and as Markdown."""
    return ["plan", *_each("--env", environments), "-o", "text", "-o", f"markdown={reports / 'plan.md'}", *more]


def gates(system: System, reports: Path, *, post: bool) -> Command:
    """``gates`` of a pull request, which it tells itself with ``post``."""
    told = ["--post", "--pull-request", str(system.pull_request)] if post else []
    return ["gates", "--base", system.base, *told, "-o", "text", "-o", f"junit={reports / 'gates.xml'}"]


def apply(environment: str, more: Sequence[str]) -> Command:
    """``apply`` of one environment, from the commit that is checked out and not from files that may have changed."""
    return ["apply", "--env", environment, "--revision", "HEAD", "--yes", "--no-progress", *more]


def drift(reports: Path, environments: Sequence[str], more: Sequence[str]) -> Command:
    """``drift``, in the log and as JUnit."""
    written = ["text", f"text={reports / 'drift.txt'}", f"junit={reports / 'drift.xml'}"]
    return ["drift", *_each("--env", environments), *_each("-o", written), *more]


def promote(environment: str, more: Sequence[str]) -> Command:
    """``promote`` of all that is ready for an environment."""
    return ["promote", "--all", "--to", environment, *more]


def worst(codes: Iterable[int]) -> int:
    """The exit code of a job: any 1 gives 1, else the highest, and so 2 where there is drift."""
    seen = set(codes)
    return 1 if 1 in seen else max(seen, default=0)


def _each(option: str, values: Iterable[str]) -> Command:
    return [word for value in values for word in (option, value)]
