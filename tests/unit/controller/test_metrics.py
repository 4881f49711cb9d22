"""Metrics say how each target stands, under names that stay, with labels whose number is bounded."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest
from prometheus_client.parser import text_string_to_metric_families

from mlgitops import __version__
from mlgitops.controller.metrics import COUNTER, DEFINITIONS, GAUGE, HISTOGRAM, Fetch, Metrics
from mlgitops.controller.state import Key, Result, State, TargetState, Word
from mlgitops.controller.waves import Wave
from mlgitops.controller.webhook import Verdict
from mlgitops.response.cause import Cause, Signal
from mlgitops.response.errands import Errand, Kind, Outcome
from mlgitops.response.errands import Result as Done
from mlgitops.response.ledger import Known

DOCUMENT = Path(__file__).resolve().parents[3] / "docs/controller-metrics.md"
AWS, GCP = Key("prod", "aws-prod"), Key("prod", "gcp-prod")
NOW = 1_800_000_000.0
Samples = Mapping[tuple[str, tuple[tuple[str, str], ...]], float]


class Scraped:
    """A controller's metrics on a clock of the test's own, as Prometheus reads them."""

    def __init__(self) -> None:
        self.now = NOW
        self.metrics = Metrics(lambda: self.now)

    def samples(self) -> Samples:
        text = self.metrics.exposition("")[0].decode()
        return {
            (sample.name, tuple(sorted(sample.labels.items()))): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }

    def of(self, name: str, **labels: str) -> float | None:
        return self.samples().get((name, tuple(sorted(labels.items()))))

    def of_target(self, name: str, key: Key = AWS, **labels: str) -> float | None:
        return self.of(name, environment=key.environment, target=key.target, **labels)


@pytest.fixture
def scraped() -> Scraped:
    return Scraped()


def target(word: Word, commit: str = "c1", **rest: object) -> TargetState:
    return TargetState(result=Result(word, commit=commit), **rest)  # type: ignore[arg-type]


def state(commit: str = "c1", committed: float = NOW, **targets: TargetState) -> State:
    named = {"aws": AWS, "gcp": GCP}
    return State(commit, committed, targets=MappingProxyType({named[name]: one for name, one in targets.items()}))


def test_the_documentation_is_what_there_is(request: pytest.FixtureRequest) -> None:
    rows = ["| metric | kind | labels | says |", "|---|---|---|---|"]
    rows += [
        f"| `{one.exposed}` | {one.kind} | {', '.join(f'`{label}`' for label in one.labels)} | {one.says} |"
        for one in DEFINITIONS
    ]
    text = DOCUMENT.read_text(encoding="utf-8")
    start, end = "<!-- metrics -->\n", "<!-- /metrics -->"
    head, rest = text.split(start)
    _, tail = rest.split(end)
    made = f"{head}{start}\n{chr(10).join(rows)}\n\n{end}{tail}"
    if request.config.getoption("--update-goldens"):
        DOCUMENT.write_text(made, encoding="utf-8")
    assert text == made or request.config.getoption("--update-goldens"), "write it anew with --update-goldens"


def test_the_documentation_names_every_word_and_no_metric_that_there_is_not() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    for words in (Word, Fetch, Verdict):
        *others, last = [f"`{word}`" for word in words]
        assert f"{', '.join(others)} and {last}" in re.sub(r"\s+", " ", text)
    exposed = {one.exposed for one in DEFINITIONS}
    assert set(re.findall(r"\bmlgitops_\w+", text)) <= exposed


def test_names_keep_to_the_conventions() -> None:
    for one in DEFINITIONS:
        assert re.fullmatch(r"mlgitops_[a-z_]+[a-z]", one.name)
        assert not one.name.endswith("_total")
        assert one.kind in {COUNTER, GAUGE, HISTOGRAM}
        assert "_seconds" in one.name or not re.search(r"second|duration", one.name)
        assert set(one.labels) <= {"environment", "target", "model", "result", "phase", "version", "signal", "kind"}
        assert one.says.endswith(".")
        assert bool(one.bounds) == (one.kind == HISTOGRAM)
    assert len({one.name for one in DEFINITIONS}) == len(DEFINITIONS)


def test_what_is_scraped_is_what_is_defined(scraped: Scraped) -> None:
    scraped.metrics.observe(state(aws=target(Word.IN_SYNC)), {})
    scraped.metrics.attempted(AWS, TargetState(), target(Word.IN_SYNC), 1)
    families = text_string_to_metric_families(scraped.metrics.exposition("")[0].decode())
    own = {(one.name, one.type) for one in families if one.name.startswith("mlgitops_")}
    assert own == {(one.name, one.kind) for one in DEFINITIONS}


def test_before_anything_happened_what_can_be_counted_is_zero(scraped: Scraped) -> None:
    assert scraped.of("mlgitops_build_info", version=__version__) == 1
    assert scraped.of("mlgitops_git_fetches_total", result="failed") == 0
    assert scraped.of("mlgitops_webhook_deliveries_total", result="unsigned") == 0
    assert scraped.of("process_resident_memory_bytes")
    assert not [name for name, _ in scraped.samples() if name.endswith("_created")]


def test_a_target_has_one_result_at_a_time(scraped: Scraped) -> None:
    for word in (Word.FAILED, Word.APPLIED):
        scraped.metrics.observe(state(aws=target(word)), {AWS: 7})
        values = {one: scraped.of_target("mlgitops_target_result", result=one) for one in Word}
        assert values == {one: float(one is word) for one in Word}
    assert scraped.of_target("mlgitops_target_objects") == 7


def test_drift_failures_and_the_last_success_are_told(scraped: Scraped) -> None:
    result = Result(Word.DRIFTED, commit="c1", drifted=3, pending=5)
    scraped.metrics.observe(state(aws=TargetState(result=result, failures=2, succeeded=NOW - 60)), {})
    assert scraped.of_target("mlgitops_target_drifted_objects") == 3
    assert scraped.of_target("mlgitops_target_pending_objects") == 5
    assert scraped.of_target("mlgitops_target_failures") == 2
    assert scraped.of_target("mlgitops_target_last_success_timestamp_seconds") == NOW - 60


def test_the_lag_grows_from_when_the_commit_was_seen_until_it_is_there(scraped: Scraped) -> None:
    lag = "mlgitops_target_git_lag_seconds"
    scraped.metrics.observe(state(aws=target(Word.IN_SYNC)), {})
    scraped.now += 100
    assert scraped.of_target(lag) == 0
    scraped.metrics.observe(state("c2", scraped.now, aws=target(Word.IN_SYNC)), {})
    scraped.now += 30
    assert scraped.of_target(lag) == 30
    scraped.metrics.observe(state("c3", scraped.now, aws=target(Word.FAILED, "c3")), {})
    scraped.now += 30
    assert scraped.of_target(lag) == 60
    scraped.metrics.observe(state("c3", scraped.now, aws=target(Word.APPLIED, "c3")), {})
    assert scraped.of_target(lag) == 0


def test_what_drifted_after_it_was_applied_is_not_behind_git(scraped: Scraped) -> None:
    drifted = TargetState(result=Result(Word.DRIFTED, commit="c1", applied="c1", drifted=1))
    scraped.metrics.observe(state(aws=drifted), {})
    scraped.now += 30
    assert scraped.of_target("mlgitops_target_git_lag_seconds") == 0


def test_a_clock_that_goes_back_gives_no_negative_lag(scraped: Scraped) -> None:
    scraped.metrics.observe(state(aws=target(Word.FAILED)), {})
    scraped.now -= 3600
    assert scraped.of_target("mlgitops_target_git_lag_seconds") == 0


def test_attempts_are_counted_with_what_they_came_to(scraped: Scraped) -> None:
    failed = target(Word.UNREACHABLE, failures=1)
    scraped.metrics.attempted(AWS, TargetState(), failed, 0.2)
    scraped.metrics.attempted(AWS, failed, TargetState(result=Result(Word.APPLIED, written=4)), 40)
    scraped.metrics.attempted(AWS, failed, TargetState(), 40)
    assert scraped.of_target("mlgitops_reconciles_total", result="unreachable") == 1
    assert scraped.of_target("mlgitops_reconciles_total", result="applied") == 1
    assert scraped.of_target("mlgitops_list_errors_total") == 1
    assert scraped.of_target("mlgitops_reconcile_retries_total") == 1
    assert scraped.of_target("mlgitops_objects_written_total") == 4
    assert scraped.of_target("mlgitops_reconcile_duration_seconds_count") == 2
    assert scraped.of_target("mlgitops_reconcile_duration_seconds_bucket", le="0.25") == 1


def test_a_target_that_is_gone_leaves_nothing(scraped: Scraped) -> None:
    both = state(aws=target(Word.IN_SYNC), gcp=target(Word.IN_SYNC))
    scraped.metrics.observe(both, {AWS: 1, GCP: 1})
    for key in (AWS, GCP):
        scraped.metrics.attempted(key, TargetState(), target(Word.IN_SYNC), 1)
    scraped.metrics.observe(state(gcp=target(Word.IN_SYNC)), {GCP: 1})
    assert not [labels for _, labels in scraped.samples() if ("target", "aws-prod") in labels]
    assert scraped.of_target("mlgitops_reconcile_duration_seconds_count", GCP) == 1
    scraped.metrics.observe(state(), {})
    assert not [labels for _, labels in scraped.samples() if ("environment", "prod") in labels]


def test_the_number_of_series_does_not_grow_with_names_that_come_and_go(scraped: Scraped) -> None:
    sizes = set()
    for number in range(20):
        key = Key("prod", f"target-{number}")
        scraped.metrics.observe(State("c1", NOW, targets=MappingProxyType({key: target(Word.IN_SYNC)})), {key: 1})
        scraped.metrics.attempted(key, TargetState(), target(Word.IN_SYNC), 1)
        sizes.add(len(scraped.samples()))
    assert len(sizes) == 1


def test_environments_that_are_broken_or_whose_rollout_stopped_are_told(scraped: Scraped) -> None:
    wave = Wave("digest", failures=MappingProxyType({"aws-prod": "not ready"}))
    whole = replace(
        state(aws=target(Word.FAILED)),
        waves=MappingProxyType({"prod": wave}),
        broken=MappingProxyType({"dev": "models/iris.yaml:3:1: wrong"}),
    )
    scraped.metrics.observe(whole, {})
    assert scraped.of("mlgitops_environment_broken", environment="dev") == 1
    assert scraped.of("mlgitops_environment_broken", environment="prod") == 0
    assert scraped.of("mlgitops_rollout_stopped", environment="prod") == 1
    scraped.metrics.observe(state(aws=target(Word.APPLIED)), {})
    assert scraped.of("mlgitops_rollout_stopped", environment="prod") == 0
    assert scraped.of("mlgitops_environment_broken", environment="dev") is None


def test_git_cycles_and_webhooks_are_counted(scraped: Scraped) -> None:
    scraped.metrics.fetched(Fetch.REFUSED)
    assert scraped.of("mlgitops_git_head_refused") == 1
    scraped.now += 60
    scraped.metrics.fetched(Fetch.FAILED)
    assert scraped.of("mlgitops_git_last_success_timestamp_seconds") == NOW
    assert scraped.of("mlgitops_git_head_refused") == 1
    scraped.metrics.fetched(Fetch.UNCHANGED)
    assert scraped.of("mlgitops_git_head_refused") == 0
    scraped.metrics.cycle_began()
    scraped.metrics.cycle_ended(3)
    assert scraped.of("mlgitops_cycle_last_start_timestamp_seconds") == NOW + 60
    assert scraped.of("mlgitops_cycle_duration_seconds_sum") == 3
    scraped.metrics.delivered(Verdict.UNSIGNED)
    assert scraped.of("mlgitops_webhook_deliveries_total", result="unsigned") == 1


def test_a_replica_that_does_not_lead_tells_nothing_of_targets(scraped: Scraped) -> None:
    scraped.metrics.leads(True)
    scraped.metrics.observe(state(aws=target(Word.IN_SYNC)), {})
    assert scraped.of("mlgitops_leader") == 1
    scraped.metrics.leads(False)
    scraped.metrics.observe(state(aws=target(Word.IN_SYNC)), {})
    assert scraped.of("mlgitops_leader") == 0
    assert not [labels for _, labels in scraped.samples() if ("environment", "prod") in labels]


def test_two_controllers_in_one_process_do_not_mix() -> None:
    first, second = Scraped(), Scraped()
    first.metrics.fetched(Fetch.ADVANCED)
    assert second.of("mlgitops_git_fetches_total", result="advanced") == 0


def test_a_signal_is_there_while_it_is_seen_and_goes_with_its_model(scraped: Scraped) -> None:
    cause = Cause(Signal.DRIFT, "prod", "iris", "1.0", "ModelDataDrift")
    labels = {"environment": "prod", "model": "iris", "version": "1.0", "signal": "drift"}
    for known, value in ((Known(cause, NOW), 1.0), (Known(cause, NOW, ended=NOW), 0.0)):
        scraped.metrics.observe(replace(state(), responses={cause: known}), {})
        assert scraped.of("mlgitops_signal_active", **labels) == value
    scraped.metrics.observe(state(), {})
    assert scraped.of("mlgitops_signal_active", **labels) is None


def test_what_was_done_about_a_signal_is_counted_and_looks_are_dated(scraped: Scraped) -> None:
    cause = Cause(Signal.DRIFT, "prod", "iris", "1.0", "ModelDataDrift")
    scraped.metrics.responded(cause, Outcome(Errand(Kind.NOTICE, "chat"), Done.GIVEN_UP))
    scraped.metrics.watched(AWS)
    labels = {"environment": "prod", "model": "iris", "signal": "drift", "kind": "notice", "result": "given-up"}
    assert scraped.of("mlgitops_responses_total", **labels) == 1
    assert scraped.of_target("mlgitops_signal_last_success_timestamp_seconds") == NOW
