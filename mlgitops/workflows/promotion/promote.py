"""A promotion: one release, copied from one environment's file to the next one's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlgitops.errors import GuardError, MlgitopsError
from mlgitops.promotion.branch import Kind
from mlgitops.promotion.request import Request
from mlgitops.promotion.splice import copy_block
from mlgitops.spec.release import Release, release_digest
from mlgitops.workflows.promotion.base import (
    Base,
    model_path,
    read_model,
    release_of,
    require_environment,
)
from mlgitops.workflows.promotion.order import before, refuse_other, skipped
from mlgitops.workflows.promotion.past import Held, evidence_of, held_version
from mlgitops.workflows.promotion.proposal import Draft
from mlgitops.workflows.promotion.takeover import beside

if TYPE_CHECKING:
    from mlgitops.spec.document import Document

_NEW_FILE = "apiVersion: mlgitops.dev/v1alpha1\nkind: Model\nmetadata:\n  name: {model}\nspec:\n"


def way(base: Base, source: str, target: str, model: str = "MODEL") -> tuple[str, str]:
    """The two environments. Where no source is named, it is the target's promotion.from, or the environment before.

    Raises ``MlgitopsError``, also where the target says that releases come from another one, and ``FindingsError``.
    """
    require_environment(base, target)
    source = source or before(base, target)
    if not source:
        raise MlgitopsError(
            f"nothing is promoted to {target}, the first environment", help="Use mlgitops release there."
        )
    if require_environment(base, source) == target:
        raise MlgitopsError(f"{source} cannot be promoted to itself", help="Name two environments.")
    refuse_other(base, source, target, model)
    return source, target


def draft(base: Base, model: str, source: str, target: str, version: str = "") -> Draft | None:
    """The promotion of a model; None where the target has that release already.

    ``version`` is a release that the source has held; what it holds now where it is empty. Raises ``GuardError`` where
    the target is on hold or the model is retired there, ``MlgitopsError`` and ``FindingsError``.
    """
    held = _held(base, model, source, version)
    path = model_path(target, model)
    content, old = _target_file(base, target, model)
    if old is not None and release_digest(old) == held.digest:
        return None
    changed = copy_block(held.path, held.content, path, content)
    warnings = skipped(base, model, source, target, held.release)
    request = Request(Kind.PROMOTE, model, source, target, old, held.release, warnings=warnings)
    files = {path: changed, **evidence_of(base, source, held.release, target, held.commit)}
    return beside(base, Draft(request, files))


def require_place(base: Base, model: str, source: str, target: str) -> None:
    """Raises ``GuardError`` where the target has no file of a model, and none is to be made; ``FindingsError``."""
    if base.content(model_path(target, model)) is not None:
        return
    document = read_model(base, source, model)
    if release_of(document) is None:
        raise GuardError(f"{model} has no release in {source}", help=f"See what there is: mlgitops history {model}")
    if _is_retired(document):
        raise GuardError(f"{model} is retired in {source}", help=f"Set lifecycle.stage to active in {source} first.")
    if base.content(common := f"models/{model}.yaml") is None:
        raise GuardError(
            f"{target} has no file of it, and there is no {common} to make one from", help=f"Write {common}."
        )


def refuse_held(document: Document, environment: str, model: str) -> None:
    """Raises ``GuardError`` where the environment's release is on hold, or the model is retired there."""
    spec: Any = document.data.get("spec")
    hold = spec.get("hold") if isinstance(spec, dict) else None
    if isinstance(hold, dict):
        by, since = hold.get("by"), hold.get("since")
        told = "".join([f", by {by}" if by else "", f", since {since}" if since else ""])
        raise GuardError(
            f"{model} is on hold in {environment}: {hold.get('reason', 'no reason is given')}{told}",
            help=f"Once the reason is gone: mlgitops release-hold {model} --env {environment}",
        )
    if _is_retired(document):
        raise GuardError(f"{model} is retired in {environment}", help="Set lifecycle.stage to active first.")


def _is_retired(document: Document) -> bool:
    spec: Any = document.data.get("spec")
    lifecycle = spec.get("lifecycle") if isinstance(spec, dict) else None
    return isinstance(lifecycle, dict) and lifecycle.get("stage") == "retired"


def target_file(base: Base, environment: str, model: str) -> bytes:
    """The environment's file of a model; where it has none, the beginning of one."""
    content = base.content(model_path(environment, model))
    if content is None:
        return _NEW_FILE.format(model=model).encode()
    base.refuse_links(model_path(environment, model))
    return content


def _target_file(base: Base, environment: str, model: str) -> tuple[bytes, Release | None]:
    content = target_file(base, environment, model)
    if base.content(model_path(environment, model)) is None:
        return content, None
    document = read_model(base, environment, model)
    refuse_held(document, environment, model)
    return content, release_of(document)


def _held(base: Base, model: str, source: str, version: str) -> Held:
    document = read_model(base, source, model)
    release = release_of(document)
    if release is not None and version in ("", release.version):
        content = base.content(document.path)
        assert content is not None
        return Held(base.commit, document.path, content, release)
    if not version:
        raise MlgitopsError(f"{model} has no release in {source}", help=f"Use mlgitops release {model} --env {source}.")
    return held_version(base, source, model, version)
