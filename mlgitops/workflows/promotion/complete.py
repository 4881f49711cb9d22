"""The end of a rollout whose new release answers everything: what there is only during a rollout goes from Git."""

from __future__ import annotations

from mlgitops.errors import MlgitopsError
from mlgitops.promotion.branch import Kind
from mlgitops.promotion.exposure import ended
from mlgitops.promotion.request import Request
from mlgitops.workflows.promotion.base import Base, read_model, release_of, require_environment
from mlgitops.workflows.promotion.proposal import Draft


def draft(base: Base, model: str, environment: str) -> Draft:
    """The model's file without its stable release. Raises ``MlgitopsError`` where no rollout is under way."""
    require_environment(base, environment)
    document = read_model(base, environment, model)
    release, content = release_of(document), base.content(document.path)
    if release is None or content is None:
        raise MlgitopsError(f"{model} has no release in {environment}", help="Promote one to it first.")
    base.refuse_links(document.path)
    changed = ended(document.path, content)
    if changed == content:
        raise MlgitopsError(
            f"no rollout of {model} is under way in {environment}", help="There is no rollout.stable to take away."
        )
    return Draft(Request(Kind.COMPLETE, model, environment, environment, release, release), {document.path: changed})
