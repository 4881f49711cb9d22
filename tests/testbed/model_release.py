"""A release of a model that answers requests as a test says, and counts them as KServe's Python server does.

A request whose prediction fails is preprocessed and never postprocessed (KServe v0.17.0, ``Model.__call__``). Durations
are told, not slept: what is tested is what becomes of the figures.
"""

from __future__ import annotations

from random import Random
from typing import Self

from mlgitops.check.indicators import BOUNDS_SECONDS
from tests.testbed.exporter import Exporter

SCORE = "prediction_score"
"""The histogram of what it predicts, from 0 to 1."""
SCORE_BOUNDS = tuple(one / 10 for one in range(1, 10))


class ModelRelease:
    """One version, whose metrics are at ``exporter.address`` while the ``with`` block lasts.

    ``errors`` is the share of requests that fail, from 0 to 1, ``latency`` the seconds that each takes, ``score`` the
    middle of what is predicted. ``answered`` and ``failed`` count the requests. The same ``seed`` fails the same ones.
    """

    def __init__(self, version: str, errors: float = 0.0, latency: float = 0.02, score: float = 0.3, seed: int = 1):
        self.version = version
        self.errors, self.latency, self.score = errors, latency, score
        self.answered = self.failed = 0
        self.exporter = Exporter()
        self._chance = Random(seed)  # noqa: S311 - no secret
        self._owed = 0.0

    @property
    def met(self) -> int:
        """How many requests came to it."""
        return self.answered + self.failed

    def __enter__(self) -> Self:
        self.exporter.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self.exporter.__exit__(None, None, None)

    def answer(self) -> bool:
        """Takes one request; whether it was answered. Errors come evenly, so that shares are exact."""
        self._observe("request_preprocess_seconds", 0.001)
        self._observe("request_predict_seconds", self.latency)
        self._owed += self.errors
        if self._owed >= 1 - 1e-9:
            self._owed -= 1
            self.failed += 1
            return False
        self._observe("request_postprocess_seconds", 0.001)
        predicted = min(1.0, max(0.0, self._chance.gauss(self.score, 0.1)))
        self.exporter.observe(SCORE, predicted, SCORE_BOUNDS)
        self.answered += 1
        return True

    def _observe(self, name: str, seconds: float) -> None:
        self.exporter.observe(name, seconds, BOUNDS_SECONDS, model_name="model")
