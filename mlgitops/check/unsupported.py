"""Fields that the format has already but that nothing renders yet: refused, never ignored."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mlgitops.finding import Finding
from mlgitops.spec.document import Document
from mlgitops.spec.positions import Pointer, value_of
from mlgitops.spec.resolved import Resolved, ResolvedModel

CODE = "not-supported-yet"

_MODEL_FIELDS: tuple[Pointer, ...] = (
    ("serving", "graph"),
    ("rollout", "steps"),
    ("rollout", "analysis"),
    ("monitoring", "drift"),
    ("monitoring", "payloadSink"),
)
_MODEL_WORDS: dict[Pointer, tuple[str, ...]] = {
    ("serving", "mode"): ("edge",),
    ("rollout", "strategy"): ("canary", "shadow", "blueGreen"),
}
_PIPELINE_FIELDS: tuple[Pointer, ...] = (("tuning",), ("evaluation",), ("registration",))
_DOCUMENT_FIELDS: dict[str, tuple[Pointer, ...]] = {
    "Target": (("spec", "quota"),),
}
_HELP = "leave it out for now; CHANGELOG.md says when it comes"


def check(resolved: Resolved) -> Iterator[Finding]:
    """Findings for a model's or pipeline's fields."""
    data = resolved.provenance.merged
    fields = _MODEL_FIELDS if isinstance(resolved, ResolvedModel) else _PIPELINE_FIELDS
    for pointer in fields:
        if value_of(data, pointer) not in (None, []):
            yield resolved.finding(CODE, pointer, f"{'.'.join(map(str, pointer))} is not supported yet", help=_HELP)
    for pointer, words in _MODEL_WORDS.items() if isinstance(resolved, ResolvedModel) else ():
        if (word := value_of(data, pointer)) in words:
            yield resolved.finding(CODE, pointer, f"{'.'.join(map(str, pointer))} '{word}' is not supported yet",
                                   help=_HELP)  # fmt: skip


def check_documents(documents: Iterable[Document]) -> Iterator[Finding]:
    """Findings for fields of the project, the environment and its targets."""
    for document in documents:
        for pointer in _DOCUMENT_FIELDS.get(str(document.data.get("kind")), ()):
            if value_of(document.data, pointer) is not None:
                name = ".".join(map(str, pointer))
                yield document.finding(CODE, pointer, f"{name} is not supported yet", help=_HELP, key=True)
