"""What is known of a release besides the release itself: its evidence, and what the environment's gates say of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from mlgitops.promotion.judgement import Judgement, Measured, compare
from mlgitops.spec.release import Release
from mlgitops.workflows.promotion.base import Base
from mlgitops.workflows.promotion.proposal import Draft


def judge(base: Base, draft: Draft) -> Judgement:
    """The evidence of the proposed release, compared with that of the one that runs."""
    request = draft.request
    if not request.kind.changes_release:
        return Judgement()
    path = evidence_path(request.target, request.new)
    content = draft.files.get(path, base.content(path)) if path else None
    champion = _content(base, request.target, request.old)
    comparison = compare(measured(content), measured(champion))
    return Judgement((), comparison, _digest(content))


def evidence_path(environment: str, release: Release | None) -> str:
    """Where a release's evidence is in an environment; empty where it has none."""
    return f"environments/{environment}/{release.evidence}" if release and release.evidence else ""


def _content(base: Base, environment: str, release: Release | None) -> bytes | None:
    path = evidence_path(environment, release)
    return base.content(path) if path else None


def _digest(content: bytes | None) -> str:
    from mlgitops.spec.document import content_digest

    return content_digest(content) if content is not None else ""


def measured(content: bytes | None) -> Measured | None:
    """The metrics in an evidence file; None where there are none that can be read."""
    data = _read(content)
    metrics = data.get("metrics")
    if not isinstance(metrics, Mapping):
        return None
    numbers = {str(name): float(value) for name, value in metrics.items() if type(value) in (int, float)}
    return Measured(numbers, str(data.get("dataDigest") or ""))


def parameters(content: bytes | None) -> dict[str, str]:
    """The parameters in an evidence file, as text."""
    found = _read(content).get("parameters")
    return {str(name): str(value) for name, value in found.items()} if isinstance(found, Mapping) else {}


def _read(content: bytes | None) -> Mapping[str, Any]:
    try:
        data: Any = orjson.loads(content or b"null")
    except orjson.JSONDecodeError:
        return {}
    return data if isinstance(data, dict) else {}
