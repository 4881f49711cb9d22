"""A gateway that shares requests out as an HTTPRoute of a real API server says, and people who send it requests.

with ModelRelease("1.0") as stable, ModelRelease("1.1") as new:
    gateway = Gateway(plane.api, route, {"iris-predictor": stable, "iris-canary-predictor": new})
    with Load(gateway, 100):
        ...

It reads the route anew for each request that comes later than ``FRESH_SECONDS`` after the last reading. Shares are
exact: smooth weighted round robin, so that of any hundred requests in a row as many come to a backend as its weight
says, give or take one. What has no rule, or no backend that is there, is an error of the gateway's, as the Gateway API
has it.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Mapping
from typing import Any, Self

from tests.testbed.api import Api, ApiError
from tests.testbed.model_release import ModelRelease

FRESH_SECONDS = 0.05
NOBODY = "nobody"
"""Who answers where there is no backend."""


class Gateway:
    """``sent`` counts requests by the backend they went to, ``copied`` the copies, ``refused`` what met nobody.

    ``backends`` are releases by the name of their Service; more may come and go.
    """

    def __init__(self, api: Api, route: Mapping[str, Any], backends: Mapping[str, ModelRelease]) -> None:
        self.backends = dict(backends)
        self.sent: Counter[str] = Counter()
        self.copied: Counter[str] = Counter()
        self.weights: list[dict[str, int]] = []
        """Each sharing out that it ever had, in order."""
        self._api, self._route = api, route
        self._credit: Counter[str] = Counter()
        self._owed: Counter[str] = Counter()
        self._rule: Mapping[str, Any] = {}
        self._read_at = 0.0

    @property
    def refused(self) -> int:
        """Requests that nobody could take."""
        return self.sent[NOBODY]

    def request(self) -> bool:
        """One request; whether it was answered well."""
        if time.monotonic() > self._read_at + FRESH_SECONDS:
            self._read()
        self._copy()
        name = self._chosen(weights_of(self._rule))
        self.sent[name] += 1
        return name != NOBODY and self.backends[name].answer()

    def _read(self) -> None:
        try:
            self._rule = self._api.read(self._route)["spec"]["rules"][-1]
        except ApiError as error:
            if error.status != 404:
                raise
            self._rule = {}
        self._read_at = time.monotonic()
        weights = weights_of(self._rule)
        if not self.weights or self.weights[-1] != weights:
            self.weights.append(weights)
            self._credit.clear()

    def _chosen(self, weights: Mapping[str, int]) -> str:
        if not sum(weights.values()):
            return NOBODY
        self._credit.update(weights)
        name = max(weights, key=lambda one: self._credit[one])
        self._credit[name] -= sum(weights.values())
        return name if name in self.backends else NOBODY

    def _copy(self) -> None:
        for one in self._rule.get("filters", ()):
            if one["type"] == "RequestMirror":
                mirror = one["requestMirror"]
                self._copy_to(mirror["backendRef"]["name"], mirror.get("percent", 100))

    def _copy_to(self, name: str, percent: int) -> None:
        self._owed[name] += percent
        if self._owed[name] >= 100 and name in self.backends:
            self._owed[name] -= 100
            self.copied[name] += 1
            self.backends[name].answer()


def weights_of(rule: Mapping[str, Any]) -> dict[str, int]:
    """The weight of each backend of a rule; 1 where it says none."""
    return {one["name"]: one.get("weight", 1) for one in rule.get("backendRefs", ())}


class Load:
    """``rate`` requests a second, as evenly as the machine lets it, while the ``with`` block lasts.

    A machine that is late sends what it owes at once, so that the count is right; ``failed`` of ``count`` got no
    answer.
    """

    def __init__(self, gateway: Gateway, rate: float) -> None:
        self.count = self.failed = 0
        self._gateway, self._rate = gateway, rate
        self._over = threading.Event()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._over.set()
        self._thread.join()
        if self._error is not None and error[0] is None:
            raise self._error

    def _run(self) -> None:
        began = time.monotonic()
        try:
            while not self._over.wait(1 / self._rate):
                while self.count < (time.monotonic() - began) * self._rate and not self._over.is_set():
                    self.count += 1
                    self.failed += not self._gateway.request()
        except BaseException as broken:
            self._error = broken
