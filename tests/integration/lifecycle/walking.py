"""Does what a page shows: commands as its reader, merges as the reviewer, and looks again until all is as shown."""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from tests.testbed.api import ApiError
from tests.testbed.documented import Merged, Section, Shown, Written
from tests.testbed.gitea.people import Person
from tests.testbed.gitea.team import Team
from tests.testbed.waiting import wait_until

LOOKING = "mlgitops status"
"""The command that a person runs again until what was merged has come about."""
SECONDS = 180.0
ANYTHING = "…"
"""In a line of what is printed: what differs from one time to the next."""


class Walk:
    """A reader in their clone, with a team that has the repository."""

    def __init__(self, team: Team, reader: Person, variables: Mapping[str, str]) -> None:
        self._team, self._reader = team, reader
        self._environment = {**reader.environment, **variables}

    def do(self, steps: Iterator[Shown | Written | Merged | Section], before: Mapping[str, Callable[[], None]]) -> None:
        """Everything, in order; ``before`` is what happens in the world as a section begins, by its title."""
        for step in steps:
            if isinstance(step, Section):
                before.get(step.title, lambda: None)()
            elif isinstance(step, Written):
                self._reader.write({step.path: step.content})
            elif isinstance(step, Merged):
                self.merge(step.branch)
            else:
                self.run(step)

    def merge(self, branch: str) -> None:
        """Checked by CI, approved of and merged by the reviewer; opened first, where a person has pushed the branch."""
        if self._is_own(branch):
            self._open(branch)
        wait_until(lambda: self._waits(branch), f"a pull request of {branch}", SECONDS)
        self._team.land(branch)

    def run(self, shown: Shown) -> None:
        """Runs a command, which ends as it says; one that only looks is run again until it does."""
        deadline = time.monotonic() + (SECONDS if LOOKING in shown.command else 0.0)
        while True:
            done = self._done(shown.command)
            if as_shown(shown, done) or time.monotonic() > deadline:
                break
            time.sleep(0.3)
        assert as_shown(shown, done), f"$ {shown.command}\n{done.returncode}\n{done.stdout}{done.stderr}"

    def _done(self, command: str) -> subprocess.CompletedProcess[str]:
        shell = ["bash", "-o", "pipefail", "-c", command]
        return subprocess.run(
            shell, cwd=self._reader.root, env=self._environment, stdin=subprocess.DEVNULL, capture_output=True,
            text=True, check=False,
        )  # fmt: skip

    def _waits(self, branch: str) -> bool:
        return any(pull["head"]["ref"] == branch for pull in self._team.pulls())

    def _is_own(self, branch: str) -> bool:
        return "/" not in branch and not self._waits(branch)

    def _open(self, branch: str) -> None:
        body = {"head": branch, "base": "main", "title": branch.capitalize()}
        api = self._team.server.api(self._reader.user.token)
        try:
            api.request("POST", f"{self._team.path}/pulls", body)
        except ApiError as error:
            raise AssertionError(f"{branch} was not pushed: {error}") from error


def as_shown(shown: Shown, done: subprocess.CompletedProcess[str]) -> bool:
    """Whether a command ended with the code, and printed first what is shown."""
    printed = done.stdout.splitlines()
    lines = zip(shown.output, printed, strict=False)
    fits = len(printed) >= len(shown.output) and all(_pattern(line).fullmatch(found) for line, found in lines)
    return done.returncode == shown.code and fits


def _pattern(line: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, line.split(ANYTHING))))


def commands_of(directory: Path, python: str) -> Path:
    """A folder for PATH, in which ``mlgitops`` and ``python`` are those of this checkout."""
    directory.mkdir()
    for name, arguments in {"mlgitops": " -m mlgitops", "python": ""}.items():
        path = directory / name
        path.write_text(f'#!/bin/sh\nexec {python}{arguments} "$@"\n')
        path.chmod(0o755)
    return directory
