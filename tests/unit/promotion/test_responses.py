from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlgitops.promotion.responses import Measured, Response, percentile


def test_what_was_measured_becomes_fields_of_evidence() -> None:
    responses = [Response(line=number % 2 + 1, seconds=number / 1000, answered=True) for number in range(1, 101)]
    responses[0] = Response(2, 0.001, answered=True, problem="wrong")
    responses.append(Response(1, 30.0, answered=False, problem="it took too long"))
    fields = Measured(tuple(responses), 10.0, 4).fields()
    assert fields["latency"] == {
        "p50": 50.0, "p95": 95.0, "p99": 99.0, "throughput": 10.0, "errorRate": pytest.approx(2 / 101, abs=1e-6),
        "requests": 101, "concurrency": 4,
    }  # fmt: skip
    assert fields["metrics"] == [{"name": "golden-agreement", "value": 0.0, "higherIsBetter": True}]


def test_where_nothing_was_answered_nothing_was_measured() -> None:
    measured = Measured((Response(1, 0.1, answered=False, problem="the server answered 503"),), 1.0, 1)
    with pytest.raises(ValueError, match="the model answered nothing: the server answered 503"):
        measured.fields()


def test_problems_are_told_once_with_their_number_and_first_line() -> None:
    measured = Measured(
        (Response(3, 0.1, True, "b"), Response(2, 0.1, True, "a"), Response(1, 0.1, True, "b"), Response(4, 0.1, True)),
        1.0, 1,
    )  # fmt: skip
    assert measured.problems == {"b": (2, 1), "a": (1, 2)}
    assert measured.agreement == 0.25


@given(st.lists(st.floats(0, 1e6), min_size=1), st.sampled_from([50, 95, 99]))
def test_so_many_values_do_not_exceed_a_percentile(values: list[float], share: int) -> None:
    found = percentile(sorted(values), share)
    assert found in values
    assert sum(value <= found for value in values) * 100 >= share * len(values)
