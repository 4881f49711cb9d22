"""How everything stands, on one screen, for a person on call: what is wrong, where, since when, what to do. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from mlgitops.controller.state import BAD, GOOD, Key, State, TargetState, Word
from mlgitops.report import inert
from mlgitops.report.style import Style

MOST = 20
"""Targets that are listed of those that are wrong, and of those that are held back."""
_LONGEST = 300
_UNITS = (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1))
_UNKNOWN = "not looked at yet"


def is_wrong(state: State) -> bool:
    """Whether anybody has to look."""
    return bool(
        state.refused or state.broken or not state.commit or any(one.word in BAD for one in state.targets.values())
    )


def is_held(state: State) -> bool:
    """Whether anything is not as Git says, on purpose or since nothing is to be written."""
    fine = GOOD | {Word.SUSPENDED}
    return any(one.word not in fine for one in state.targets.values())


def text(state: State, style: Style, now: float) -> str:
    """What is wrong, then what is held back, then the totals. ``now`` is in seconds since the epoch."""
    wrong = [
        (key, one) for key, one in sorted(state.targets.items()) if one.word in BAD and not state.is_unrendered(key)
    ]
    held = [(key, one) for key, one in sorted(state.targets.items()) if one.word not in BAD | GOOD]
    lines = [
        *_git(state, style, now),
        *_listed(wrong, style.red, style, now),
        *_listed(held, style.yellow, style, now),
        _totals(state),
    ]
    return "\n".join(lines) + "\n"


def age(since: float, now: float) -> str:
    """How long ago something was, in its largest unit: ``3h``."""
    seconds = max(0.0, now - since)
    unit, length = next(((unit, length) for unit, length in _UNITS if seconds >= length), ("s", 1))
    return f"{int(seconds // length)}{unit}"


def _git(state: State, style: Style, now: float) -> Iterator[str]:
    if state.commit:
        yield style.bold(f"Commit {inert.line(state.commit[:12])}, followed for {age(state.committed, now)}")
    if state.refused:
        yield style.red("not followed") + _for(state.refusal.since, now)
        yield from _explained(state.refused, state.refusal.help, style)
    for name, why in sorted(state.broken.items()):
        since = _for(state.broken_since.get(name, 0.0), now)
        yield f"{style.red('broken')}  environment {inert.line(name)}{since}"
        yield from _explained(why, "mend it in Git, or revert; until then its targets stay as they are", style)


def _for(since: float, now: float) -> str:
    return f" for {age(since, now)}" if since else ""


def _explained(reason: str, help: str, style: Style) -> Iterator[str]:
    if reason:
        yield f"      {_short(reason)}"
    if help:
        yield f"      {style.dim(_short(help))}"


def _listed(
    targets: Sequence[tuple[Key, TargetState]], colour: Callable[[str], str], style: Style, now: float
) -> Iterator[str]:
    for key, one in targets[:MOST]:
        word, since = one.word or _UNKNOWN, f" for {age(one.since, now)}" if one.result else ""
        yield f"  {colour(word)}  {inert.line(str(key))}{since}"
        if one.result:
            yield from _explained(one.result.reason, one.result.help, style)
    if len(targets) > MOST:
        yield f"  and {len(targets) - MOST} more"


def _totals(state: State) -> str:
    words = Counter(one.word or _UNKNOWN for one in state.targets.values())
    counted = [f"{words[word]:,} {word}" for word in (*Word, _UNKNOWN) if words[word]]
    number = len(state.targets)
    return f"{number:,} target{'s' if number != 1 else ''}: {', '.join(counted) or 'none'}."


def _short(said: str) -> str:
    return inert.shortened(inert.line(said), _LONGEST)
