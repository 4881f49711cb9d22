"""Guard: a plan file holds no Secret, so it cannot write one."""

from __future__ import annotations

from mlgitops.errors import GuardError
from mlgitops.plan.change import Plan


class WithheldSecretError(GuardError):
    """The plan was read from a file and changes a Secret, whose content the file does not have."""


def check(plan: Plan) -> None:
    """Raises ``WithheldSecretError`` where the content of any object to write was left out of the plan file."""
    withheld = [change.identity for target in plan.targets for change in target.changes if change.withheld]
    if withheld:
        raise WithheldSecretError(
            f"the plan file does not hold the content of {withheld[0]}, because it is secret",
            help="Use apply without a plan file.",
        )
