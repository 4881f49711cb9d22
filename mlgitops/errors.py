"""Every error that mlgitops raises on purpose, in one tree.

    MlgitopsError                 exit 1   anything a user can act on
    ├── FindingsError             exit 1   the input was refused; carries every finding
    ├── NotAuthorisedError        exit 4   the target, forge or registry said no
    ├── StalePlanError            exit 1   something moved since the plan was made
    ├── GuardError                exit 1   a safety guard stopped the apply
    ├── TargetError               exit 1   a target could not be read or written
    │   ├── NothingWrittenError   exit 1   an apply failed as a whole, where it is all or nothing
    │   └── NoAnswerError         exit 1   nobody answers for a target
    ├── ForgeError                exit 1   the forge that holds the pull requests could not be read or written
    ├── RegistryError             exit 1   where runs and models are kept could not be read or written
    ├── InferenceError            exit 1   a served model could not be asked
    ├── ToolError                 exit 1   a program run as a subprocess failed
    │   └── ToolMissingError      exit 1   the program was not found
    └── SourceError               exit 1   the project's files could not be read

Foreign exceptions are wrapped ``from e`` where they enter; exit codes are decided in ``mlgitops.cli.main`` alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlgitops.finding import Finding


class MlgitopsError(Exception):
    """A failure that a user can act on. ``help`` says what to do next."""

    exit_code = 1

    def __init__(self, message: str, help: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.help = help


class FindingsError(MlgitopsError):
    """The input was refused. Nothing was written."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__(_first_of(self.findings))


def _first_of(findings: Sequence[Finding]) -> str:
    """The first that is an error, for where there is room for one line."""
    first = next((finding for finding in findings if finding.severity == "error"), *findings[:1])
    left = len(findings) - 1
    more = f", and {left} more finding{'s' * (left > 1)}" if left else ""
    return f"{first.location}: {first.message}{more}"


class NotAuthorisedError(MlgitopsError):
    """Credentials are missing or were refused."""

    exit_code = 4


class StalePlanError(MlgitopsError):
    """The commit, the inventory or a live object moved after the plan was made; nothing was written."""


class GuardError(MlgitopsError):
    """A guard refused to go on, because the plan looks like an accident."""


class TargetError(MlgitopsError):
    """A target could not be read or written."""


class NothingWrittenError(TargetError):
    """Nothing of an apply was written, at a target where all of it or nothing is."""


class NoAnswerError(TargetError):
    """Nobody answers for a target, or not in time: how it is, only asking it tells."""


class ForgeError(MlgitopsError):
    """The forge that holds the pull requests could not be read or written."""


class RegistryError(MlgitopsError):
    """Where training keeps runs and models could not be read or written."""


class InferenceError(MlgitopsError):
    """A served model could not be asked."""


class ToolError(MlgitopsError):
    """A program run as a subprocess failed, timed out or said too much."""


class ToolMissingError(ToolError):
    """A program that is needed was not found."""


class SourceError(MlgitopsError):
    """The project's files could not be read."""
