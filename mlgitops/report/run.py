"""A run and its steps, for people and for machines. Pure."""

from __future__ import annotations

import orjson

from mlgitops.plan.run import RunState, StepState
from mlgitops.report import inert
from mlgitops.report.style import Style

FORMAT_VERSION = "1.0"
_LONGEST = 600
"""Characters of a message that are shown."""
_NAME = 24
"""Columns for the name of a step."""


def started(state: RunState, place: str, commit: str, style: Style) -> str:
    """The first line: the run's name, where it runs, and from which commit."""
    source = f", from commit {commit[:12]}" if commit else ""
    return f"{style.bold(inert.line(state.name))} at {inert.line(place)}{source}"


def step_line(step: StepState, style: Style) -> str:
    """One line for a step that changed: its name, its phase, for how long, and why."""
    took = f" after {length(step.seconds)}" if step.seconds is not None and step.phase != "Running" else ""
    why = f": {_short(step.message)}" if step.message else ""
    return f"  {inert.line(step.name):<{_NAME}}  {_colour(step.phase or 'Pending', style)}{took}{why}"


def ended(state: RunState, style: Style) -> str:
    """The last line: how the run ended."""
    took = f" after {length(state.seconds)}" if state.seconds is not None else ""
    why = f": {_short(state.message)}" if state.message else ""
    return f"{style.bold(inert.line(state.name))} {_colour(state.phase, style)}{took}{why}"


def json(state: RunState, *, pipeline: str, environment: str, target: str, namespace: str, commit: str) -> str:
    """The run as JSON; what nobody knows is null."""
    run = {
        "name": state.name,
        "namespace": namespace,
        "pipeline": pipeline or None,
        "environment": environment,
        "target": target,
        "commit": commit or None,
        "phase": state.phase or None,
        "message": state.message or None,
        "startedAt": state.started or None,
        "finishedAt": state.finished or None,
        "seconds": state.seconds,
        "steps": [
            {"name": s.name, "phase": s.phase or None, "message": s.message or None, "seconds": s.seconds}
            for s in state.steps
        ],
    }
    return orjson.dumps({"formatVersion": FORMAT_VERSION, "run": run}, option=orjson.OPT_INDENT_2).decode()


def length(seconds: int) -> str:
    """A length of time in its two largest units: ``2m3s``."""
    if seconds < 60:
        return f"{seconds}s"
    if seconds < 3600:
        return f"{seconds // 60}m{seconds % 60}s"
    return f"{seconds // 3600}h{seconds % 3600 // 60}m"


def _colour(phase: str, style: Style) -> str:
    if phase == "Succeeded":
        return style.green(phase)
    return style.red(phase) if phase in ("Failed", "Error") else phase


def _short(said: str) -> str:
    return inert.shortened(inert.line(said), _LONGEST)
