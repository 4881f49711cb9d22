"""Renders the workflow by which a cluster's own engine brings a change to a large fleet. Reads only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from mlgitops.errors import MlgitopsError
from mlgitops.plan.asked import Asked
from mlgitops.plan.selection import Selection
from mlgitops.render.fanout import Fleet, in_waves
from mlgitops.render.fanout import fanout as manifests
from mlgitops.render.install.install import Placed
from mlgitops.render.install.installation import HUB, placed
from mlgitops.render.rendering import Rendering
from mlgitops.spec.quantities import seconds
from mlgitops.spec.reconcile import Waves
from mlgitops.workflows.health import environment_spec
from mlgitops.workflows.install import Wishes, installation_of
from mlgitops.workflows.project import Opened


def fanout(opened: Opened, renderings: Sequence[Rendering], asked: Asked, wishes: Wishes) -> Iterator[Placed]:
    """What the hub's engine runs, for each environment. Raises ``MlgitopsError`` where it could not."""
    selection = Selection.of(renderings, asked)
    fleets = [_fleet(opened, rendering, selection) for rendering in renderings]
    installation = installation_of(opened, renderings, asked, replace(wishes, mode="hub"))
    for manifest in manifests(installation, [fleet for fleet in fleets if fleet.waves]):
        yield HUB, placed(manifest, HUB)


def _fleet(opened: Opened, rendering: Rendering, selection: Selection) -> Fleet:
    targets = [target.target for target in rendering.targets]
    _refuse_files(rendering, selection)
    chosen = [name for name in targets if selection.keeps_target(name)]
    reconcile = environment_spec(opened, rendering.environment).reconcile
    deadline, waves = seconds(reconcile.deadline), reconcile.waves
    if waves is None:
        return Fleet(rendering.environment, [chosen] if chosen else [], 0, deadline)
    canaries = [name for name in chosen if name in waves.canary]
    others = [name for name in chosen if name not in waves.canary]
    levels = in_waves(canaries, others, most(waves, len(targets)))
    return Fleet(rendering.environment, levels, seconds(waves.soak) if waves.soak else 0, deadline)


def most(waves: Waves, targets: int) -> int:
    """At how many of an environment's targets a change may be under way at once."""
    if isinstance(waves.max_unavailable, int):
        return waves.max_unavailable
    return max(1, targets * int(waves.max_unavailable.removesuffix("%")) // 100)


def _refuse_files(rendering: Rendering, selection: Selection) -> None:
    """Raises ``MlgitopsError`` for a target that is a directory: a pod's files are gone with the pod."""
    folders = [
        target.target
        for target in rendering.targets
        if target.connection.get("directory") is not None and selection.keeps_target(target.target)
    ]
    if folders:
        raise MlgitopsError(
            f"a workflow cannot write to directories, which {', '.join(folders)} of {rendering.environment} are",
            help="Choose the others by --target.",
        )
