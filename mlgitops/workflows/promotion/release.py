"""A new release from training, proposed to an environment: usually the first one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlgitops.errors import MlgitopsError
from mlgitops.promotion.branch import Kind
from mlgitops.promotion.evidence import evidence_path
from mlgitops.promotion.request import Request
from mlgitops.promotion.splice import RELEASE, set_value
from mlgitops.spec.release import Release, release_digest
from mlgitops.workflows.promotion.base import Base, model_path, release_of, require_environment, unknown_model
from mlgitops.workflows.promotion.order import refuse_other, skipped
from mlgitops.workflows.promotion.past import held_releases
from mlgitops.workflows.promotion.promote import refuse_held, target_file
from mlgitops.workflows.promotion.proposal import Draft
from mlgitops.workflows.promotion.takeover import beside

_KEPT = ("framework", "image", "signature")
"""Fields that tell how a release is served; they stay as they are where nothing else is said."""


def draft(
    base: Base,
    model: str,
    environment: str,
    given: Mapping[str, Any],
    evidence: bytes | None = None,
    notes: tuple[str, ...] = (),
) -> Draft | None:
    """The release of ``given`` (fields as in YAML) in the environment's file; None where it is there already.

    Lineage is never taken over from the release before. ``evidence`` is a file's content that comes along, ``notes``
    are for whoever reviews. Raises ``MlgitopsError`` where evidence is about another release, the version was released
    with another content or the environment takes releases from another one alone, ``GuardError`` where it is on hold,
    and ``FindingsError``.
    """
    require_environment(base, environment)
    refuse_other(base, "", environment, model)
    path = model_path(environment, model)
    if base.content(path) is None and f"models/{model}.yaml" not in base.opened.source.files():
        raise unknown_model(base, environment, model)
    content = target_file(base, environment, model)
    old = _current(base, environment, model, content)
    before = old.model_dump(mode="json", by_alias=True, exclude_none=True) if old else {}
    named = {"evidence": evidence_path(model, str(given["version"]))} if evidence else {}
    block = {**{name: before[name] for name in _KEPT if name in before}, **given, **named}
    changed = set_value(path, content, RELEASE, block)
    new = _checked(path, changed)
    if old and release_digest(old) == release_digest(new):
        return None
    _refuse_used(base, environment, model, new)
    warnings = skipped(base, model, "", environment, new)
    files = {path: changed, **(_evidence(evidence, environment, model, new) if evidence else {})}
    return beside(
        base, Draft(Request(Kind.RELEASE, model, "", environment, old, new, notes=notes, warnings=warnings), files)
    )


def _evidence(content: bytes, environment: str, model: str, release: Release) -> dict[str, bytes]:
    """The evidence's file in Git, now that it is known which release it is about. Raises ``MlgitopsError``."""
    from mlgitops.promotion.evidence import read, text
    from mlgitops.workflows.promotion.facts import mismatch

    try:
        found = read(content)
    except ValueError as error:
        raise MlgitopsError(
            f"the evidence cannot be used: {error}", help="Make it by mlgitops evidence begin."
        ) from error
    if told := mismatch(found, model, release):
        raise MlgitopsError(
            f"the evidence is about another release: {told}", help="Give the file that was measured of this release."
        )
    about = {"release_digest": release_digest(release), "artifact_digest": release.artifact.digest}
    return {f"environments/{environment}/{release.evidence}": text(found.model_copy(update=about))}


def _current(base: Base, environment: str, model: str, content: bytes) -> Release | None:
    from mlgitops.spec.document import load

    document = load(model_path(environment, model), content)
    refuse_held(document, environment, model)
    return release_of(document)


def _checked(path: str, content: bytes) -> Release:
    from mlgitops.spec.document import load

    release = release_of(load(path, content))
    assert release is not None  # it was just written
    return release


def _refuse_used(base: Base, environment: str, model: str, new: Release) -> None:
    """A version means one release for ever."""
    for held in held_releases(base, environment, model):
        if held.release.version == new.version and held.digest != release_digest(new):
            raise MlgitopsError(
                f"{model} {new.version} was released with another content ({held.commit[:12]})",
                help="Give the release a new version.",
            )


def read_signature(path: Path) -> dict[str, Any]:
    """The signature in a YAML or JSON file. Raises ``MlgitopsError`` and ``FindingsError``."""
    from mlgitops.sources import MAX_FILE_BYTES
    from mlgitops.spec.document import load

    try:
        with path.open("rb") as file:
            return load(path.name, file.read(MAX_FILE_BYTES + 1)).data
    except OSError as error:
        raise MlgitopsError(
            f"{path} cannot be read: {error.strerror}",
            help="Name a file that is there and that you may read with --artifact-signature.",
        ) from error


def read_evidence(path: Path) -> bytes:
    """The content of a file that is to be evidence, or in it. Raises ``SourceError``."""
    from mlgitops.sources.given import read_given

    (given,) = read_given([path])
    return given.content
