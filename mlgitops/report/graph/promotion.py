"""The way of a release: environments in the order in which a release travels, and what lets it in. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mlgitops.report.graph.drawing import MISSING, Arrow, Box, Drawing, key_of
from mlgitops.spec.promotion import Gate, Promotion
from mlgitops.spec.resolve import Resolution

MOST_GATES = 4
"""Gates that are named in a box; of more, their number."""


def drawing(resolutions: Sequence[Resolution], models: Sequence[str] = ()) -> Drawing:
    """Environments, in the project's order. With ``models``, the release of each in every environment."""
    boxes = [Box("environment", one.environment, tuple(_details(one, models))) for one in resolutions]
    known = {one.environment for one in resolutions}
    ways = [(source, one.environment) for source, one in zip(_sources(resolutions), resolutions, strict=True) if source]
    missing = [Box("environment", source, (MISSING,)) for source, _ in ways if source not in known]
    arrows = [Arrow(key_of("environment", source), key_of("environment", to), "promotes to") for source, to in ways]
    return Drawing("How a release travels", (*boxes, *dict.fromkeys(missing)), tuple(arrows))


def _sources(resolutions: Sequence[Resolution]) -> Iterator[str]:
    """The environment that each takes releases from: the one that it names, or the one before; empty for the first."""
    before = ""
    for one in resolutions:
        yield _promotion(one).from_ or before
        before = one.environment


def _promotion(resolution: Resolution) -> Promotion:
    return resolution.spec.spec.promotion if resolution.spec else Promotion()


def _details(resolution: Resolution, models: Sequence[str]) -> Iterator[str]:
    pipelines = len({pipeline.name for pipeline in resolution.pipelines})
    if models:
        yield from (_release(resolution, model) for model in models)
    else:
        yield f"{_count(len(resolution.model_names), 'model')}, {_count(pipelines, 'pipeline')}"
    yield f"at {', '.join(resolution.targets) or 'no target'}"
    promotion = _promotion(resolution)
    if promotion.gates:
        yield from _gates(promotion.gates)
    if promotion.windows:
        yield _count(len(promotion.windows), "window")
    if promotion.freezes:
        yield _count(len(promotion.freezes), "freeze")


def _release(resolution: Resolution, model: str) -> str:
    if model not in resolution.model_names:
        return f"{model}: {MISSING}"
    versions = sorted({one.spec.release.version for one in resolution.models if one.name == model})
    return f"{model} {', '.join(versions) or 'cannot be read'}"


def _gates(gates: Sequence[Gate]) -> Iterator[str]:
    if len(gates) > MOST_GATES:
        yield f"{len(gates)} gates"
    else:
        yield from (f"gate {gate.title}" + " (warns)" * (gate.level == "warn") for gate in gates)


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'s' * (number != 1)}"
