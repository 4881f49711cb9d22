"""A rendering: the manifests of one environment, target by target, and what was found on the way. Frozen data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import orjson

from mlgitops.capacity import terms
from mlgitops.capacity.terms import NO_TERMS, Budget, Terms
from mlgitops.finding import Finding
from mlgitops.manifest import ANNOTATION_SOURCE_COMMIT, Manifest, digest
from mlgitops.progressive import terms as stepping
from mlgitops.render import findings_json


@dataclass(frozen=True)
class TargetRendering:
    """The manifests of one target, by identity. ``connection`` is the Target's connection block.

    ``terms`` are its quota, prices and accelerator classes, ``rollouts`` those that go by steps, and ``server`` is its
    Prometheus; none of them changes what is written.
    """

    target: str
    connection: Mapping[str, Any]
    manifests: tuple[Manifest, ...]
    terms: Terms = NO_TERMS
    rollouts: tuple[stepping.Terms, ...] = ()
    server: stepping.Server | None = None


@dataclass(frozen=True)
class Rendering:
    """What an environment looks like at one commit. ``commit`` is empty outside a Git repository.

    ``ignore`` has the environment's ignore rules as its spec does. ``links`` has by model or pipeline (``Model/NAME``)
    the others that its specs name; those that name none are left out. ``budget`` is the environment's; ``levels`` are
    those that policy gives to the findings about quotas and budgets.
    """

    project: str
    environment: str
    targets: tuple[TargetRendering, ...]
    findings: tuple[Finding, ...] = ()
    commit: str = ""
    ignore: tuple[Mapping[str, Any], ...] = ()
    links: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    budget: Budget | None = None
    levels: Mapping[str, str] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """The digest of all manifests and ignore rules, commit apart: equal renderings have equal digests."""
        targets = [[t.target, dict(t.connection), list(t.manifests)] for t in self.targets]
        return digest([targets, *([list(self.ignore)] if self.ignore else [])])

    def only(self, targets: Iterable[str]) -> Rendering:
        """The same rendering with some of its targets."""
        chosen = set(targets)
        return replace(self, targets=tuple(t for t in self.targets if t.target in chosen))


def stamped(manifest: Manifest, commit: str) -> Manifest:
    """The manifest with the commit it was rendered from, as an annotation of the object itself.

    Never on a pod template, where it would restart pods; never part of a comparison, so that it names the commit that
    last changed the object.
    """
    if not commit:
        return manifest
    metadata = manifest["metadata"]
    annotations = {**(metadata.get("annotations") or {}), ANNOTATION_SOURCE_COMMIT: commit}
    return {**manifest, "metadata": {**metadata, "annotations": annotations}}


def to_json(rendering: Rendering) -> bytes:
    """The rendering as JSON text, for the cache."""
    return orjson.dumps(
        {
            "project": rendering.project,
            "environment": rendering.environment,
            "targets": [_target(target) for target in rendering.targets],
            "findings": findings_json.plain(rendering.findings),
            "ignore": rendering.ignore,
            "links": rendering.links,
            "budget": terms.budget_to_json(rendering.budget),
            "levels": rendering.levels,
        }
    )


def _target(target: TargetRendering) -> list[Any]:
    rollouts = [stepping.to_json(one) for one in target.rollouts]
    server = asdict(target.server) if target.server else None
    return [target.target, dict(target.connection), target.manifests, terms.to_json(target.terms), rollouts, server]


def from_json(text: bytes) -> Rendering:
    """The rendering that ``to_json`` wrote, without its commit. Raises ``ValueError`` or ``KeyError`` on other text."""
    data = orjson.loads(text)
    return Rendering(
        data["project"],
        data["environment"],
        tuple(
            TargetRendering(
                name,
                connection,
                tuple(manifests),
                terms.from_json(own),
                tuple(map(stepping.from_json, rollouts)),
                stepping.Server(**server) if server else None,
            )
            for name, connection, manifests, own, rollouts, server in data["targets"]
        ),
        tuple(findings_json.findings(data["findings"])),
        ignore=tuple(data["ignore"]),
        links={one: tuple(named) for one, named in data["links"].items()},
        budget=terms.budget_from_json(data["budget"]),
        levels=data["levels"],
    )
