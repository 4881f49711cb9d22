"""Draws a project: the way of a release, or what depends on what. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mlgitops.errors import MlgitopsError
from mlgitops.finding import Finding, Severity
from mlgitops.plan.asked import Asked
from mlgitops.report.graph import dependencies, promotion
from mlgitops.report.graph.drawing import Drawing
from mlgitops.spec.project_files import what_there_is
from mlgitops.spec.resolve import Resolution
from mlgitops.workflows.project import Opened, choose_environments
from mlgitops.workflows.render import checked

What = Literal["promotion", "dependencies"]


@dataclass(frozen=True)
class Drawn:
    """The drawing, and the errors because of which something may be left out of it."""

    drawing: Drawing
    errors: tuple[Finding, ...]


def draw(opened: Opened, what: What, asked: Asked) -> Drawn:
    """The drawing of the environments asked for. What cannot be read is left out, and its errors are in the result.

    Raises ``MlgitopsError`` for an environment, target or model that is not there.
    """
    resolutions: list[Resolution] = []
    errors: list[Finding] = []
    for environment in choose_environments(opened, asked.environments):
        resolution, findings = checked(opened.source, environment, opened.cache)
        resolutions.append(resolution)
        errors += [one for one in findings if one.severity is Severity.ERROR]
    _known("target", asked.targets, {name for one in resolutions for name in one.targets})
    _known("model", asked.models, {name for one in resolutions for name in one.model_names})
    if what == "promotion":
        return Drawn(promotion.drawing(resolutions, asked.models), tuple(dict.fromkeys(errors)))
    return Drawn(dependencies.drawing(resolutions, asked), tuple(dict.fromkeys(errors)))


def _known(kind: str, names: tuple[str, ...], known: set[str]) -> None:
    for name in names:
        if name not in known:
            raise MlgitopsError(
                f"there is no {kind} '{name}' in these environments",
                help=what_there_is(name, sorted(known), f"{kind}s"),
            )
