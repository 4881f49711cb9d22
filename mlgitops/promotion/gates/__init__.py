"""What keeps a release out of an environment: each gate with its value, its bound and a verdict. Pure.

``evaluate(gates, facts)`` is all that others need. A gate that cannot be told, because a datum is missing or its
expression is broken, never passes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from mlgitops.promotion.gates.expression import judge_expression
from mlgitops.promotion.gates.facts import Capacity, Facts, MissingError, Side
from mlgitops.promotion.gates.library import LIBRARY
from mlgitops.promotion.gates.parameters import Answer
from mlgitops.promotion.judgement import GateResult, Verdict
from mlgitops.spec.promotion import Gate

__all__ = ["Capacity", "Facts", "GateResult", "MissingError", "Side", "Verdict", "evaluate", "lowered"]

IMPLIED = ("change-window", "freeze")
"""Gates that are there wherever the environment has windows or freezes, named or not."""


def evaluate(gates: Iterable[Gate], facts: Facts) -> tuple[GateResult, ...]:
    """Every gate's verdict, in order, after the windows and freezes that the facts have. Raises nothing."""
    listed = tuple(gates)
    return tuple(_result(gate, facts) for gate in (*_implied(listed, facts), *listed))


def lowered(results: Iterable[GateResult]) -> tuple[GateResult, ...]:
    """The same results, none of which blocks: for a change that must always be possible."""
    return tuple(replace(one, verdict=Verdict.WARN) if one.verdict is Verdict.BLOCK else one for one in results)


def _implied(listed: tuple[Gate, ...], facts: Facts) -> Iterator[Gate]:
    named = {gate.uses for gate in listed}
    for name, declared in zip(IMPLIED, (facts.windows, facts.freezes), strict=True):
        if declared and name not in named:
            yield Gate(uses=name)


def _result(gate: Gate, facts: Facts) -> GateResult:
    try:
        answer = _answer(gate, facts)
    except MissingError as missing:
        answer = Answer(False, "", "", f"cannot be told: {missing}")
    except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError) as error:
        answer = Answer(False, "", "", f"cannot be told: the data has an odd form ({type(error).__name__})")
    otherwise = Verdict.WARN if gate.level == "warn" else Verdict.BLOCK
    verdict = Verdict.OK if answer.passes is True else otherwise
    return GateResult(gate.title, verdict, answer.value, answer.bound, answer.message)


def _answer(gate: Gate, facts: Facts) -> Answer:
    if gate.expression is not None:
        return judge_expression(gate.expression, gate.message or "", facts)
    built_in = LIBRARY.get(gate.uses or "")
    if built_in is None:
        raise MissingError(f"there is no built-in gate '{gate.uses}'")
    return built_in.judge(gate.with_, facts)
