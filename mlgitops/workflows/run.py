"""Starts one run of a pipeline at a target, from the WorkflowTemplate that is there and is as Git says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlgitops.errors import MlgitopsError
from mlgitops.manifest import ANNOTATION_SOURCE_COMMIT, Identity, Manifest, identity
from mlgitops.plan.change import Action, Change
from mlgitops.plan.run import RunState
from mlgitops.render.rendering import Rendering, TargetRendering
from mlgitops.targets import owner_of
from mlgitops.targets.runs import RunConnection, open_runs
from mlgitops.workflows.project import Opened, choose_environments
from mlgitops.workflows.sites import Site

if TYPE_CHECKING:
    from mlgitops.spec.pipeline import PipelineSpec

TEMPLATE = "WorkflowTemplate"
_NOT_NEEDED = ("CronWorkflow", "Workflow")
"""What a pipeline has beside what a run needs: its schedule, and the run that Git asks for."""
SHOWN = 5
"""How many objects that are not as Git says a message names."""


@dataclass(frozen=True)
class Start:
    """What is to be started: ``target`` may be empty where there is only one, ``parameters`` are those of this run."""

    pipeline: str
    environment: str
    target: str = ""
    parameters: Mapping[str, str] | None = None
    allow_drift: bool = False


@dataclass(frozen=True)
class Run:
    """A run at a target, and the connection by which it is followed."""

    identity: Identity
    pipeline: str
    environment: str
    target: str
    commit: str
    connection: RunConnection

    @property
    def again(self) -> str:
        """The command that goes on following it."""
        return f"mlgitops run --follow {self.identity.name} --env {self.environment} --target {self.target}"

    @property
    def unseen(self) -> RunState:
        """How it stands before anybody has looked."""
        return RunState(self.identity.name)


def start(opened: Opened, asked: Start, ending: str, who: str) -> Run:
    """Starts a run whose name ends in ``ending``; ``who`` is written on it.

    Raises ``MlgitopsError`` where it is not clear what is meant, a parameter is wrong, or the target is not as Git
    says, and ``TargetError`` where it cannot be started there.
    """
    from mlgitops.plan.run_parameters import refuse
    from mlgitops.render.run import run

    place, parameters = _find(opened, asked), dict(asked.parameters or {})
    refuse(_spec(opened, asked, place.target.target).parameters, parameters)
    uid = _deployed(place, asked).get(identity(place.template))
    if uid is None:
        raise MlgitopsError(f"{asked.pipeline} is not at target {place.name} yet", help=_apply(asked, place.name))
    commit = place.rendering.commit
    made = place.connection.start(run(place.template, ending, uid, parameters, commit, who))
    return Run(identity(made), asked.pipeline, asked.environment, place.name, commit, place.connection)


def find(opened: Opened, environment: str, target: str, name: str) -> Run:
    """The run of that name at a target, as it was started before. Raises ``MlgitopsError`` where there is none."""
    place = _find(opened, Start("", environment, target))
    one = Identity("argoproj.io", "Workflow", place.template["metadata"]["namespace"], name)
    found = place.connection.live([one], exact=True).get(one)
    if found is None:
        raise MlgitopsError(
            f"there is no run '{name}' at target {place.name}", help="Runs are removed some time after they end."
        )
    pipeline = owner_of(found.manifest).removeprefix("Pipeline/")
    commit = found.manifest["metadata"].get("annotations", {}).get(ANNOTATION_SOURCE_COMMIT, "")
    return Run(one, pipeline, environment, place.name, commit, place.connection)


@dataclass(frozen=True)
class _Place:
    """Where a run is: the target, connected, and the WorkflowTemplate that Git has for it."""

    rendering: Rendering
    target: TargetRendering
    template: Manifest
    connection: RunConnection

    @property
    def name(self) -> str:
        return self.target.target


def _find(opened: Opened, asked: Start) -> _Place:
    """The place; where no pipeline is named, the WorkflowTemplate is that of any."""
    from mlgitops.workflows.render import render_environment

    choose_environments(opened, (asked.environment,))
    rendering = render_environment(opened.source, asked.environment, opened.cache)
    target, template = _template(rendering, asked)
    inventory = f"{rendering.project}/{rendering.environment}/{target.target}"
    connection = open_runs(target.target, target.connection, opened.root, inventory)
    return _Place(rendering, target, template, connection)


def _template(rendering: Rendering, asked: Start) -> tuple[TargetRendering, Manifest]:
    found = {
        target.target: (target, manifest)
        for target in rendering.targets
        for manifest in target.manifests
        if manifest["kind"] == TEMPLATE and owner_of(manifest) in _owners(rendering, asked.pipeline)
    }
    if not found:
        raise _unknown(rendering, asked)
    if asked.target and asked.target not in found:
        raise MlgitopsError(
            f"{asked.pipeline or 'a pipeline'} does not run at target '{asked.target}'",
            help=f"it runs at: {', '.join(found)}",
        )
    if not asked.target and len(found) > 1:
        raise MlgitopsError(
            f"{asked.pipeline or 'a run'} may be at several targets", help=f"name one with --target: {', '.join(found)}"
        )
    return found[asked.target or next(iter(found))]


def _owners(rendering: Rendering, pipeline: str) -> set[str]:
    owners = {owner_of(manifest) for target in rendering.targets for manifest in target.manifests}
    return {
        owner for owner in owners if owner.startswith("Pipeline/") and owner[9:] in (pipeline, pipeline or owner[9:])
    }


def _unknown(rendering: Rendering, asked: Start) -> MlgitopsError:
    from mlgitops.spec.project_files import what_there_is

    if _owners(rendering, asked.pipeline) and asked.pipeline:
        return MlgitopsError(
            f"{asked.pipeline} has no steps: Git alone starts it, once for each change of it",
            help="Commit a change of the pipeline, such as of a parameter's value, and apply it; or give it a step.",
        )
    known = sorted(owner.removeprefix("Pipeline/") for owner in _owners(rendering, ""))
    return MlgitopsError(
        f"there is no pipeline '{asked.pipeline}' in {asked.environment}" if asked.pipeline else "there is no pipeline",
        help=what_there_is(asked.pipeline, known, "pipelines"),
    )


def _spec(opened: Opened, asked: Start, target: str) -> PipelineSpec:
    from mlgitops.spec.resolve import all_resolved
    from mlgitops.spec.resolved import ResolvedPipeline
    from mlgitops.workflows.render import checked

    resolution, _ = checked(opened.source, asked.environment, opened.cache)
    found = (one for one in all_resolved(resolution) if isinstance(one, ResolvedPipeline))
    return next(one.spec for one in found if one.name == asked.pipeline and one.place.target == target)


def _deployed(place: _Place, asked: Start) -> dict[Identity, str]:
    """The uids of what the run needs, by identity. Raises ``MlgitopsError`` where any of it is not as Git says."""
    from mlgitops.workflows.plan import compare_site

    owner = f"Pipeline/{asked.pipeline}"
    wanted = [one for one in place.target.manifests if owner_of(one) == owner and one["kind"] not in _NOT_NEEDED]
    ours = {identity(one) for one in wanted}
    live = place.connection.live(ours, exact=True)
    site = Site(place.rendering, place.target, place.connection)
    plan = compare_site(site, wanted, live, lambda one, _: one in ours)
    if plan.pending and not asked.allow_drift:
        raise _differs(plan.pending, asked, place.name)
    return {one: found.uid for one, found in live.items()}


def _differs(pending: tuple[Change, ...], asked: Start, target: str) -> MlgitopsError:
    shown = ", ".join(_difference(change) for change in pending[:SHOWN])
    more = f", and {len(pending) - SHOWN} more" if len(pending) > SHOWN else ""
    return MlgitopsError(
        f"what is at target {target} is not what Git says of {asked.pipeline}: {shown}{more}",
        help=f"{_apply(asked, target)}; or run what is there with --allow-drift",
    )


def _difference(change: Change) -> str:
    name = f"{change.identity.kind}/{change.identity.name}"
    if change.action is Action.CREATE:
        return f"{name} is not there"
    fields = ", ".join(field.pointer for field in change.fields[:2])
    return f"{name} differs in {fields}" + " and more" * (len(change.fields) > 2)


def _apply(asked: Start, target: str) -> str:
    return f"mlgitops apply --env {asked.environment} --target {target} --model {asked.pipeline}"
