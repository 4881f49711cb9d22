"""What an attempt came to, in words for a person on call. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from mlgitops.controller.fights import Disputed, Repair
from mlgitops.controller.goals import Goal
from mlgitops.controller.looking import Look
from mlgitops.controller.schedule import Withheld
from mlgitops.controller.state import Result, Word
from mlgitops.errors import GuardError
from mlgitops.plan.outcome import ObjectOutcome, TargetOutcome
from mlgitops.plan.outcome import Result as Done
from mlgitops.plan.waited import Readiness, Waited
from mlgitops.targets import Inventory


def in_sync(goal: Goal, inventory: Inventory) -> Result:
    """There was nothing to do."""
    commit = goal.rendering.commit
    return Result(Word.IN_SYNC, commit=commit, applied=inventory.commit, disputed=frozenset())


def withheld(goal: Goal, found: Look, why: Withheld) -> Result:
    """There is something to do, which is not done now."""
    drifted, pending = len(found.drifted), len(found.plan.pending)
    word = why.word if drifted or why.word is not Word.DRIFTED else Word.PENDING
    result = Result(
        word, commit=goal.rendering.commit, applied=found.inventory.commit, drifted=drifted, pending=pending
    )
    return held(result, why)


def held(result: Result, why: Withheld) -> Result:
    """The same with the reason why it is not done, which may change although nobody looked again."""
    said = [_counted(result.drifted, "drifted")] if result.drifted else []
    others = result.pending - result.drifted
    said += [f"{_counted(others, 'waits' if others == 1 else 'wait')} to be written or deleted"] if others > 0 else []
    return replace(result, reason=f"{', '.join(said) or 'the last apply did not end'}; {why.reason}", help=why.help)


def refused(goal: Goal, found: Look, error: GuardError) -> Result:
    """A guard stopped it: a person has to agree."""
    return Result(
        Word.REFUSED, error.message, f"{error.help} By hand: {_by_hand(goal)}", goal.rendering.commit,
        found.inventory.commit, drifted=len(found.drifted), pending=len(found.plan.pending),
    )  # fmt: skip


def applied(goal: Goal, found: Look, done: TargetOutcome, commit: str) -> Result:
    """Something was written, or was to be."""
    undone = [one for one in done.objects if one.result is not Done.DONE]
    result = Result(
        Word.APPLIED, commit=goal.rendering.commit, applied=commit,
        touched=any(one.result is not Done.SKIPPED for one in done.objects),
        written=sum(one.result is Done.DONE for one in done.objects), drifted=len(found.drifted), pending=len(undone),
        disputed=frozenset(),
    )  # fmt: skip
    if done.succeeded:
        return result
    result = replace(result, word=Word.FAILED, reason=done.error or _undone(undone))
    kept = {change.identity for change in found.plan.changes if change.conflicts} - found.drifted.keys()
    failed = {one.identity for one in undone if one.result is Done.FAILED}
    if done.error or not failed <= kept:
        return result
    help = f"leave the field to its manager, or take it by hand: {_by_hand(goal)} --force-conflicts"
    return replace(result, word=Word.REFUSED, help=help)


def waited(result: Result, seen: Iterable[Waited]) -> Result:
    """The same, once it is known what became ready."""
    wrong = [one for one in seen if not one.succeeded]
    if not wrong or result.word is Word.FAILED:
        return result
    first = wrong[0]
    what = "failed" if first.readiness is Readiness.FAILED else "is not ready"
    told = f"{first.identity} {what}: {first.health.reason or first.health.state}"
    event = f" ({first.events[0].reason}: {first.events[0].message})" if first.events else ""
    return replace(result, word=Word.FAILED, reason=told + event + _more(len(wrong)), help="mend it in Git, or revert")


def overtaken(result: Result) -> Result:
    """The same, where Git said something else before everything was ready. What failed before then did so."""
    if result.word is Word.FAILED:
        return result
    told = f"not all of commit {result.commit[:12]} was ready when a newer one said something else"
    return replace(result, word=Word.PROGRESSING, reason=told, help="")


def with_repairs(result: Result, repairs: tuple[Repair, ...]) -> Result:
    """The same, with what was put back."""
    return replace(result, repairs=repairs)


def fighting(goal: Goal, found: Look, result: Result, told: Sequence[str], left: Collection[Disputed]) -> Result:
    """The same, where something was left alone since somebody else keeps changing it. What failed goes before it."""
    if not left:
        return result
    result = replace(result, disputed=frozenset(left), drifted=len(found.drifted))
    if result.word is Word.FAILED:
        return result
    help = "stop the other writer, or leave the field to it: environment.spec.ignore"
    return replace(result, word=Word.FIGHTING, reason=told[0] + _more(len(told)), help=help)


def internal(error: Exception, commit: str) -> Result:
    """A fault of mlgitops. Its text may hold what must not be shown."""
    return Result(
        Word.FAILED, f"internal error: {type(error).__name__}", "this is a fault of mlgitops, please report it", commit,
        touched=True,
    )  # fmt: skip


def _by_hand(goal: Goal) -> str:
    """The command by which a person applies the goal."""
    environment, target = goal.key
    return f"mlgitops apply --env {environment} --target {target} --revision {goal.rendering.commit[:12]}"


def _counted(number: int, what: str) -> str:
    return f"{number} object{'s' if number != 1 else ''} {what}"


def _undone(objects: Sequence[ObjectOutcome]) -> str:
    first = next((one for one in objects if one.result is Done.FAILED), objects[0])
    return f"{first.identity}: {first.reason}{_more(len(objects))}"


def _more(number: int) -> str:
    return f", and {number - 1} more" if number > 1 else ""
