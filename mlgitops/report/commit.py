"""A commit in the words of a report. Pure."""

from __future__ import annotations

SHORT = 12
"""Characters of an id that are shown."""


def named(commit: str) -> str:
    """``3f9c2ab4d5e6``, and that files differed from it where ``commit`` ends in ``-dirty``; empty where it is."""
    known, _, dirty = commit.partition("-")
    return f"{known[:SHORT]} and uncommitted changes" if dirty else known[:SHORT]
