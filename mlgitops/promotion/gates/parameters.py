"""What a built-in gate is: a name, parameters with bounds, and a judgement over facts. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar, cast

from pydantic import ValidationError

from mlgitops.promotion.gates.facts import Facts, MissingError
from mlgitops.spec.fields import Block
from mlgitops.spec.gates import GATES
from mlgitops.spec.validation import plain

Parameters = TypeVar("Parameters", bound=Block)


class Answer(NamedTuple):
    """What a gate found: whether the release passes, the value and the bound as text, and what that means."""

    passes: bool
    value: str
    bound: str
    message: str


@dataclass(frozen=True)
class BuiltIn(Generic[Parameters]):
    """A built-in gate. ``look`` raises ``MissingError`` where a datum is missing."""

    name: str
    look: Callable[[Parameters, Facts], Answer]

    def judge(self, given: Mapping[str, Any], facts: Facts) -> Answer:
        """The answer, with parameters as they are written. Raises ``MissingError``, also for wrong parameters."""
        try:
            parameters = GATES[self.name].model_validate(dict(given))
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            raise MissingError(f"with.{'.'.join(map(str, first['loc']))}: {plain(first)}") from error
        return self.look(cast(Parameters, parameters), facts)

    @property
    def summary(self) -> str:
        """What it asks for, in a line: the first of its function's description."""
        return (self.look.__doc__ or "").strip().splitlines()[0]


def number(value: float) -> str:
    """A number as people read it."""
    return f"{value:.6g}"
