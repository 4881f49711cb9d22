"""What ``doctor`` looked at, how it is, and how to mend it. Frozen data; pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlgitops.forges.access import Access


class Condition(StrEnum):
    """How one thing is. ``UNKNOWN``: it could not be asked; nothing is wrong as far as anybody knows."""

    WELL = "ok"
    UNKNOWN = "unknown"
    WARNING = "warning"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at.

    ``topic`` is ``tools``, ``project``, ``forge`` or ``target ENVIRONMENT/NAME``; ``name`` says what of it. ``cure`` is
    what to do, and is there for all that is not well.
    """

    topic: str
    name: str
    condition: Condition
    said: str
    cure: str = ""


def is_broken(checks: Iterable[Check]) -> bool:
    """Whether anything has to be mended."""
    return any(check.condition is Condition.BROKEN for check in checks)


def of_token(found: Access) -> Check:
    """What is to be said of a forge's token, and which rights a person has to look for where the forge tells none."""
    if found.missing:
        said = f"the token lacks {', '.join(found.missing)}"
        return Check("forge", "token", Condition.BROKEN, said, f"Make one that has it: it needs {found.needed}.")
    if found.untold:
        said = f"the repository can be read; the forge tells nobody {', '.join(found.untold)}"
        cure = f"Look at the token's own settings there: it needs {found.needed}."
        return Check("forge", "token", Condition.UNKNOWN, said, cure)
    return Check("forge", "token", Condition.WELL, "has all that promotions need")
