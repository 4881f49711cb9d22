from __future__ import annotations

import pytest

from mlgitops.report.age import age

NOW = "2026-01-10T12:00:00Z"


@pytest.mark.parametrize(
    ("since", "word"),
    [
        ("2026-01-10T11:59:59Z", "1s"),
        ("2026-01-10T12:00:00Z", "0s"),
        ("2026-01-10T11:01:00Z", "59m"),
        ("2026-01-10T12:30:00+02:00", "1h"),
        ("2026-01-09T11:59:59.123456Z", "1d"),
        ("2025-01-10T12:00:00Z", "365d"),
        ("2026-01-10T12:00:01Z", "0s"),
        ("2026-01-10T11:00:00", "1h"),
        ("", ""),
        ("yesterday", ""),
    ],
)
def test_the_age_is_one_short_word(since: str, word: str) -> None:
    assert age(since, NOW) == word
