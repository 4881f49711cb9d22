"""What models use of what they ask for, as text with patches to paste, and as JSON. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import groupby
from typing import Any

from mlgitops.capacity.amounts import written
from mlgitops.capacity.utilisation import Asks, Found, Utilisation, Verdict
from mlgitops.report import inert
from mlgitops.report.findings import counted
from mlgitops.report.style import Style

FORMAT_VERSION = "1.0"
"""Grows in its first part when a field goes or changes its meaning, in its second when one is added."""


def text(found: Found, style: Style) -> str:
    """Model by model, each with its targets and, where something else is proposed, what to paste into its file."""
    blocks = ["\n".join(_model(found, name, list(own), style)) for name, own in groupby(found.models, _name)]
    head = style.bold(inert.line(f"Utilisation of environment {found.environment}, the last {found.window}"))
    return "\n\n".join([head, *blocks, "\n".join(_totals(found, style))]) + "\n"


def json(found: Found) -> str:
    """``formatVersion``, and a list of models at their targets with what they ask for, use and should ask for."""
    return inert.json_text({
        "formatVersion": FORMAT_VERSION,
        "environment": found.environment,
        "window": found.window,
        "currency": found.currency,
        "models": [_data(one) for one in found.models],
        "proposals": {
            name: {
                "file": _file(found, name), "resources": _resources(asks),
                "savedMonthly": f"{found.saved[name]:.2f}" if found.currency else None,
            }
            for name, asks in found.proposals.items()
        },
        "unread": dict(found.unread),
    })  # fmt: skip


def patch(asks: Asks) -> str:
    """The part of a Model that asks for this, as YAML."""
    lines = (f"      {name}: {value}" for name, value in _resources(asks).items())
    return "\n".join(["spec:", "  serving:", "    resources:", *lines])


def _name(one: Utilisation) -> str:
    return one.model


def _model(found: Found, name: str, own: list[Utilisation], style: Style) -> Iterator[str]:
    yield style.bold(inert.line(name))
    yield from (f"  {_at(one, style)}" for one in own)
    if name in found.proposals:
        saved = found.saved[name]
        money = f" ({_money(saved, found.currency)})" if found.currency and saved else ""
        yield inert.line(f"  merge into {_file(found, name)}{money}:")
        yield ""
        yield from patch(found.proposals[name]).splitlines()
    elif any(one.changes for one in own):
        yield "  no patch: it was not measured at all of its targets"


def _at(one: Utilisation, style: Style) -> str:
    colour = {Verdict.FITS: style.green, Verdict.TIGHT: style.red}.get(one.verdict, style.yellow)
    told = f": {inert.line(one.problem)}" if one.problem else ""
    return f"{inert.line(one.target)}  {colour(one.verdict)}{told}{''.join(f'; {part}' for part in _used(one))}"


def _used(one: Utilisation) -> Iterator[str]:
    if one.uses.cpu is not None:
        yield f"cpu {written('cpu', Decimal(str(round(one.uses.cpu, 4))))} of {written('cpu', one.asks.cpu)}"
    if one.uses.memory is not None:
        yield f"memory {written('memory', Decimal(one.uses.memory))} of {written('memory', one.asks.memory)}"
    if one.asks.accelerators:
        share = "not measured" if one.uses.accelerator is None else f"used {one.uses.accelerator:.0%}"
        yield inert.line(f"{one.asks.accelerators} {one.asks.accelerator} {share}")
    if one.idle_accelerator:
        yield "try it without the accelerator, or share one"
    if one.verdict is Verdict.IDLE:
        yield "let it scale to zero, or retire it"


def _totals(found: Found, style: Style) -> Iterator[str]:
    number = len({one.model for one in found.models})
    told = f"{counted(number, 'model')}, {counted(len(found.proposals), 'proposal')}"
    saved = sum(found.saved.values(), Decimal(0))
    told += f", {_money(saved, found.currency)} with the fewest replicas" if found.currency and saved else ""
    yield f"{told}."
    for target, reason in found.unread.items():
        yield style.yellow(inert.line(f"{target} could not be asked: {reason}"))


def _money(saved: Decimal, currency: str) -> str:
    if saved < 0:
        return f"costs {-saved:,.2f} {currency} a month more"
    return f"saves {saved:,.2f} {currency} a month"


def _file(found: Found, model: str) -> str:
    return f"environments/{found.environment}/models/{model}.yaml"


def _resources(asks: Asks) -> dict[str, str]:
    """Quantities as people write them: cores, or thousandths of one, and mebibytes."""
    whole = asks.cpu == asks.cpu.to_integral()
    cpu = f"{asks.cpu.normalize():f}" if whole else f"{(asks.cpu * 1000).normalize():f}m"
    mebibytes = asks.memory / 2**20
    gib = mebibytes % 1024 == 0
    return {
        "cpu": f'"{cpu}"' if whole else cpu,
        "memory": f"{mebibytes / 1024:.0f}Gi" if gib else f"{mebibytes:.0f}Mi",
    }


def _data(one: Utilisation) -> dict[str, Any]:
    proposed = one.proposed
    return {
        "model": one.model,
        "target": one.target,
        "verdict": one.verdict.value,
        "problem": one.problem,
        "replicas": one.replicas,
        "asks": _numbers(one.asks),
        "uses": one.uses._asdict(),
        "proposed": _numbers(proposed) if one.measured else None,
    }


def _numbers(asks: Asks) -> dict[str, Any]:
    cpu, memory = float(asks.cpu), int(asks.memory)
    return {"cpu": cpu, "memory": memory, "accelerator": asks.accelerator, "accelerators": asks.accelerators}
