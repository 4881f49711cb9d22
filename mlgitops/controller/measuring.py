"""Looks at both releases of a rollout at its targets: whether the new one is ready, and what Prometheus says of both.

Never raises: what cannot be read is a judgement that nobody can tell.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import nan

from mlgitops.controller.goals import Goal
from mlgitops.controller.stepping import Due, Site
from mlgitops.errors import MlgitopsError
from mlgitops.inference.prometheus import Prometheus
from mlgitops.manifest import Identity
from mlgitops.plan.health import State, health
from mlgitops.progressive.analysis import WELL, Counts, Judgement, Reading, Verdict, judge, stability_index, worst
from mlgitops.progressive.progress import exposure
from mlgitops.progressive.terms import Analysis, Measure, Server, Terms
from mlgitops.targets import Connection, is_rendered
from mlgitops.workflows.sites import reason

SECONDS = 10.0
"""How long one query may take."""
LONGEST_LOOK = 120.0
"""How long looking at a rollout may take, at all of its targets together."""
LONGEST_REASON = 500
"""Characters that are kept of why it is judged so, since a part of it is in words of others."""


def look(due: Due, connect: Callable[[Goal], Connection], variables: Mapping[str, str]) -> Judgement:
    """What both releases do at the targets of a rollout, up to the first at which the new one does badly."""
    found: list[Judgement] = []
    for site in due.sites:
        found.append(_at(site, due, connect, variables))
        if found[-1].verdict is Verdict.FAIL:
            break
    return worst(found)


def _at(site: Site, due: Due, connect: Callable[[Goal], Connection], variables: Mapping[str, str]) -> Judgement:
    name, progress = site.goal.key.target, due.progress
    is_asked = exposure(progress, site.terms).weight > 0 and site.goal.key in due.deployed
    try:
        judgement = _readiness(site, connect(site.goal), is_asked=is_asked)
        if judgement.verdict is Verdict.PASS and site.terms.analysis is not None and progress.phase == "stepping":
            judgement = _measured(site.terms, site.terms.analysis, variables)
    except MlgitopsError as error:
        judgement = Judgement(Verdict.UNKNOWN, reason(error))
    except Exception as error:  # a fault of ours must not expose anybody
        judgement = Judgement(Verdict.UNKNOWN, f"internal error: {type(error).__name__}")
    told = f"{name}: {judgement.reason}"[:LONGEST_REASON] if judgement.reason else ""
    readings = tuple(Reading(f"{name}/{one.name}", one.new, one.stable) for one in judgement.readings)
    return Judgement(judgement.verdict, told, readings)


def _readiness(site: Site, connection: Connection, *, is_asked: bool) -> Judgement:
    """Whether the new release is ready: where it is not, those who are sent to it get no answer."""
    if is_rendered(site.goal.target.connection):
        return WELL  # of files nobody knows whether they run: what is measured has to tell
    one = _instance(site)
    found = connection.live([one], exact=True).get(one)
    bad = Verdict.FAIL if is_asked else Verdict.UNKNOWN
    if found is None:
        return Judgement(bad, f"there is no {one.name}")
    told = health(found.manifest, site.goal.policy.rules)
    if told.state in (State.FAILED, State.PROGRESSING):
        return Judgement(bad, f"{one.name} is not ready: {told.reason}")
    return WELL


def _instance(site: Site) -> Identity:
    """The InferenceService of the new release."""
    wanted = ("InferenceService", site.terms.instance)
    return next(one for one in site.goal.contents if (one.kind, one.name) == wanted)


def _measured(terms: Terms, analysis: Analysis, variables: Mapping[str, str]) -> Judgement:
    """What Prometheus says of both. Raises ``MlgitopsError`` where it gives no answer."""
    ask = _Asking(_prometheus(terms.server, variables))
    readings = [ask.reading(measure, analysis.requests) for measure in analysis.measures]
    is_relative = any(measure.is_relative for measure in analysis.measures)
    beside = ask.number(analysis.beside) if is_relative else None
    return judge(analysis, Counts(ask.number(analysis.counted), beside, ask.number(analysis.age)), readings)


def _prometheus(server: Server | None, variables: Mapping[str, str]) -> Prometheus:
    if server is None:
        raise MlgitopsError("the target does not say where its Prometheus is", help="Add spec.prometheus.url to it.")
    token = variables.get(server.token_from, "") if server.token_from else ""
    return Prometheus(server.url, variables, token, SECONDS)


class _Asking:
    def __init__(self, server: Prometheus) -> None:
        self._server = server

    def number(self, expression: str) -> float | None:
        """The one value of an expression; None where there is none, and no number where there are several."""
        found = self._server.query(expression)
        if len(found) > 1:
            return nan
        return found[0].value if found else None

    def reading(self, measure: Measure, requests: int) -> Reading:
        """What one measure is of both releases."""
        if measure.histogram:
            index = stability_index(self._buckets(measure.new), self._buckets(measure.stable), requests)
            return Reading(measure.name, index)
        stable = self.number(measure.stable) if measure.is_relative else None
        return Reading(measure.name, self.number(measure.new), stable)

    def _buckets(self, expression: str) -> dict[float, float]:
        return {float(one.labels["le"]): one.value for one in self._server.query(expression) if "le" in one.labels}
