from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlgitops.controller import waves
from mlgitops.controller.waves import Terms, Wave
from mlgitops.spec.reconcile import Waves

TARGETS = tuple(f"t{number}" for number in range(6))


@dataclass
class Rollout:
    """A rollout under way, as the loop drives it: who may begin does so, and each attempt ends well or not."""

    terms: Terms
    wave: Wave = field(default_factory=lambda: Wave("sha256:d", "c1"))
    now: float = 0.0
    busy: set[str] = field(default_factory=set)

    def obstacle(self, target: str) -> str:
        return waves.obstacle(self.wave, target, self.terms, self.busy - {target})

    def begin(self) -> None:
        for target in self.terms.targets:
            if target not in self.wave.begun | self.busy and not self.obstacle(target):
                self.busy.add(target)
                self.wave = waves.began(self.wave, target)
                self.check(target)

    def check(self, target: str) -> None:
        """What must hold whenever a target begins."""
        assert not self.wave.failures
        assert len(self.under_way) <= self.terms.most
        if target not in self.terms.canaries:
            assert all(waves.is_done(self.wave, one, self.terms) for one in self.terms.canaries)

    def end(self, target: str, *, well: bool) -> None:
        self.busy.discard(target)
        if well:
            self.wave = waves.well(self.wave, target, self.now)
        else:
            self.wave = waves.unwell(self.wave, target, self.terms, "it crashes")

    def look(self, *, well: bool = True) -> None:
        """Looks at those whose soak is over."""
        for target in self.terms.targets:
            if waves.is_to_be_seen(self.wave, target, self.terms, self.now):
                self.end(target, well=well)

    @property
    def under_way(self) -> set[str]:
        begun = {one for one in self.wave.begun if not waves.is_done(self.wave, one, self.terms)}
        return begun | self.busy


@st.composite
def terms(draw: st.DrawFn) -> Terms:
    canary = tuple(draw(st.sets(st.sampled_from(TARGETS), max_size=3)))
    most = draw(st.one_of(st.integers(1, 8), st.sampled_from(["1%", "34%", "50%", "100%"])))
    soak = draw(st.sampled_from([None, "30s"]))
    return Terms.of(Waves.model_validate({"canary": list(canary), "maxUnavailable": most, "soak": soak}), TARGETS)


@given(terms(), st.lists(st.tuples(st.sampled_from(TARGETS), st.booleans(), st.integers(0, 40)), max_size=60))
def test_no_more_are_under_way_than_may_be_and_canaries_come_first(
    given_terms: Terms, events: list[tuple[str, bool, int]]
) -> None:
    rollout = Rollout(given_terms)
    for target, well, seconds in events:
        rollout.begin()
        rollout.now += seconds
        if target in rollout.busy or target in rollout.wave.begun:
            rollout.end(target, well=well)


@given(terms(), st.randoms())
def test_where_all_is_well_every_target_gets_the_change(given_terms: Terms, order: object) -> None:
    rollout = Rollout(given_terms)
    for _ in range(2 * len(TARGETS)):
        rollout.begin()
        for target in sorted(rollout.busy, key=lambda _: order.random()):  # type: ignore[attr-defined]
            rollout.end(target, well=True)
        rollout.now += 30
        rollout.look()
    assert waves.is_over(rollout.wave, given_terms)


@given(terms(), st.integers(1, 29))
def test_nobody_begins_before_the_soak_of_what_fills_the_room_is_over(given_terms: Terms, seconds: int) -> None:
    rollout = Rollout(given_terms)
    rollout.begin()
    first = set(rollout.busy)
    for target in first:
        rollout.end(target, well=True)
    rollout.now += seconds if given_terms.soak else 0
    if given_terms.soak and len(first) >= given_terms.most:
        rollout.begin()
        assert rollout.busy == set()
        assert waves.wakes(rollout.wave, given_terms, rollout.now) == given_terms.soak


def started(*begun: str, terms: Terms | None = None) -> Rollout:
    rollout = Rollout(terms or Terms(TARGETS, ("t0",), most=2))
    for target in begun:
        rollout.wave = waves.began(rollout.wave, target)
    return rollout


