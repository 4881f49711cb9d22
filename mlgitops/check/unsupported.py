"""Fields that the format has already but that nothing renders yet: refused, never ignored."""

from __future__ import annotations

from collections.abc import Iterator

from mlgitops.finding import Finding
from mlgitops.spec.positions import Pointer, value_of
from mlgitops.spec.resolved import ResolvedModel

CODE = "not-supported-yet"

_MODEL_FIELDS: tuple[Pointer, ...] = (
    ("rollout", "steps"),
    ("rollout", "analysis"),
)
_HELP = "leave it out for now; CHANGELOG.md says when it comes"


def check(resolved: ResolvedModel) -> Iterator[Finding]:
    """Findings for a model's fields."""
    data = resolved.provenance.merged
    for pointer in _MODEL_FIELDS:
        if value_of(data, pointer) not in (None, []):
            yield resolved.finding(CODE, pointer, f"{'.'.join(map(str, pointer))} is not supported yet", help=_HELP)
