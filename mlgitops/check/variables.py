"""The rule that an environment variable has one source. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mlgitops.check.findable import Findable
from mlgitops.finding import Finding
from mlgitops.spec.positions import Pointer
from mlgitops.spec.serving import Variable


def check(resolved: Findable, pointer: Pointer, variables: Sequence[Variable]) -> Iterator[Finding]:
    """Findings for the list of variables at ``pointer``."""
    for index, variable in enumerate(variables):
        if (variable.value is None) == (variable.from_secret is None):
            given = "no source" if variable.value is None else "two sources"
            yield resolved.finding(
                "variable-source", (*pointer, index), f"variable {variable.name} has {given}",
                help="give exactly one of value and fromSecret",
            )  # fmt: skip
