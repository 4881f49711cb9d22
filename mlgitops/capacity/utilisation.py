"""How much of what a model asks for it uses, and what it would have to ask for. Pure.

Cores are held against the 95th percentile of five-minute means of the busiest replica with 30% to spare, memory against
the highest working set with 20% to spare: cores that lack slow a model down, memory that lacks ends it. Nothing is
proposed below 50 millicores and 64 MiB, and nothing that would save less than a quarter.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

MIB = 2**20
CPU_SPARE, MEMORY_SPARE = 1.3, 1.2
CPU_STEP, MEMORY_STEP = 0.05, 64 * MIB
WORTHWHILE = 0.75
"""The largest share of what is asked for that is worth proposing."""
TIGHT = 0.9
"""The share of memory from which on a model may be ended for want of it."""
IDLE = 0.02
"""The share of its cores below which a model does next to nothing; of an accelerator below which it is not used."""
GPU_IDLE = 0.1


class Verdict(StrEnum):
    """What was found of a model."""

    UNKNOWN = "not measured"
    IDLE = "idle"
    OVER_ASKED = "asks for too much"
    TIGHT = "asks for too little"
    FITS = "fits"


class Asks(NamedTuple):
    """What one replica asks for: cores, bytes, and accelerators of a class (empty for none)."""

    cpu: Decimal
    memory: Decimal
    accelerator: str = ""
    accelerators: int = 0


class Uses(NamedTuple):
    """What the busiest replica used: cores, bytes, and the mean share of its accelerators; None where nothing was
    measured."""

    cpu: float | None = None
    memory: float | None = None
    accelerator: float | None = None


NOTHING = Uses()


@dataclass(frozen=True, slots=True)
class Utilisation:
    """A model at one target; ``replicas`` are the fewest. ``problem`` says why nothing was measured."""

    model: str
    target: str
    asks: Asks
    uses: Uses = NOTHING
    replicas: int = 1
    problem: str = ""

    @property
    def measured(self) -> bool:
        """Whether cores and memory are known; without both nothing is said of a model."""
        return self.uses.cpu is not None and self.uses.memory is not None

    @property
    def verdict(self) -> Verdict:
        """What is the matter, the gravest first: memory that lacks, nothing done, too much asked for."""
        if self.uses.cpu is None or self.uses.memory is None:
            return Verdict.UNKNOWN
        if self.uses.memory > TIGHT * float(self.asks.memory) or self.uses.cpu > float(self.asks.cpu):
            return Verdict.TIGHT
        if self.uses.cpu < IDLE * float(self.asks.cpu) and not (self.uses.accelerator or 0) >= GPU_IDLE:
            return Verdict.IDLE
        return Verdict.OVER_ASKED if self.changes or self.idle_accelerator else Verdict.FITS

    @property
    def idle_accelerator(self) -> bool:
        """Whether it has accelerators that it hardly uses."""
        return bool(self.asks.accelerators) and self.uses.accelerator is not None and self.uses.accelerator < GPU_IDLE

    @property
    def proposed(self) -> Asks:
        """What one replica would have to ask for; what it asks for now where nothing was measured."""
        if self.uses.cpu is None or self.uses.memory is None:
            return self.asks
        cpu = _stepped(self.uses.cpu * CPU_SPARE, CPU_STEP)
        memory = _stepped(self.uses.memory * MEMORY_SPARE, MEMORY_STEP)
        return self.asks._replace(cpu=_worth(cpu, self.asks.cpu), memory=_worth(memory, self.asks.memory))

    @property
    def changes(self) -> bool:
        """Whether something else is proposed than what is asked for."""
        return self.proposed != self.asks


@dataclass(frozen=True, slots=True)
class Found:
    """What was measured of the models of one environment, in order.

    ``window`` is how far back was looked. ``proposals`` are by model what a replica should ask for; ``saved`` what that
    saves a month with the fewest replicas, in ``currency``, empty where no prices are kept. ``unread`` are targets with
    why they could not be asked, ``denied`` says that all of these lacked a right.
    """

    environment: str
    window: str
    models: tuple[Utilisation, ...]
    proposals: Mapping[str, Asks]
    saved: Mapping[str, Decimal]
    currency: str
    unread: Mapping[str, str]
    denied: bool = False


def proposal(everywhere: Iterable[Utilisation]) -> Asks | None:
    """What a model would have to ask for at all of its targets; None where it was not measured at one of them, or is
    right as it is."""
    found = list(everywhere)
    if not found or not all(one.measured for one in found):
        return None
    most = max(one.proposed.cpu for one in found), max(one.proposed.memory for one in found)
    same = all(most == (one.asks.cpu, one.asks.memory) for one in found)
    return None if same else found[0].asks._replace(cpu=most[0], memory=most[1])


def _stepped(value: float, step: float) -> Decimal:
    return Decimal(str(round(max(1, math.ceil(value / step - 1e-9)) * step, 3)))


def _worth(proposed: Decimal, asked: Decimal) -> Decimal:
    """The proposal where it is more than what is asked for, or so much less that it is worth it."""
    return proposed if proposed > asked or proposed <= Decimal(str(WORTHWHILE)) * asked else asked
