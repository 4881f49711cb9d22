from __future__ import annotations

import pytest

from mlgitops.spec.versions import at_least


@pytest.mark.parametrize(
    ("installed", "wanted", "answer"),
    [
        ("3.6.0", "3.6", True),
        ("3.10.1", "3.6", True),
        ("4.0.0", "3.6", True),
        ("3.5.99", "3.6", False),
        ("2.9.9", "3.6", False),
        ("2.2.0-rc.1", "2.2", True),
        (None, "1.0", False),
    ],
)
def test_versions_compare_by_number_and_not_by_text(installed: str | None, wanted: str, answer: bool) -> None:
    assert at_least(installed, wanted) is answer
