"""The end of a model in an environment: first deprecated, then retired, so that what runs is removed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlgitops.errors import GuardError, MlgitopsError
from mlgitops.promotion.branch import Kind
from mlgitops.promotion.request import Request
from mlgitops.promotion.splice import set_value
from mlgitops.workflows.promotion.base import Base, read_model, release_of, require_environment
from mlgitops.workflows.promotion.dependants import dependants
from mlgitops.workflows.promotion.proposal import Draft
from mlgitops.workflows.promotion.traffic import look

if TYPE_CHECKING:
    from mlgitops.spec.model import Lifecycle

LIFECYCLE = ("spec", "lifecycle")
_METRICS = "how many requests still come is not known here: see its metrics"


@dataclass(frozen=True, slots=True)
class Terms:
    """How a model ends. ``today`` and ``sunset`` are days, ``YYYY-MM-DD``. ``offline`` looks at no target."""

    today: str
    replaced_by: str = ""
    sunset: str = ""
    offline: bool = False


def draft(base: Base, model: str, environment: str, terms: Terms) -> Draft | None:
    """The next step to the end: deprecated, then retired; None where it is retired already.

    Raises ``GuardError`` where anything still relies on it or leads to it, or its last day has not come, and
    ``TargetError`` or ``NotAuthorisedError`` where a target cannot be looked at.
    """
    require_environment(base, environment)
    document = read_model(base, environment, model)
    release, content = release_of(document), base.content(document.path)
    lifecycle = _lifecycle(base, environment, model)
    if release is None or content is None or lifecycle is None:
        raise MlgitopsError(
            f"{model} has no release in {environment} to retire", help="Check the model's name and the environment."
        )
    if lifecycle.stage == "retired":
        return None
    base.refuse_links(document.path)
    ends = lifecycle.stage == "deprecated"
    notes = _require_unused(base, environment, model, lifecycle, terms) if ends else tuple(_announced(terms))
    fields = {"stage": "retired" if ends else "deprecated", "replacedBy": terms.replaced_by, "sunset": terms.sunset}
    own = document.data["spec"].get("lifecycle") or {}
    for name, value in fields.items():
        if value and own.get(name) != value:
            content = set_value(document.path, content, (*LIFECYCLE, name), value)
    stage = fields["stage"]
    request = Request(Kind.RETIRE, model, environment, environment, release, release, stage=stage, notes=notes)
    return Draft(request, {document.path: content})


def _announced(terms: Terms) -> Iterator[str]:
    if terms.replaced_by:
        yield f"replaced by {terms.replaced_by}"
    if terms.sunset:
        yield f"its last day is {terms.sunset}"


def _require_unused(base: Base, environment: str, model: str, lifecycle: Lifecycle, terms: Terms) -> tuple[str, ...]:
    """How it was made sure that nothing relies on the model. Raises ``GuardError`` where something does."""
    looked = [] if terms.offline else look(base, environment, model)
    live = [one for at in looked for one in at.found]
    found = list(dict.fromkeys((*dependants(base, environment, model), *live)))
    if found:
        raise GuardError(
            f"{model} cannot be retired in {environment}: {'; '.join(found)}", help="Change or retire those first."
        )
    if (sunset := lifecycle.sunset or "") > terms.today:
        raise GuardError(
            f"{model} runs in {environment} until {sunset}, which is its sunset",
            help="Wait for that day, or bring it forward with --sunset while the model is deprecated.",
        )
    return (*(["no target was looked at"] if terms.offline else [at.note for at in looked]), _METRICS)


def _lifecycle(base: Base, environment: str, model: str) -> Lifecycle | None:
    """The model's, merged from all layers; None where it is not there."""
    from mlgitops.workflows.render import checked, refuse

    resolution, findings = checked(base.opened.source, environment, base.opened.cache)
    refuse(findings)
    return next((one.spec.lifecycle for one in resolution.models if one.name == model), None)
