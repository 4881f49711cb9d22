from __future__ import annotations

import re

from mlgitops.page.plot import HEIGHT, LEFT, TOP, WIDTH, line_plot, timeline
from mlgitops.promotion.history import Event


def circles(svg: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)"', svg)]


def test_a_larger_value_is_higher_and_a_later_one_further_right() -> None:
    (x1, y1), (x2, y2), (x3, y3) = circles(line_plot("accuracy", [("1", 0.5), ("2", 0.9), ("3", 0.7)]))
    assert x1 < x2 < x3
    assert y2 < y3 < y1
    assert (x1, y2) == (LEFT, TOP)


def test_it_says_its_values_to_who_does_not_see_them() -> None:
    assert 'aria-label="accuracy: 1.0 0.5, 2.0 0.25"' in line_plot("accuracy", [("1.0", 0.5), ("2.0", 0.25)])


def test_odd_values_stay_within_the_picture() -> None:
    for values in ([1.0], [2.0, 2.0], [-1e308, 1e308], [float("nan"), 1.0, float("inf")], [5e-324, 0.0], []):
        made = line_plot("m", [(str(n), value) for n, value in enumerate(values)])
        assert "nan" not in made
        assert "inf" not in made
        assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in circles(made))


def test_each_environment_has_a_lane_and_each_release_a_mark_in_it() -> None:
    events = [
        Event("iris", "dev", "1", "2025-01-01T00:00:00Z", "c", "release"),
        Event("iris", "prod", "1", "2025-02-01T00:00:00Z", "c", "promote"),
        Event("iris", "prod", "", "2025-03-01T00:00:00+01:00", "c"),
        Event("iris", "prod", "2", "yesterday", "c"),
    ]
    made = timeline(events, ["dev", "staging", "prod"])
    (x1, y1), (x2, y2), (x3, y3) = circles(made)
    assert x1 < x2 < x3
    assert y1 < y2 == y3
    assert ">staging<" not in made
    assert "2025-01-01" in made


def test_without_a_release_it_says_so() -> None:
    assert timeline([], ["dev"]) == "<p>No release is in the history yet.</p>"
