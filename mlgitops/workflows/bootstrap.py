"""Renders what makes Argo CD or Flux sync the ``git`` targets of environments. Reads only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from mlgitops.errors import MlgitopsError
from mlgitops.manifest import Manifest
from mlgitops.plan.selection import Selection
from mlgitops.render.bootstrap import ENGINES, DeployBranch
from mlgitops.render.rendering import Rendering, TargetRendering
from mlgitops.targets.git.location import ORIGIN, Location, locate
from mlgitops.tools.git_names import is_url
from mlgitops.tools.git_refs import address_of


def bootstrap(
    root: Path, renderings: Iterable[Rendering], selection: Selection, engine: str
) -> Iterator[tuple[str, Manifest]]:
    """The engine's manifests for each selected target, with the environment and target they are for.

    ``engine`` is one of ``ENGINES``. Raises ``MlgitopsError`` where no target is a branch, or where the engine could
    not reach the repository of one.
    """
    branches = [branch for rendering in renderings for branch in _branches(root, rendering, selection)]
    if not branches:
        raise MlgitopsError(
            "none of these targets is a branch that an engine could sync",
            help="Set connection.git in a Target, or choose another environment or target.",
        )
    for branch in branches:
        for manifest in ENGINES[engine](branch):
            yield f"{branch.environment} on {branch.target}", manifest


def _branches(root: Path, rendering: Rendering, selection: Selection) -> Iterator[DeployBranch]:
    for target in rendering.targets:
        if target.connection.get("git") is not None and selection.keeps_target(target.target):
            yield _branch(root, rendering, target)


def _branch(root: Path, rendering: Rendering, target: TargetRendering) -> DeployBranch:
    location = locate(target.connection["git"], root, f"{rendering.project}/{rendering.environment}/{target.target}")
    return DeployBranch(
        rendering.project,
        rendering.environment,
        target.target,
        _url(root, location, target.target),
        location.branch,
        location.folder,
        frozenset(manifest["kind"] for manifest in target.manifests),
        frozenset(namespace for m in target.manifests if (namespace := m["metadata"].get("namespace"))),
    )


def _url(root: Path, location: Location, target: str) -> str:
    """Where the engine finds the repository. Raises ``MlgitopsError`` where that is known on this machine only."""
    address = location.address or address_of(root, ORIGIN)
    if not is_url(address) or address.startswith("file:"):
        where = f"'{address}' is on this machine only" if address else f"the repository has no remote '{ORIGIN}'"
        raise MlgitopsError(
            f"an engine cannot reach the branch of {target}: {where}",
            help="Set connection.git.repository of the Target to a URL.",
        )
    return address
