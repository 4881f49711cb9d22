"""Rules about what a run ends with: what evaluation and registration need, and texts that could be no release. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import TypeAdapter, ValidationError

from mlgitops.check import braces, images
from mlgitops.finding import Finding
from mlgitops.spec.fields import Digest, Image, Line, StorageUri, Timestamp, Version
from mlgitops.spec.outcome import Evaluation, Registration
from mlgitops.spec.positions import Pointer
from mlgitops.spec.release import Release
from mlgitops.spec.resolved import ResolvedPipeline
from mlgitops.spec.validation import form_of, plain

_TYPES: dict[str, Any] = {
    "version": Version, "artifact": StorageUri, "digest": Digest, "framework": Line, "image": Image,
    "source_commit": Release.model_fields["source_commit"].rebuild_annotation(), "data_digest": Digest,
    "reference": StorageUri, "trained_at": Timestamp,
}  # fmt: skip
"""What a text of the registration must be, as the release has it."""


def check(resolved: ResolvedPipeline) -> Iterator[Finding]:
    """Findings about the evaluation and the registration."""
    evaluation, registration = resolved.spec.evaluation, resolved.spec.registration
    for part, block in (("evaluation", evaluation), ("registration", registration)):
        if block is not None:
            yield from _needs(resolved, part)
    yield from images.check(resolved, ("mlgitopsImage",), resolved.spec.mlgitops_image)
    if evaluation is not None:
        yield from _bounds(resolved, evaluation)
        yield from _text(resolved, ("evaluation", "dataDigest"), evaluation.data_digest, Digest)
    if registration is not None:
        yield from _release(resolved, registration)


def _needs(resolved: ResolvedPipeline, part: str) -> Iterator[Finding]:
    if resolved.spec.model is None:
        yield resolved.finding(
            "outcome-without-model", (part,), f"the pipeline does not say which model its {part} is about",
            help="add spec.model, the name of the model that it trains",
        )  # fmt: skip
    if resolved.spec.mlgitops_image is None:
        yield resolved.finding(
            "mlgitops-image-missing", (part,), f"the {part} runs mlgitops, and there is no image of it",
            help="add spec.mlgitopsImage, best in defaults.pipeline of mlgitops.yaml: the image that Containerfile "
            "builds, by digest",
        )  # fmt: skip


def _bounds(resolved: ResolvedPipeline, evaluation: Evaluation) -> Iterator[Finding]:
    for index, bound in enumerate(evaluation.bounds):
        pointer, (least, most) = ("evaluation", "bounds", index), (bound.min, bound.max)
        if least is None and most is None:
            yield resolved.finding("bound-empty", pointer, f"the bound of {bound.metric} says neither min nor max",
                                   help="add one of them, or remove the bound")  # fmt: skip
        elif least is not None and most is not None and least > most:
            yield resolved.finding("bound-empty", pointer, f"nothing is at least {least:g} and at most {most:g}",
                                   help="exchange min and max")  # fmt: skip


def _release(resolved: ResolvedPipeline, registration: Registration) -> Iterator[Finding]:
    yield from braces.check(resolved, [(("registration", "credentials", "key"), registration.credentials.key)])
    for name, wanted in _TYPES.items():
        alias = type(registration).model_fields[name].alias or name
        yield from _text(resolved, ("registration", alias), getattr(registration, name), wanted)


def _text(resolved: ResolvedPipeline, pointer: Pointer, text: str | None, wanted: Any) -> Iterator[Finding]:
    """A finding for a text that a release could not have. What has placeholders is known when it runs."""
    if text is None or "{{" in text:
        return
    try:
        TypeAdapter(wanted).validate_python(text)
    except ValidationError as error:
        (first, *_) = error.errors(include_url=False)
        form = form_of(first)
        why = plain(first) if first["type"] != "string_pattern_mismatch" else "it does not have the right form"
        yield resolved.finding(
            "release-text-invalid", pointer, f"'{text}' cannot be in a release: {why}",
            help=f"{form} " * bool(form) + "write it as docs/promotion.md says of a release, or use a placeholder",
        )  # fmt: skip
