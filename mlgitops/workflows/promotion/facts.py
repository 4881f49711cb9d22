"""Gathers what an environment's gates look at, from Git alone: the draft, the protected branch, and its history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from mlgitops.capacity.footprint import footprint
from mlgitops.errors import FindingsError
from mlgitops.promotion.branch import Kind
from mlgitops.promotion.evidence import Evidence, plain, read
from mlgitops.promotion.gates import Capacity, Facts, GateResult, Side, evaluate, lowered
from mlgitops.sources.edited import Edited
from mlgitops.spec.promotion import Promotion
from mlgitops.spec.release import Release, release_digest
from mlgitops.tools import git_history
from mlgitops.workflows.promotion.base import Base, read_model
from mlgitops.workflows.promotion.past import held_releases
from mlgitops.workflows.promotion.proposal import Draft
from mlgitops.workflows.zones import zones_of


def judge_gates(base: Base, draft: Draft, now: str) -> tuple[GateResult, ...]:
    """What the target environment's gates, as the protected branch has them, say of a draft at a time (RFC 3339).

    A rollback is never kept out: what would block it warns. Raises ``FindingsError`` where the environment itself
    cannot be read.
    """
    promotion = promotion_of(base, draft.request.target)
    results = evaluate(promotion.gates, gather(base, draft, promotion, datetime.fromisoformat(now)))
    return lowered(results) if draft.request.kind is Kind.ROLLBACK else results


def promotion_of(base: Base, environment: str) -> Promotion:
    """What an environment asks of releases, by the protected branch. Raises ``FindingsError``."""
    from mlgitops.spec.document import load
    from mlgitops.spec.environment import Environment
    from mlgitops.spec.validation import validate

    path = f"environments/{environment}/environment.yaml"
    content = base.content(path)
    if content is None:
        return Promotion()
    document = load(path, content)
    found, findings = validate(Environment, document.data, document.written)
    if found is None:
        raise FindingsError(findings)
    return found.spec.promotion


def gather(base: Base, draft: Draft, promotion: Promotion, now: datetime) -> Facts:
    """Everything that the gates look at."""
    request = draft.request
    champion = side(base, request.model, request.target, request.old, {}) if request.old else None
    arrived, held = _soaked(base, draft) if request.source and request.source != request.target else (None, False)
    is_asked = any(gate.uses == "capacity" for gate in promotion.gates)
    return Facts(
        request.model, request.target, request.source, now,
        side(base, request.model, request.target, request.new, draft.files), champion,
        _governance(base, draft), arrived, held, promotion.windows, promotion.freezes,
        zones_of((*promotion.windows, *promotion.freezes)),
        _capacity(base, draft) if is_asked else None,
    )  # fmt: skip


def side(base: Base, model: str, environment: str, release: Release, files: Mapping[str, bytes | None]) -> Side:
    """A release with its evidence, from ``files`` or the protected branch."""
    data = release.model_dump(mode="json", by_alias=True, exclude_none=True)
    if not release.evidence:
        return Side(data, problem="the release names no evidence")
    path = f"environments/{environment}/{release.evidence}"
    content = files[path] if path in files else base.content(path)
    if content is None:
        return Side(data, problem=f"{path} is not there")
    try:
        evidence = read(content)
    except ValueError as error:
        return Side(data, problem=f"{path} is no evidence: {error}")
    if told := mismatch(evidence, model, release):
        return Side(data, problem=f"{path} is not about this release: {told}")
    return Side(data, plain(evidence), problem="")


def mismatch(evidence: Evidence, model: str, release: Release) -> str:
    """How evidence says that it is about another release; empty where it does not."""
    pairs = (
        ("model", evidence.model, model),
        ("version", evidence.version, release.version),
        ("releaseDigest", evidence.release_digest, release_digest(release)),
        ("artifactDigest", evidence.artifact_digest, release.artifact.digest),
    )
    return next((f"its {name} is {said}" for name, said, true in pairs if said and said != true), "")


def _soaked(base: Base, draft: Draft) -> tuple[datetime | None, bool]:
    """When the release came to where it runs now, and whether it is on hold there."""
    request = draft.request
    held = held_releases(base, request.source, request.model)
    if not held or held[0].digest != release_digest(request.new):
        return None, False
    arrived = git_history.message_of(base.git_dir, held[0].commit).time
    spec: Any = read_model(base, request.source, request.model).data.get("spec")
    return datetime.fromisoformat(arrived), isinstance(spec, dict) and bool(spec.get("hold"))


def _governance(base: Base, draft: Draft) -> Mapping[str, Any]:
    from mlgitops.workflows.render import checked

    request = draft.request
    resolution, _ = checked(Edited(base.opened.source, draft.files), request.target, base.opened.cache)
    found = (model for model in resolution.models if model.name == request.model)
    model = next(found, None)
    return model.spec.governance.model_dump(mode="json", by_alias=True) if model else {}


def _capacity(base: Base, draft: Draft) -> tuple[Capacity, ...]:
    from mlgitops.workflows.render import render_environment

    rendering = render_environment(Edited(base.opened.source, draft.files), draft.request.target, base.opened.cache)
    return tuple(_asked(target.target, target.manifests) for target in rendering.targets)


def _asked(target: str, manifests: Iterable[dict[str, Any]]) -> Capacity:
    return Capacity(target, footprint(manifests).all_at_once)
