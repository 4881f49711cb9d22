"""From drafts to a proposal: what their merge would change, what the gates say, and every word of the pull request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlgitops.errors import GuardError
from mlgitops.manifest import LABEL_MODEL, LABEL_PREFIX, Manifest, labels
from mlgitops.promotion.budget import within_budget
from mlgitops.promotion.effect import Effect, effect
from mlgitops.promotion.judgement import Judgement
from mlgitops.promotion.request import Request
from mlgitops.promotion.trailers import Trailers, message
from mlgitops.sources.edited import Edited
from mlgitops.spec.release import release_digest
from mlgitops.tools.git_merge import identity
from mlgitops.workflows.limits import spending_of
from mlgitops.workflows.locate import Locator
from mlgitops.workflows.promotion.base import Base, model_path
from mlgitops.workflows.promotion.dependants import dependants
from mlgitops.workflows.promotion.facts import promotion_of
from mlgitops.workflows.promotion.judge import judge
from mlgitops.workflows.promotion.proposal import Draft, Part, Proposal
from mlgitops.workflows.render import render_environment

if TYPE_CHECKING:
    from mlgitops.report.promotion.subject import Subject
    from mlgitops.sources import Source

BODY_LIMIT = 65_000
"""Characters of a pull request's text; a little under GitHub's limit of 65,536."""


@dataclass(frozen=True)
class Prepared:
    """A draft with all that is known of it. ``owner`` answers for the model, as its manifests say.

    ``dependants`` say in words what relies on it in the environment.
    """

    draft: Draft
    effect: Effect
    judgement: Judgement
    trailers: Trailers
    owner: str
    dependants: tuple[str, ...] = ()

    @property
    def message(self) -> str:
        """The message of its commit."""
        request = self.draft.request
        return message(
            request.subject, "\n".join(filter(None, (request.reason, *request.warnings, *request.notes))), self.trailers
        )

    def subject(self, again: str) -> Subject:
        """What the pull request's text is about. ``again`` is the command that prints it whole."""
        from mlgitops.report.promotion.subject import Subject

        known = (self.draft.request, self.effect, self.judgement, self.trailers, self.owner)
        return Subject(*known, again, self.dependants)


def prepare(base: Base, draft: Draft, now: str) -> Prepared:
    """Everything about a draft, from Git alone, at a time (RFC 3339).

    Raises ``FindingsError`` where the environment could not be rendered any more.
    """
    request = draft.request
    changed = _effect(base, draft)
    judged = within_budget(judge(base, draft, now), request.kind, changed.plan)
    trailers = _trailers(base, request, changed, judged)
    owner, relying = _owner(changed, request.model), dependants(base, request.target, request.model)
    return Prepared(draft, changed, judged, trailers, owner, relying)


def propose(base: Base, prepared: Sequence[Prepared], again: str, limit: int = BODY_LIMIT) -> Proposal:
    """One pull request for all that is prepared (at least one), with its text in at most ``limit`` characters."""
    from mlgitops.forges.text import cut
    from mlgitops.report.promotion import group, pull_request
    from mlgitops.spec.secrets import mask

    request = prepared[0].draft.request
    room = min(limit, BODY_LIMIT)
    if request.group:
        subjects = [one.subject(_alone(one.draft.request)) for one in prepared]
        title, text = group.title(subjects), group.body(subjects, room, again)
    else:
        title, text = request.subject, pull_request.body(prepared[0].subject(again), room)
    asked = promotion_of(base, request.target)
    labels = tuple(dict.fromkeys((f"mlgitops-{request.kind}", f"env-{request.target}", *asked.labels)))
    parts = tuple(Part(one.draft, one.message) for one in prepared)
    return Proposal(parts, title, cut(text, room, mask(again).replace("`", "'")), labels, asked.reviewers)


def refuse_blocked(prepared: Prepared) -> None:
    """Raises ``GuardError`` naming the gates that do not let the release through."""
    blocking = prepared.judgement.blocking
    if blocking:
        request = prepared.draft.request
        told = "; ".join(f"{gate.name}: {gate.message}" for gate in blocking)
        raise GuardError(
            f"{request.model} {request.new.version} may not come to {request.target} yet: {told}",
            help="--dry-run shows every gate with its value and bound.",
        )


def _alone(request: Request) -> str:
    """The command that shows one model of a group."""
    return f"mlgitops promote {request.model} --from {request.source} --to {request.target} --dry-run"


def _effect(base: Base, draft: Draft) -> Effect:
    request, opened = draft.request, base.opened
    after: Source = Edited(opened.source, draft.files)
    before: Source = opened.source
    if request.old is None:  # a file without a release could not be rendered
        before = Edited(before, {model_path(request.target, request.model): None})
    renderings = [render_environment(source, request.target, opened.cache) for source in (before, after)]
    return effect(
        renderings[0], renderings[1], Locator(after, request.target, opened.cache), spending_of(renderings[1])
    )


def _trailers(base: Base, request: Request, changed: Effect, judged: Judgement) -> Trailers:
    actor = "{} <{}>".format(*identity(base.git_dir))
    gates = tuple((gate.name, gate.verdict.value) for gate in judged.gates)
    return Trailers(
        request.id, request.kind, request.model, request.source, request.target, release_digest(request.new),
        judged.evidence_digest, changed.plan_digest, gates, actor, signed_off_by=actor, group=request.group,
    )  # fmt: skip


def _owner(changed: Effect, model: str) -> str:
    """Who answers for the model, as its manifests say."""
    manifests: list[Manifest] = [one for change in changed.objects for one in (change.after, change.before) if one]
    own = (manifest for manifest in manifests if labels(manifest).get(LABEL_MODEL) == model)
    annotations = ((manifest["metadata"].get("annotations") or {}).get(LABEL_PREFIX + "owner") for manifest in own)
    return next((owner for owner in annotations if owner), "")
