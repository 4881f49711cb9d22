"""A rollout of one change over the targets of an environment: the canaries first, then so many at once. Pure.

A target is *under way* from the moment that it may be written to until all that was written has been ready for as long
as the soak lasts. At most so many are under way at once, canaries included; the others wait. The first that fails stops
the rollout: those that have not begun wait until a person resumes it, or until Git says something else.

A time is in seconds since the epoch.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from mlgitops.spec.quantities import milliseconds
from mlgitops.spec.reconcile import Waves

NOTHING: Mapping[str, float] = MappingProxyType({})
NO_FAILURES: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Wave:
    """How far a change came. ``digest`` is of all that the environment is to be, and ``commit`` brought it.

    ``begun`` are the targets that may have been written to, ``ready`` since when those of them are ready that are and
    ``seen`` when they were last found so, ``settled`` those at which nothing had to be written, and ``failures`` why
    the ones failed that stopped it.
    """

    digest: str
    commit: str = ""
    begun: frozenset[str] = frozenset()
    ready: Mapping[str, float] = field(default_factory=lambda: NOTHING)
    settled: frozenset[str] = frozenset()
    failures: Mapping[str, str] = field(default_factory=lambda: NO_FAILURES)
    aborted: bool = False
    seen: Mapping[str, float] = field(default_factory=lambda: NOTHING)


@dataclass(frozen=True, slots=True)
class Terms:
    """By which rules: the targets in their order, the canaries among them, how many at once, and seconds of soak."""

    targets: tuple[str, ...]
    canaries: tuple[str, ...] = ()
    most: int = 1
    soak: float = 0.0

    @classmethod
    def of(cls, waves: Waves, targets: Sequence[str]) -> Terms:
        """The terms of an environment with these targets."""
        canaries = tuple(name for name in targets if name in waves.canary)
        soak = milliseconds(waves.soak) / 1000 if waves.soak else 0.0
        return cls(
            (*canaries, *(name for name in targets if name not in canaries)), canaries, _most(waves, targets), soak
        )


def _most(waves: Waves, targets: Sequence[str]) -> int:
    if isinstance(waves.max_unavailable, int):
        return waves.max_unavailable
    return max(1, len(targets) * int(waves.max_unavailable.removesuffix("%")) // 100)


def is_done(wave: Wave, target: str, terms: Terms) -> bool:
    """Whether a target is as it is to be, and was still found so when its soak was over."""
    since = wave.ready.get(target)
    return target in wave.settled or (since is not None and wave.seen.get(target, since) - since >= terms.soak)


def is_to_be_seen(wave: Wave, target: str, terms: Terms, now: float) -> bool:
    """Whether a target's soak is over, and nobody looked since whether it is still ready."""
    since = wave.ready.get(target)
    return since is not None and now - since >= terms.soak and not is_done(wave, target, terms)


def is_over(wave: Wave, terms: Terms) -> bool:
    """Whether every target is done."""
    return all(is_done(wave, target, terms) for target in terms.targets)


def obstacle(wave: Wave, target: str, terms: Terms, busy: Collection[str]) -> str:
    """Why a target may not be written to now; empty where it may. ``busy`` are those that are being written to."""
    if wave.aborted and not is_done(wave, target, terms):
        return "the rollout was aborted"
    if target in wave.begun or target in wave.settled:
        return ""
    if wave.failures:
        name, reason = next(iter(sorted(wave.failures.items())))
        return f"the rollout stopped, since {name} failed: {reason}"
    canary = next((one for one in terms.canaries if not is_done(wave, one, terms)), None)
    if canary is not None and target not in terms.canaries:
        return f"canary {canary} comes first: {_standing(wave, canary)}"
    under_way = _under_way(wave, terms, busy) - {target}
    if len(under_way) >= terms.most:
        first = sorted(under_way)[0]
        return f"{len(under_way)} of at most {terms.most} are under way; {first} {_standing(wave, first)}"
    return ""


def wakes(wave: Wave, terms: Terms, now: float) -> float | None:
    """When the next soak is over; None where none lasts."""
    ends = [since + terms.soak for target, since in wave.ready.items() if target in terms.targets]
    return min((end for end in ends if end > now), default=None)


def began(wave: Wave, target: str) -> Wave:
    """The rollout once a target may have been written to."""
    return wave if target in wave.settled else replace(wave, begun=wave.begun | {target})


def withdrawn(wave: Wave, target: str) -> Wave:
    """The rollout once it is known that nothing was written to a target that had begun."""
    return replace(wave, begun=wave.begun - {target})


def well(wave: Wave, target: str, now: float) -> Wave:
    """The rollout once a target was found as it is to be, and ready. What was ready before stays so since then."""
    if target not in wave.begun:
        return replace(wave, settled=wave.settled | {target})
    since = min(wave.ready.get(target, now), now)
    return replace(wave, ready={**wave.ready, target: since}, seen={**wave.seen, target: now})


def unwell(wave: Wave, target: str, terms: Terms, failed: str = "") -> Wave:
    """The rollout once a target was found otherwise. ``failed`` is why it failed, which stops what is not over yet."""
    stops = failed and target in wave.begun and not is_over(wave, terms)
    failures = {**wave.failures, target: failed} if stops else wave.failures
    ready = {name: since for name, since in wave.ready.items() if name != target}
    return replace(wave, ready=ready, failures=failures)


def resumed(wave: Wave) -> Wave:
    """The rollout with another try for those that failed."""
    return replace(wave, failures=NO_FAILURES, aborted=False)


def aborted(wave: Wave) -> Wave:
    """The rollout, of which nothing more is written: what is done stays as it is."""
    return replace(wave, aborted=True)


def _under_way(wave: Wave, terms: Terms, busy: Collection[str]) -> set[str]:
    begun = {name for name in wave.begun if name in terms.targets and not is_done(wave, name, terms)}
    return begun | set(busy)


def _standing(wave: Wave, target: str) -> str:
    if target in wave.ready:
        return "is ready, and soaks"
    return "is not ready yet" if target in wave.begun else "has not begun"
