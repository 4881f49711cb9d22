"""What Git says at one commit, for each target of each environment: the manifests, and how they are to get there."""

from __future__ import annotations

import operator
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import tzinfo
from types import MappingProxyType

from mlgitops.controller.state import Key
from mlgitops.errors import FindingsError, MlgitopsError
from mlgitops.manifest import Identity, Manifest, digest, identity
from mlgitops.plan.health import DeclaredRule
from mlgitops.render.rendering import Rendering, TargetRendering
from mlgitops.sources.mirror import Refused
from mlgitops.spec.environment import EnvironmentSpec
from mlgitops.spec.reconcile import Reconcile
from mlgitops.targets import content_digest
from mlgitops.workflows.health import environment_spec, rules_of
from mlgitops.workflows.incremental import Made
from mlgitops.workflows.project import Opened, choose_environments
from mlgitops.workflows.render import commit_of, make
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
    """What is to be at one target. ``rendering`` has that target alone; ``digest`` is over it and how it gets there.

    ``contents`` has the digest of each of its manifests, in their order.
    """

    rendering: Rendering
    policy: Policy
    digest: str
    contents: Mapping[Identity, str]

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

    ``digests`` are over all that an environment is to be at those targets, and ``broken`` says why one cannot be
    rendered. What cannot be rendered has no goals; ``passing`` says that one of the reasons may pass without a new
    commit. ``made`` are the renderings of the targets that are looked after, for the next commit to start from.
    """

    commit: str = ""
    targets: Mapping[Key, Goal] = field(default_factory=lambda: MappingProxyType({}))
    digests: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    policies: Mapping[str, Policy] = field(default_factory=lambda: MappingProxyType({}))
    broken: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    made: Mapping[str, Made] = field(default_factory=lambda: MappingProxyType({}))
    passing: bool = False


@dataclass(frozen=True, slots=True)
class Followed:
    """What following a branch came to.

    ``refused`` is the branch's head where it is not accepted, ``unread`` why the branch, or the project at its commit,
    could not be read, and ``unusable`` the commit if it is the project. The goals are those that were there before
    then, or those of the last accepted commit.
    """

    goals: Goals
    refused: Refused | None = None
    unread: str = ""
    unusable: str = ""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which environments and targets are looked after; empty for all."""

    environments: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()


def goals(opened: Opened, chosen: Chosen, before: Goals) -> Goals:
    """The goals at the commit of an open project. What did not change since ``before`` is not made or held twice.

    An environment that is wrong is broken alone. Raises ``MlgitopsError`` where the project as a whole cannot be read.
    """
    found: dict[Key, Goal] = {}
    digests, policies, broken = {}, {}, {}
    made: dict[str, Made] = {}
    passing = False
    for environment in choose_environments(opened, chosen.environments):
        last = before.made.get(environment)
        try:
            spec = environment_spec(opened, environment)
            now = make(opened.source, environment, opened.cache, last)
        except MlgitopsError as error:
            broken[environment] = why(error)
            passing |= not isinstance(error, FindingsError)
            made |= {environment: last} if last else {}
            continue
        policies[environment] = policy = _policy(spec, now.rendering, chosen.targets)
        rendering = _sharing(now.rendering.only(policy.targets), last)
        made[environment] = replace(now, rendering=rendering)
        own = _goals(rendering, policy, commit_of(opened.source), before)
        digests[environment] = digest({key.target: _content(goal) for key, goal in own.items()})
        found |= own
    return Goals(opened.source.commit, found, digests, policies, broken, made, passing)


def _policy(spec: EnvironmentSpec, rendering: Rendering, chosen: Collection[str]) -> Policy:
    """Of targets that are not looked after, nobody here would ever know that they are done: none waits for them."""
    reconcile = spec.reconcile
    zones = zones_of((*reconcile.windows, *reconcile.freezes))
    targets = tuple(target.target for target in rendering.targets if not chosen or target.target in chosen)
    return Policy(reconcile, targets, zones, rules_of(spec))


def _sharing(rendering: Rendering, last: Made | None) -> Rendering:
    """The rendering with the targets of the last one that are the same."""
    known = {target.target: target for target in last.rendering.targets} if last else {}
    return replace(rendering, targets=tuple(_same(target, known.get(target.target)) for target in rendering.targets))


def _same(target: TargetRendering, known: TargetRendering | None) -> TargetRendering:
    return known if known == target else target


def _goals(rendering: Rendering, policy: Policy, commit: str, before: Goals) -> dict[Key, Goal]:
    """The goal of each target."""
    said = policy.reconcile.model_dump(mode="json")
    found = {}
    for target in rendering.targets:
        key = Key(rendering.environment, target.target)
        alone = replace(rendering, targets=(target,), findings=(), links={}, commit=commit)
        goal = Goal(alone, policy, "", contents_of(target, before.targets.get(key)))
        found[key] = replace(goal, digest=digest([_content(goal), said]))
    return found


def goal_with(goal: Goal, manifests: tuple[Manifest, ...]) -> Goal:
    """The goal with other manifests of the same objects; the same goal where they are the same, too."""
    if all(map(operator.is_, manifests, goal.target.manifests)):
        return goal
    target = replace(goal.target, manifests=manifests)
    changed = replace(goal, rendering=replace(goal.rendering, targets=(target,)), contents=contents_of(target, goal))
    said = goal.policy.reconcile.model_dump(mode="json")
    return replace(changed, digest=digest([_content(changed), said]))


def contents_of(target: TargetRendering, known: Goal | None = None) -> dict[Identity, str]:
    """The digest of each manifest of a target, as an inventory has it; what ``known`` holds too is taken from there."""
    held: dict[int, tuple[Identity, str]] = {}
    if known is not None:
        held = dict(zip(map(id, known.target.manifests), known.contents.items(), strict=True))
    return dict(held.get(id(one)) or (identity(one), content_digest(one)) for one in target.manifests)


def _content(goal: Goal) -> str:
    """The digest of what is to be at the target, and where that is."""
    return digest([dict(goal.target.connection), list(goal.contents.values()), list(goal.rendering.ignore)])


def why(error: MlgitopsError) -> str:
    """What went wrong, in one line; of many findings the first."""
    if not isinstance(error, FindingsError):
        return reason(error)
    first = error.findings[0]
    more = f", and {len(error.findings) - 1} more" if len(error.findings) > 1 else ""
    return f"{first.location}: {first.message}{more}"
