"""What Git says at one commit, for each target of each environment: the manifests, and how they are to get there."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import tzinfo
from types import MappingProxyType

from mlgitops.controller.state import Key
from mlgitops.errors import FindingsError, MlgitopsError
from mlgitops.manifest import digest
from mlgitops.plan.health import DeclaredRule
from mlgitops.render.rendering import Rendering, TargetRendering
from mlgitops.sources.mirror import Refused
from mlgitops.spec.environment import EnvironmentSpec
from mlgitops.spec.reconcile import Reconcile
from mlgitops.workflows.health import environment_spec, rules_of
from mlgitops.workflows.project import Opened, choose_environments
from mlgitops.workflows.render import render_environment
from mlgitops.workflows.sites import reason
from mlgitops.workflows.zones import zones_of


@dataclass(frozen=True, slots=True)
class Policy:
    """How an environment is reconciled: its targets in order, the time zones it names, and its rules of health."""

    reconcile: Reconcile
    targets: tuple[str, ...]
    zones: Mapping[str, tzinfo]
    rules: tuple[DeclaredRule, ...]


@dataclass(frozen=True, slots=True)
class Goal:
    """What is to be at one target. ``rendering`` has that target alone; ``digest`` is over it and how it gets there."""

    rendering: Rendering
    policy: Policy
    digest: str

    @property
    def target(self) -> TargetRendering:
        """The target's manifests and connection."""
        return self.rendering.targets[0]

    @property
    def key(self) -> Key:
        """Which target it is."""
        return Key(self.rendering.environment, self.target.target)


@dataclass(frozen=True, slots=True)
class Goals:
    """What is to be everywhere, by one commit.

    ``digests`` are over all that an environment is to be, and ``broken`` says why one cannot be rendered. What cannot
    be rendered has no goals.
    """

    commit: str = ""
    targets: Mapping[Key, Goal] = field(default_factory=lambda: MappingProxyType({}))
    digests: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    policies: Mapping[str, Policy] = field(default_factory=lambda: MappingProxyType({}))
    broken: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Followed:
    """What following a branch came to.

    ``refused`` is the branch's head where it is not accepted, and ``unread`` why the branch, or the project at its
    commit, could not be read. The goals are those that were there before then, or those of the last accepted commit.
    """

    goals: Goals
    refused: Refused | None = None
    unread: str = ""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which environments and targets are looked after; empty for all."""

    environments: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()


def goals(opened: Opened, chosen: Chosen, before: Goals) -> Goals:
    """The goals at the commit of an open project. What did not change since ``before`` is not held twice.

    An environment that is wrong is broken alone. Raises ``MlgitopsError`` where the project as a whole cannot be read.
    """
    found: dict[Key, Goal] = {}
    digests, policies, broken = {}, {}, {}
    for environment in choose_environments(opened, chosen.environments):
        try:
            spec = environment_spec(opened, environment)
            rendering = render_environment(opened.source, environment, opened.cache)
        except MlgitopsError as error:
            broken[environment] = why(error)
            continue
        policies[environment] = policy = _policy(spec, rendering, chosen.targets)
        contents = {target.target: _content(rendering, target) for target in rendering.targets}
        digests[environment] = digest(contents)
        found |= {goal.key: _shared(goal, before) for goal in _goals(rendering, policy, contents, chosen.targets)}
    return Goals(opened.source.commit, found, digests, policies, broken)


def _policy(spec: EnvironmentSpec, rendering: Rendering, chosen: Collection[str]) -> Policy:
    """Of targets that are not looked after, nobody here would ever know that they are done: none waits for them."""
    reconcile = spec.reconcile
    zones = zones_of((*reconcile.windows, *reconcile.freezes))
    targets = tuple(target.target for target in rendering.targets if not chosen or target.target in chosen)
    return Policy(reconcile, targets, zones, rules_of(spec))


def _content(rendering: Rendering, target: TargetRendering) -> str:
    return digest([dict(target.connection), list(target.manifests), list(rendering.ignore)])


def _goals(
    rendering: Rendering, policy: Policy, contents: Mapping[str, str], chosen: Collection[str]
) -> Iterator[Goal]:
    said = policy.reconcile.model_dump(mode="json")
    for target in rendering.targets:
        if not chosen or target.target in chosen:
            alone = replace(rendering, targets=(target,), findings=())
            yield Goal(alone, policy, digest([contents[target.target], said]))


def _shared(goal: Goal, before: Goals) -> Goal:
    """The goal with the manifests of the one before, where they are the same."""
    known = before.targets.get(goal.key)
    if known is None or known.digest != goal.digest:
        return goal
    return replace(goal, rendering=replace(known.rendering, commit=goal.rendering.commit))


def why(error: MlgitopsError) -> str:
    """What went wrong, in one line; of many findings the first."""
    if not isinstance(error, FindingsError):
        return reason(error)
    first = error.findings[0]
    more = f", and {len(error.findings) - 1} more" if len(error.findings) > 1 else ""
    return f"{first.location}: {first.message}{more}"
