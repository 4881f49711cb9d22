"""What a rule needs of what it looks at: to say something about a field. Pure."""

from __future__ import annotations

from typing import Protocol

from mlgitops.finding import Finding, Severity
from mlgitops.spec.positions import Pointer


class Findable(Protocol):
    """A model or pipeline at a target, or a step template by itself."""

    def finding(
        self, code: str, pointer: Pointer, message: str, *, help: str = "", severity: Severity = Severity.ERROR
    ) -> Finding:
        """A finding about the field at ``pointer`` of the spec, at the place in the file that set it."""
        ...
