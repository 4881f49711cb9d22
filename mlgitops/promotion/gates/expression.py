"""A gate of one's own: an expression in CEL over what is known. Pure.

Variables are ``release`` and ``evidence`` of the candidate, ``candidate`` and ``champion`` (each with ``release``,
``evidence`` and ``metrics`` by name; ``champion`` is ``null`` for a first release), ``environment`` (``name`` and
``from``), and ``time`` (``now``, and ``arrived`` in the environment before).
"""

from __future__ import annotations

from typing import Any

from mlgitops.promotion.gates.facts import Facts, MissingError, Side
from mlgitops.promotion.gates.parameters import Answer
from mlgitops.spec.cel import compiled
from mlgitops.spec.gates import GATE_VARIABLES


def judge_expression(expression: str, message: str, facts: Facts) -> Answer:
    """Whether an expression is true. Raises ``MissingError`` where it cannot be told, or is something else."""
    try:
        value = compiled(expression, GATE_VARIABLES).value(variables(facts))
    except ValueError as error:
        raise MissingError(_told(str(error), facts)) from error
    if not isinstance(value, bool):
        raise MissingError(f"the expression comes to {type(value).__name__}, and not to true or false")
    told = "holds" if value else message or "the expression is not true"
    return Answer(value, "true" if value else "false", expression, told)


def variables(facts: Facts) -> dict[str, Any]:
    """The variables of an expression."""
    candidate = _side(facts.candidate)
    time = {"now": facts.now, **({"arrived": facts.arrived} if facts.arrived else {})}
    return {
        "release": candidate["release"],
        "evidence": candidate["evidence"],
        "candidate": candidate,
        "champion": _side(facts.champion) if facts.champion else None,
        "environment": {"name": facts.environment, "from": facts.source},
        "time": time,
    }


def _side(side: Side) -> dict[str, Any]:
    return {"release": dict(side.release), "evidence": dict(side.evidence or {}), "metrics": side.metrics}


def _told(error: str, facts: Facts) -> str:
    """The error, and that there is no evidence at all where that may be why."""
    return error if facts.candidate.evidence is not None else f"{error}; {facts.candidate.problem}"
