"""The order in which a release travels: what an environment's promotion.from allows, and which one was skipped."""

from __future__ import annotations

from mlgitops.errors import MlgitopsError
from mlgitops.spec.release import Release, release_digest
from mlgitops.workflows.promotion.base import Base
from mlgitops.workflows.promotion.facts import promotion_of
from mlgitops.workflows.promotion.past import held_releases


def before(base: Base, target: str) -> str:
    """The environment that releases come from: promotion.from, or the one before; empty for the first one."""
    place = base.environments.index(target)
    return promotion_of(base, target).from_ or (base.environments[place - 1] if place else "")


def refuse_other(base: Base, source: str, target: str, model: str = "MODEL") -> None:
    """Raises ``MlgitopsError`` where the target says where releases come from, and ``source`` is another.

    ``source`` is empty for a release from training.
    """
    bound = promotion_of(base, target).from_
    if bound and source != bound:
        raise MlgitopsError(
            f"{target} takes releases from {bound} alone: its promotion.from says so",
            help=f"mlgitops promote {model} --to {target} brings what is in {bound}.",
        )


def skipped(base: Base, model: str, source: str, target: str, new: Release) -> tuple[str, ...]:
    """In words, that a release has never been in the environment before its target; nothing where it has."""
    first = before(base, target)
    if first in ("", source):
        return ()
    digest = release_digest(new)
    if any(held.digest == digest for held in held_releases(base, first, model)):
        return ()
    return (f"comes to {target} without having been in {first}",)
