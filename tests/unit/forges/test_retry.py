"""When a request is sent again, and how long is waited."""

from __future__ import annotations

import pytest

from mlgitops.forges import retry
from mlgitops.forges.answer import Answer

NOW = 1_800_000_000.0


@pytest.mark.parametrize("status", [200, 201, 301, 400, 401, 404, 409, 422, 501])
def test_what_would_come_again_is_not_asked_again(status: int) -> None:
    assert retry.pause(Answer(status), True, 1, NOW) is None


@pytest.mark.parametrize("status", [0, 500, 502, 503, 504])
def test_a_passing_failure_is_asked_again_only_where_that_does_no_harm(status: int) -> None:
    assert retry.pause(Answer(status), True, 1, NOW) is not None
    assert retry.pause(Answer(status), False, 1, NOW) is None


@pytest.mark.parametrize("repeatable", [True, False])
@pytest.mark.parametrize(
    ("status", "headers", "seconds"),
    [
        (429, {"retry-after": "7"}, 7.0),
        (403, {"retry-after": "7"}, 7.0),
        (429, {"retry-after": "Fri, 15 Jan 2027 08:00:30 GMT"}, 30.0),
        (429, {"retry-after": "Fri, 15 Jan 2027 07:00:00 GMT"}, 0.0),
        (403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1800000090"}, 90.0),
        (429, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1799999990"}, 0.0),
    ],
)
def test_a_limit_is_waited_for_as_long_as_the_forge_says(
    status: int, headers: dict[str, str], seconds: float, repeatable: bool
) -> None:
    assert retry.pause(Answer(status, headers), repeatable, 1, NOW) == seconds


def test_a_secondary_limit_without_a_time_is_waited_for_a_minute() -> None:
    answer = Answer(403, {}, b'{"message": "You have exceeded a secondary rate limit. Please wait."}')
    assert retry.pause(answer, False, 1, NOW) == 60.0


def test_a_403_without_a_limit_is_no_limit() -> None:
    answer = Answer(403, {"x-ratelimit-remaining": "4999", "x-ratelimit-reset": "1800000090"}, b'{"message": "no"}')
    assert retry.pause(answer, True, 1, NOW) is None


@pytest.mark.parametrize("headers", [{"retry-after": "soon"}, {"retry-after": ""}, {"x-ratelimit-remaining": "0"}])
def test_a_time_that_cannot_be_read_is_the_usual_pause(headers: dict[str, str]) -> None:
    seconds = retry.pause(Answer(429, headers), False, 1, NOW)
    assert seconds is not None
    assert 0 < seconds <= retry.FIRST_PAUSE_SECONDS


@pytest.mark.parametrize("attempt", range(1, 40))
def test_pauses_double_up_to_a_bound(attempt: int) -> None:
    longest = min(retry.FIRST_PAUSE_SECONDS * 2 ** (attempt - 1), retry.LONGEST_PAUSE_SECONDS)
    assert longest / 2 <= retry.backoff(attempt) <= longest
