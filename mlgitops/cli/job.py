"""One job of continuous integration: runs verbs in this process, keeps their reports, and tells what came of them."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from mlgitops.cli.terminal import show, write_file
from mlgitops.errors import MlgitopsError, NotAuthorisedError
from mlgitops.report import inert

if TYPE_CHECKING:
    from mlgitops.workflows.ci.system import System
    from mlgitops.workflows.project import Opened

_READ_ONLY = "A token that may only read is what a pull request from a fork gets; the job's summary has all of it."


@dataclass(frozen=True, slots=True)
class Job:
    """The project, the system that the job runs in, and the folder of its reports."""

    opened: Opened
    system: System
    reports: Path

    @classmethod
    def begin(cls, root: Path | None, reports: Path) -> Self:
        """Makes the folder, and removes the reports of a run before, so that none is taken for this one's.

        Raises ``SourceError`` outside a project, and ``MlgitopsError`` where the folder cannot be written.
        """
        from mlgitops.workflows.ci.steps import REPORTS
        from mlgitops.workflows.ci.system import detect
        from mlgitops.workflows.project import open_project

        opened = open_project(root, None)
        try:
            reports.mkdir(parents=True, exist_ok=True)
            for name in REPORTS:
                (reports / name).unlink(missing_ok=True)
        except OSError as error:
            raise MlgitopsError(
                f"{reports} cannot be written: {error.strerror}", help="Name another folder with --reports."
            ) from error
        return cls(opened, detect(os.environ, _text_of(os.environ.get("GITHUB_EVENT_PATH", ""))), reports)

    def run(self, command: Sequence[str]) -> int:
        """Runs one verb as its command line would, after printing that; its exit code."""
        from mlgitops.cli.main import exit_code

        show(inert.line(f"$ mlgitops {shlex.join(command)}"), err=True)
        return exit_code([command[0], "--root", str(self.opened.root), *command[1:]])

    def annotate(self) -> None:
        """Prints the findings as the commands by which the system shows them beside their lines."""
        if commands := self._report("annotations.txt"):
            show(commands.rstrip("\n"))

    def gates(self) -> int:
        """Verifies the pull request and tells it; only verifies, where the token may not tell."""
        from mlgitops.workflows.ci import steps

        code = self.run(steps.gates(self.system, self.reports, post=True))
        if code != NotAuthorisedError.exit_code:
            return code
        show(_READ_ONLY, err=True)
        return self.run(steps.gates(self.system, self.reports, post=False))

    def forge(self) -> Mapping[str, Any] | None:
        """The forge to tell; None where this is no pull request, or its base names no forge."""
        from mlgitops.workflows.ci.tell import forge_of

        if self.system.pull_request is None or not self.system.base:
            return None
        found = forge_of(self.opened, self.system.base)
        if found is None:
            show(f"{inert.line(self.system.base)} names no forge (spec.forge): nothing is told there", err=True)
        return found

    def conclude(self, forge: Mapping[str, Any] | None, validated: int, planned: int | None) -> int:
        """Writes the summary of a check, and tells the pull request at a forge; 1 where that failed."""
        from mlgitops.report.ci import Checked, comment, in_a_line
        from mlgitops.workflows.ci.tell import Told

        summary = json.loads(self._report("validate.json") or "{}").get("summary", {})
        findings, plan = self._report("validate.txt"), self._report("plan.md")
        checked = Checked(summary, findings, validated, plan, planned, self.system.head, self.system.url)
        self._summarise(comment(checked))
        return self._tell(forge, Told(comment(checked), in_a_line(checked), checked.passes)) if forge else 0

    def summarise_drift(self, code: int) -> None:
        """Writes the summary of a look for drift."""
        from mlgitops.report.ci import drift

        self._summarise(drift(self._report("drift.txt"), code))

    def _tell(self, forge: Mapping[str, Any], told: Any) -> int:
        from mlgitops.workflows.ci.tell import tell

        try:
            pull = tell(self.opened, forge, self.system, told)
        except NotAuthorisedError as error:
            show(inert.line(f"the pull request was not told: {error.message}. {_READ_ONLY}"), err=True)
            return 0
        except MlgitopsError as error:
            show(inert.line(f"error: the pull request could not be told: {error.message}"), err=True)
            return 1
        show(f"told pull request {pull.number}: {inert.line(told.line)}", err=True)
        return 0

    def _summarise(self, text: str) -> None:
        """Gives the summary to the system that shows one: GitHub by a file to add to, Azure by a command."""
        from mlgitops.report.ci import fitting

        path = self.reports / "summary.md"
        write_file(path, fitting(text), private=False)
        if self.system.summary:
            with Path(self.system.summary).open("a", encoding="utf-8") as file:
                file.write(fitting(text))
        if self.system.name == "azure":
            show(f"##vso[task.uploadsummary]{path.resolve()}")

    def _report(self, name: str) -> str:
        return _text_of(str(self.reports / name))


def _text_of(path: str) -> str:
    """A file's text; empty where there is none that can be read."""
    try:
        return Path(path).read_text(encoding="utf-8") if path else ""
    except (OSError, UnicodeDecodeError):
        return ""
