"""What leads to a model at the environment's targets as they are now, whoever made it. Reads only.

How many requests come, nobody here knows: that is in the team's metrics.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlgitops.errors import NotAuthorisedError, TargetError
from mlgitops.promotion.references import ROUTES, addresses, referrers
from mlgitops.workflows.promotion.base import Base

if TYPE_CHECKING:
    from mlgitops.render.rendering import TargetRendering

_OFFLINE = "See that it can be read, or go by Git alone with --offline."


@dataclass(frozen=True, slots=True)
class Looked:
    """What leads to the model at one target, in words; ``note`` says how it was looked at where nothing does."""

    target: str
    found: tuple[str, ...]
    note: str


def look(base: Base, environment: str, model: str) -> list[Looked]:
    """What leads to a model at each target that serves it.

    Raises ``TargetError`` or ``NotAuthorisedError`` where a cluster cannot be read.
    """
    from mlgitops.workflows.render import render_environment

    rendering = render_environment(base.opened.source, environment, base.opened.cache)
    return [looked for target in rendering.targets if (looked := _at(base, target, model))]


def _at(base: Base, target: TargetRendering, model: str) -> Looked | None:
    reached = addresses(target.manifests, model)
    settings = target.connection.get("kubernetes")
    if not reached:
        return None
    if settings is None:
        return Looked(target.target, (), f"{target.target} is files: what leads to it from there is not known")
    from mlgitops.targets.kubernetes.routes import found_in

    namespaces = sorted({address.namespace for address in reached})
    try:
        manifests, everywhere = found_in(settings, base.opened.root, ROUTES, namespaces)
    except (TargetError, NotAuthorisedError) as error:
        kind = NotAuthorisedError if isinstance(error, NotAuthorisedError) else TargetError
        told = f"what leads to {model} at {target.target} cannot be told: {error.message}"
        raise kind(told, help=_OFFLINE) from error
    where = "" if everywhere else f" in {', '.join(namespaces)}; other namespaces may not be read"
    found = tuple(f"at {target.target} {one} leads to it" for one in referrers(manifests, model, reached))
    return Looked(target.target, found, f"{target.target}: no route, graph or InferenceService leads to it{where}")
