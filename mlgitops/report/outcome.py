"""What an apply did, for people and for machines. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from mlgitops.plan.change import Action
from mlgitops.plan.outcome import ObjectOutcome, Outcome, Result, TargetOutcome
from mlgitops.report import inert
from mlgitops.report.commit import named
from mlgitops.report.plan.rows import object_name
from mlgitops.report.style import Style

FORMAT_VERSION = "1.0"
"""Grows in its first part when a field goes or changes its meaning, in its second when one is added."""

_DONE = {Action.CREATE: "created", Action.UPDATE: "changed", Action.DELETE: "removed"}


def text(outcome: Outcome, style: Style) -> str:
    """What failed or was skipped, with the reason, by target; then the totals. What was done is only counted."""
    blocks = ["\n".join(block) for target in outcome.targets if (block := list(_target(target, style)))]
    return "\n\n".join([*blocks, _totals(outcome, style)]) + "\n"


def json(outcome: Outcome) -> str:
    """``formatVersion``, ``succeeded``, and for each target its error and every object with its result."""
    return inert.json_text({
        "formatVersion": FORMAT_VERSION,
        "environment": outcome.environment,
        "commit": outcome.commit,
        "succeeded": outcome.succeeded,
        "targets": [_target_data(target) for target in outcome.targets],
    })  # fmt: skip


def _target(target: TargetOutcome, style: Style) -> Iterator[str]:
    wrong = [one for one in target.objects if one.result is not Result.DONE]
    if target.error or wrong:
        yield style.bold(f"Target {inert.line(target.target)}")
    if target.error:
        yield f"  {style.red('error')}  {inert.line(target.error)}"
    for one in wrong:
        yield from _object(one, style, one.reason if one.reason != target.error else "")


def _object(one: ObjectOutcome, style: Style, reason: str) -> Iterator[str]:
    colour = style.red if one.result is Result.FAILED else style.yellow
    yield f"  {colour(f'{one.result:<7}')}  {one.action} {object_name(one.identity)} {style.dim(inert.line(one.owner))}"
    yield from (f"           {line}" for line in (inert.lines(reason) if reason else []))


def _totals(outcome: Outcome, style: Style) -> str:
    objects = [one for target in outcome.targets for one in target.objects]
    done = Counter(one.action for one in objects if one.result is Result.DONE)
    wrong = Counter(one.result for one in objects)
    counts = [f"{done[action]:,} {word}" for action, word in _DONE.items()]
    counts += [f"{done[Action.REPLACE]:,} replaced"] if done[Action.REPLACE] else []
    counts += [f"{wrong[result]:,} {result}" for result in (Result.FAILED, Result.SKIPPED) if wrong[result]]
    said = style.green("Applied") if outcome.succeeded else style.red("Not all applied")
    commit = f" (commit {named(outcome.commit)})" if outcome.commit else ""
    return f"{style.bold(said)} to environment {inert.line(outcome.environment + commit)}: {', '.join(counts)}."


def _target_data(target: TargetOutcome) -> Mapping[str, Any]:
    return {
        "target": target.target,
        "error": target.error,
        "objects": [
            {
                "object": one.identity._asdict(),
                "owner": one.owner,
                "action": one.action.value,
                "result": one.result.value,
                "reason": one.reason,
            }
            for one in target.objects
        ],
    }
