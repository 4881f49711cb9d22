"""Comparing component versions, as a Target declares them. Pure."""

from __future__ import annotations

import re


def at_least(installed: str | None, wanted: str) -> bool:
    """Whether a ``ComponentVersion`` is ``wanted`` (``"3.6"``) or newer; what is not installed never is.

    Compares major and minor only: a pre-release has the fields of its release.
    """
    return installed is not None and _major_minor(installed) >= _major_minor(wanted)


def _major_minor(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version)[:2])
