"""What is known of a cause: nothing is done twice about the same, and what flaps is told once in a while."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from mlgitops.response import ledger, stored
from mlgitops.response.cause import Cause, Seen, Signal, Value
from mlgitops.response.errands import FIRST_PAUSE, MOST_TRIES, Errand, Kind, Outcome, Result
from mlgitops.response.ledger import MEMORY, QUIET, SILENCE, Known, Ledger, answered, due, kept, observed, rolled_out
from mlgitops.response.ledger import tended as tend
from mlgitops.response.policy import Wanted

DRIFT = Cause(Signal.DRIFT, "prod", "iris", "1.0", "ModelDataDrift")
STALE = Cause(Signal.STALE, "prod", "iris", "1.0", "ModelStale")
SEEN = Seen(DRIFT, values=(Value("age", 0.4),))
WANTED = Wanted("rollback", ("chat",))
NOW = 1_800_000_000.0


def tended(ledger: Ledger, now: float = NOW, *, opens: bool = True) -> dict[Cause, Known]:
    return tend(ledger, dict.fromkeys(ledger, WANTED), now, opens=opens)


def begun(now: float = NOW) -> dict[Cause, Known]:
    return tended(observed({}, "aws", "prod", [SEEN], now), now)


def kinds(known: Known) -> list[tuple[str, bool]]:
    return [(one.kind.value, one.ended) for one in due(known, NOW * 2)]


def done(ledger: Ledger, now: float = NOW) -> dict[Cause, Known]:
    """The ledger once everything was done at once."""
    return {
        cause: answered(known, [Outcome(one, Result.DONE, url="u", done="opened") for one in known.errands], now)
        for cause, known in ledger.items()
    }


def over(ledger: Ledger, now: float) -> dict[Cause, Known]:
    """The ledger once the alert has been gone for long enough."""
    return tended(observed(observed(ledger, "aws", "prod", [], now), "aws", "prod", [], now + QUIET), now + QUIET)


def test_what_begins_is_proposed_and_told_once() -> None:
    first = begun()
    assert kinds(first[DRIFT]) == [("pull", False), ("event", False), ("notice", False)]
    after = tended(observed(done(first), "aws", "prod", [SEEN], NOW + 60), NOW + 60)
    assert not after[DRIFT].errands
    assert (after[DRIFT].result, after[DRIFT].url) == ("opened", "u")


def test_the_evidence_is_that_of_the_first_time() -> None:
    after = observed(begun(), "aws", "prod", [Seen(DRIFT, values=(Value("age", 9.0),))], NOW + 60)
    assert after[DRIFT].values == (Value("age", 0.4),)


def test_an_end_is_told_once_it_lasts() -> None:
    first = done(begun())
    assert observed(first, "aws", "prod", [], NOW + 60)[DRIFT].is_active
    ended = over(first, NOW + 60)
    assert kinds(ended[DRIFT]) == [("event", True), ("notice", True)]


def test_what_comes_back_at_once_never_ended() -> None:
    gone = observed(done(begun()), "aws", "prod", [], NOW + 60)
    back = observed(gone, "aws", "prod", [SEEN], NOW + 120)
    assert observed(back, "aws", "prod", [], NOW + QUIET + 100)[DRIFT].is_active


def test_what_comes_back_is_told_again_but_not_proposed_again_and_not_before_an_hour() -> None:
    ended = done(over(done(begun()), NOW + 60), NOW + 400)
    back = tended(observed(ended, "aws", "prod", [SEEN], NOW + 500), NOW + 500)
    assert (back[DRIFT].times, kinds(back[DRIFT])) == (2, [("event", False)])
    later = tended(done(back), NOW + SILENCE + 1)
    assert kinds(later[DRIFT]) == [("notice", False)]


def test_an_end_of_which_nobody_knew_the_beginning_is_not_notified_of() -> None:
    ended = done(over(done(begun()), NOW + 60), NOW + 400)
    back = tended(observed(ended, "aws", "prod", [SEEN], NOW + 500), NOW + 500)
    assert kinds(over(done(back), NOW + 600)[DRIFT]) == [("event", True)]


def test_it_lasts_while_any_target_sees_it() -> None:
    both = observed(begun(), "gcp", "prod", [SEEN], NOW)
    gone = observed(observed(both, "aws", "prod", [], NOW), "aws", "prod", [], NOW + QUIET)
    assert gone[DRIFT].is_active
    assert list(gone[DRIFT].targets) == ["gcp"]


def test_nothing_is_proposed_without_the_right_and_everything_later_with_it() -> None:
    first = tended(observed({}, "aws", "prod", [SEEN], NOW), opens=False)
    assert kinds(first[DRIFT]) == [("event", False), ("notice", False)]
    assert ("pull", False) in kinds(tended(first)[DRIFT])


def test_two_causes_that_ask_for_the_same_have_one_pull_request() -> None:
    found = tended(observed({}, "aws", "prod", [SEEN, Seen(STALE)], NOW))
    pulls = [cause for cause, known in found.items() if ("pull", False) in kinds(known)]
    assert len(pulls) == 1
    (other,) = {DRIFT, STALE} - set(pulls)
    assert found[other].result == "joined"


def test_who_shares_a_pull_request_knows_where_it_is_and_asks_for_it_where_it_was_never_opened() -> None:
    found = tended(observed({}, "aws", "prod", [SEEN, Seen(STALE)], NOW))
    (asking,) = [cause for cause, known in found.items() if ("pull", False) in kinds(known)]
    (other,) = found.keys() - {asking}
    opened = answered(found[asking], [Outcome(Errand(Kind.PULL), Result.DONE, url="u", done="opened")], NOW)
    assert tended({**found, asking: opened})[other].url == "u"
    refused = answered(found[asking], [Outcome(Errand(Kind.PULL), Result.GIVEN_UP, "no")], NOW)
    after = tended({**found, asking: refused})
    assert ("pull", False) in kinds(after[other])
    refused_too = answered(after[other], [Outcome(Errand(Kind.PULL), Result.GIVEN_UP, "no")], NOW)
    assert not any(("pull", False) in kinds(one) for one in tended({asking: refused, other: refused_too}).values())


def test_a_failure_is_tried_again_later_and_not_for_ever() -> None:
    known = Known(DRIFT, NOW, errands=(Errand(Kind.NOTICE, "chat"),))
    now = NOW
    for number in range(MOST_TRIES):
        (errand,) = due(known, now)
        assert errand.tries == number
        known = answered(known, [Outcome(errand, Result.LATER, "away")], now)
        assert not due(known, now + FIRST_PAUSE - 1)
        now += 3600
    assert not known.errands


def test_a_pull_request_that_cannot_be_made_says_why_and_is_not_tried_again() -> None:
    known = begun()[DRIFT]
    known = answered(known, [Outcome(Errand(Kind.PULL), Result.GIVEN_UP, "a gate blocks")], NOW)
    assert (known.result, known.problem) == ("given-up", "a gate blocks")
    assert ("pull", False) not in kinds(tended({DRIFT: known})[DRIFT])


def test_a_rollout_that_is_over_is_a_cause_until_git_has_another() -> None:
    aborted = Cause(Signal.ROLLOUT_ABORTED, "prod", "iris", "1.1", "sha256:1")
    there = {aborted: (Seen(aborted, "errors is 9"), frozenset({"aws"}))}
    first = rolled_out({}, there, NOW)
    assert first[aborted].is_active
    assert observed(first, "aws", "prod", [], NOW + QUIET * 3) == first
    assert not rolled_out(first, {}, NOW + 1)[aborted].is_active


def at(*targets: str) -> Callable[[Cause], frozenset[str]]:
    """Every cause is looked for at these targets."""
    return lambda _: frozenset(targets)


def test_what_belongs_to_others_is_left_to_them() -> None:
    assert kept(begun(), lambda _: None, NOW) == {}
    assert kept(begun(), at("aws"), NOW) == begun()


def test_what_is_looked_for_nowhere_any_more_is_over_and_told_so() -> None:
    gone = tended(kept(done(begun()), at("gcp"), NOW + 60), NOW + 60)
    assert (gone[DRIFT].is_active, kinds(gone[DRIFT])) == (False, [("event", True), ("notice", True)])


def test_a_model_that_comes_back_to_git_is_not_proposed_anew() -> None:
    gone = done(tended(kept(done(begun()), at(), NOW + 60), NOW + 60))
    back = tended(observed(kept(gone, at("aws"), NOW + 120), "aws", "prod", [SEEN], NOW + 120), NOW + 120)
    assert (back[DRIFT].times, kinds(back[DRIFT])) == (2, [("event", False)])


def test_a_cause_is_forgotten_long_after_its_end() -> None:
    ended = over(done(begun()), NOW)
    assert kept(ended, at("aws"), NOW + MEMORY) == ended
    assert not kept(ended, at("aws"), NOW + MEMORY + QUIET + 1)


def test_a_clock_that_goes_back_holds_nothing_up() -> None:
    ahead = NOW + MEMORY
    began = done(begun(ahead), ahead)
    gone = observed(began, "aws", "prod", [], ahead)
    ended = observed(observed(gone, "aws", "prod", [], NOW), "aws", "prod", [], NOW + QUIET)
    assert not ended[DRIFT].is_active
    back = tended(observed(done(tended(ended)), "aws", "prod", [SEEN], NOW + 500), NOW + 500)
    assert ("notice", False) in kinds(back[DRIFT])
    late = answered(began[DRIFT], [Outcome(Errand(Kind.PULL), Result.LATER, "away")], ahead)
    assert due(late, NOW)


def test_a_pull_request_is_tried_for_a_day_since_a_forge_may_be_away_for_long() -> None:
    known, now = begun()[DRIFT], NOW
    while now < NOW + 86_000:
        known = answered(known, [Outcome(one, Result.LATER, "away") for one in due(known, now)], now)
        now += 60
    assert Kind.PULL in {one.kind for one in known.errands}
    for _ in range(20):
        now += 3600
        known = answered(known, [Outcome(one, Result.LATER, "away") for one in due(known, now)], now)
    assert (known.errands, known.result) == ((), "given-up")


def test_of_two_that_know_a_cause_the_one_that_knows_more_is_right() -> None:
    first, second = begun(), done(begun())
    one, two = ({cause: ledger.revised(before.get(cause), known) for cause, known in after.items()}
        for before, after in (({}, first), (first, second)))  # fmt: skip
    assert ledger.united(one, two) == ledger.united(two, one) == two


@pytest.mark.parametrize(
    ("wanted", "opens", "seen"),
    [(WANTED, False, [SEEN]), (Wanted("deprecate"), True, [SEEN]), (Wanted(), True, [SEEN]), (WANTED, True, [])],
    ids=["without the right", "another one is wanted", "none is wanted", "it is over"],
)
def test_a_pull_request_that_waits_is_not_opened_once_nobody_wants_it(
    wanted: Wanted, opens: bool, seen: list[Seen]
) -> None:
    known = begun()[DRIFT]
    waits = {DRIFT: answered(known, [Outcome(one, Result.LATER, "away") for one in known.errands], NOW)}
    later = observed(observed(waits, "aws", "prod", seen, NOW + 60), "aws", "prod", seen, NOW + 60 + QUIET)
    after = tend(later, {DRIFT: wanted}, NOW + 60 + QUIET, opens=opens)[DRIFT]
    assert after.action == ("deprecate" if wanted.action == "deprecate" else "")
    assert [one.tries for one in after.errands if one.kind is Kind.PULL] == ([0] if after.action else [])
    opened = answered(after, [Outcome(Errand(Kind.PULL), Result.DONE, url="u", done="opened")], NOW)
    back = tended(observed({DRIFT: opened}, "aws", "prod", [SEEN], NOW + 9000), NOW + 9000)
    assert ("pull", False) not in kinds(back[DRIFT])


def test_what_is_said_of_a_failure_is_short() -> None:
    known = answered(begun()[DRIFT], [Outcome(Errand(Kind.PULL), Result.LATER, "x" * 5000)], NOW)
    assert len(known.problem) <= 501


def test_what_is_kept_comes_back_as_it_was() -> None:
    ledger = over(begun(), NOW) | {STALE: replace(begun()[DRIFT], cause=STALE, url="u", problem="p", action="rollback")}
    assert stored.parsed(stored.plain(ledger)) == ledger