def test_a_failure_stops_those_that_have_not_begun_and_says_why() -> None:
    rollout = started("t0")
    rollout.end("t0", well=False)
    assert rollout.obstacle("t1") == "the rollout stopped, since t0 failed: it crashes"
    assert rollout.obstacle("t0") == ""  # it goes on trying


def test_resuming_lets_it_go_on_and_it_stops_at_the_next_failure() -> None:
    rollout = started("t0")
    rollout.end("t0", well=False)
    rollout.wave = waves.resumed(rollout.wave)
    rollout.end("t0", well=True)
    assert rollout.obstacle("t1") == ""
    rollout.wave = waves.began(rollout.wave, "t1")
    rollout.end("t1", well=False)
    assert "t1 failed" in rollout.obstacle("t2")


def test_after_an_abort_only_what_is_done_is_kept_as_it_is() -> None:
    rollout = started("t0")
    rollout.end("t0", well=True)
    rollout.wave = waves.aborted(waves.began(rollout.wave, "t1"))
    assert rollout.obstacle("t0") == ""
    assert rollout.obstacle("t1") == rollout.obstacle("t2") == "the rollout was aborted"
    rollout.wave = waves.resumed(rollout.wave)
    assert rollout.obstacle("t1") == ""


def test_a_target_at_which_nothing_was_to_be_written_needs_no_room_and_no_soak() -> None:
    rollout = Rollout(Terms(TARGETS, ("t0",), most=1, soak=60))
    for target in ("t0", "t1"):
        rollout.end(target, well=True)
    assert rollout.obstacle("t2") == ""


def test_what_turned_out_to_be_untouched_gives_its_room_back() -> None:
    rollout = started("t0", terms=Terms(TARGETS, most=1))
    assert "1 of at most 1 are under way; t0 is not ready yet" in rollout.obstacle("t1")
    rollout.wave = waves.withdrawn(rollout.wave, "t0")
    assert rollout.obstacle("t1") == ""


def test_after_its_soak_a_canary_is_looked_at_before_the_others_begin() -> None:
    rollout = started("t0", terms=Terms(TARGETS, ("t0",), most=2, soak=60))
    rollout.end("t0", well=True)
    rollout.now = 60
    assert rollout.obstacle("t1") == "canary t0 comes first: is ready, and soaks"
    rollout.look()
    assert rollout.obstacle("t1") == ""
    assert not waves.is_to_be_seen(rollout.wave, "t0", rollout.terms, 120)


def test_a_canary_that_broke_in_its_soak_stops_the_rollout() -> None:
    rollout = started("t0", terms=Terms(TARGETS, ("t0",), most=2, soak=60))
    rollout.end("t0", well=True)
    rollout.now = 60
    rollout.look(well=False)
    assert rollout.obstacle("t1") == "the rollout stopped, since t0 failed: it crashes"


def test_a_target_that_fails_after_the_rollout_is_over_stops_nothing() -> None:
    rollout = started("t0", terms=Terms(("t0",), most=1))
    rollout.end("t0", well=True)
    rollout.end("t0", well=False)
    assert not rollout.wave.failures


def test_a_clock_that_goes_back_never_makes_a_soak_shorter() -> None:
    rollout = started("t0", terms=Terms(TARGETS, ("t0",), soak=60))
    rollout.now = 1000.0
    rollout.end("t0", well=True)
    rollout.now = 500.0
    rollout.end("t0", well=True)
    rollout.now = 559.0
    assert "soaks" in rollout.obstacle("t1")
    rollout.now = 560.0
    rollout.look()
    assert rollout.obstacle("t1") == ""


@pytest.mark.parametrize(("share", "targets", "most"), [(3, 10, 3), ("25%", 10, 2), ("1%", 10, 1), ("100%", 10, 10)])
def test_a_share_is_rounded_down_but_never_to_none(share: int | str, targets: int, most: int) -> None:
    names = [f"t{number}" for number in range(targets)]
    assert Terms.of(Waves.model_validate({"maxUnavailable": share}), names).most == most
