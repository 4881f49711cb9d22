from __future__ import annotations

import pytest

from mlgitops.report.commit import named

COMMIT = "3f9c2ab4d5e6f7a8b9c0d1e2f3a4b5c6d7e8f9a0"


@pytest.mark.parametrize(
    ("commit", "said"),
    [(COMMIT, "3f9c2ab4d5e6"), (f"{COMMIT}-dirty", "3f9c2ab4d5e6 and uncommitted changes"), ("", "")],
)
def test_a_commit_is_named_with_whether_files_differ_from_it(commit: str, said: str) -> None:
    assert named(commit) == said
