"""What a merge changes in the manifests of an environment, from how it renders before and after. Pure.

It is told from Git alone, without asking any target, so that whoever verifies a pull request finds the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from mlgitops import __version__
from mlgitops.capacity.account import account
from mlgitops.capacity.footprint import Delta
from mlgitops.capacity.limits import Spending
from mlgitops.manifest import Identity, Manifest, digest, identity
from mlgitops.plan.change import ABSENT, Change, Impact, Plan, TargetPlan
from mlgitops.plan.compare import Locate, nowhere, plan_target
from mlgitops.render.rendering import Rendering, TargetRendering
from mlgitops.targets import Inventory, InventoryEntry, Live, owner_of


@dataclass(frozen=True)
class ObjectChange:
    """One object at one target, whole, before and after; one of the two may be missing."""

    target: str
    identity: Identity
    before: Manifest | None
    after: Manifest | None


@dataclass(frozen=True)
class Effect:
    """The plan from what Git renders now to what it would render, and each object that differs."""

    plan: Plan
    objects: tuple[ObjectChange, ...]

    @property
    def resources(self) -> tuple[tuple[str, tuple[Delta, ...]], ...]:
        """The resources that change, by target."""
        found = ((target.target, target.account.changed) for target in self.plan.targets)
        return tuple((name, changed) for name, changed in found if changed)

    @property
    def impact(self) -> Impact:
        """The gravest impact: the class of the change."""
        changes = (change for target in self.plan.targets for change in target.pending)
        return max((change.impact for change in changes), key=lambda impact: impact.severity, default=Impact.NONE)

    @property
    def plan_digest(self) -> str:
        """The digest of what changes. Which commit it is on top of and where fields come from do not count."""
        return digest([[target.target, [_facts(change) for change in target.pending]] for target in self.plan.targets])


def effect(before: Rendering, after: Rendering, locate: Locate = nowhere, spending: Spending | None = None) -> Effect:
    """What changes from one rendering to the other. Targets are told apart by name.

    ``spending`` is what the environment would cost, beside its budget.
    """
    now = {target.target: target.manifests for target in before.targets}
    names = [target.target for target in after.targets]
    gone = [replace(t, manifests=()) for t in before.targets if t.target not in names]
    pairs = [(target, now.get(target.target, ())) for target in (*after.targets, *gone)]
    targets = tuple(_plan(after, target, live, locate) for target, live in pairs)
    plan = Plan(after.project, after.environment, "", after.digest, targets, version=__version__, spending=spending)
    return Effect(plan, tuple(one for target, live in pairs for one in _objects(target, live)))


def _plan(after: Rendering, target: TargetRendering, live: Sequence[Manifest], locate: Locate) -> TargetPlan:
    found = plan_target(
        target.target, target.connection, target.manifests, {identity(m): Live.of(m) for m in live},
        _inventory(after, target.target, live), locate=locate,
    )  # fmt: skip
    return replace(found, account=account(live, target.manifests, target.terms))


def _inventory(rendering: Rendering, target: str, live: Iterable[Manifest]) -> Inventory:
    entries = {identity(m): InventoryEntry(identity(m), Live.of(m).digest, owner_of(m)) for m in live}
    return Inventory(f"{rendering.project}/{rendering.environment}/{target}", entries, applied_at="-")


def _objects(target: TargetRendering, live: Iterable[Manifest]) -> Iterable[ObjectChange]:
    before, after = {identity(m): m for m in live}, {identity(m): m for m in target.manifests}
    for one in sorted({*before, *after}):
        if before.get(one) != after.get(one):
            yield ObjectChange(target.target, one, before.get(one), after.get(one))


def _facts(change: Change) -> list[object]:
    fields = [
        [field.pointer, *(None if value is ABSENT else [value] for value in (field.old, field.new))]
        for field in change.fields
    ]
    return [list(change.identity), change.action.value, fields, digest(change.desired) if change.desired else ""]
