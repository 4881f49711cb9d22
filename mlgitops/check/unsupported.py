"""Fields that the format has already but that nothing renders yet: refused, never ignored."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mlgitops.finding import Finding
from mlgitops.spec.document import Document
from mlgitops.spec.positions import Pointer, value_of
from mlgitops.spec.resolved import ResolvedModel

CODE = "not-supported-yet"

_MODEL_FIELDS: tuple[Pointer, ...] = (
    ("rollout", "steps"),
    ("rollout", "analysis"),
    ("monitoring", "drift"),
    ("monitoring", "payloadSink"),
)
_DOCUMENT_FIELDS: dict[str, tuple[Pointer, ...]] = {
    "Target": (("spec", "quota"),),
}
_HELP = "leave it out for now; CHANGELOG.md says when it comes"


def check(resolved: ResolvedModel) -> Iterator[Finding]:
    """Findings for a model's fields."""
    data = resolved.provenance.merged
    for pointer in _MODEL_FIELDS:
        if value_of(data, pointer) not in (None, []):
            yield resolved.finding(CODE, pointer, f"{'.'.join(map(str, pointer))} is not supported yet", help=_HELP)


def check_documents(documents: Iterable[Document]) -> Iterator[Finding]:
    """Findings for fields of the project, the environment and its targets."""
    for document in documents:
        for pointer in _DOCUMENT_FIELDS.get(str(document.data.get("kind")), ()):
            if value_of(document.data, pointer) is not None:
                name = ".".join(map(str, pointer))
                yield document.finding(CODE, pointer, f"{name} is not supported yet", help=_HELP, key=True)
