"""Results of a step taken over from an earlier run: Argo's memoization, with a key made of all declared inputs. Pure.

Facts are of Argo Workflows v3.7.1 (``workflow/controller/cache``): a key has letters, digits and '-' alone, which a
user's text would not keep to, so that it is made of digests; the controller makes the ConfigMap and writes to it.
"""

from __future__ import annotations

from typing import Any

from mlgitops.manifest import Manifest, digest
from mlgitops.render.service_account import service_account_name
from mlgitops.render.tags import input_name
from mlgitops.spec.outcome import Cache
from mlgitops.spec.pipeline import Step
from mlgitops.spec.placeholders import OutputUse, ParameterUse, parts, texts
from mlgitops.spec.quantities import seconds
from mlgitops.spec.resolved import ResolvedPipeline
from mlgitops.spec.versions import at_least

_NOT_INPUTS = {"name", "depends_on", "retries", "timeout", "resources", "uses", "with_"}
"""Fields of a step that say when and where it runs, and with what resources, but not what comes of it; a template that
it uses is in its other fields already."""


def cache_name(resolved: ResolvedPipeline) -> str:
    """The ConfigMap with the results of a pipeline's steps. Argo makes it; it is not rendered, and not pruned."""
    return f"{service_account_name(resolved)}-cache"


def memoize(resolved: ResolvedPipeline, step: Step) -> Any:
    """The block of a template, as hera takes it; None for a step that has no cache."""
    from hera.workflows import models

    if step.cache is None:
        return None
    name = models.LocalObjectReference(name=cache_name(resolved))
    age = f"{seconds(step.cache.max_age)}s"  # Go's durations have no days
    return models.Memoize(key=_key(step, step.cache), max_age=age, cache=models.Cache(config_map=name))


def complete(resolved: ResolvedPipeline, workflow: Manifest) -> None:
    """Adds what Argo 3 asks of a reference to a ConfigMap and uses for nothing: a key within it. hera knows Argo 4's,
    which has none (``Cache`` in their ``workflow_types.go``, read in v3.7.1 and v4.1.2)."""
    if at_least(resolved.place.spec.components.argo_workflows, "4.0"):
        return
    for template in workflow["spec"]["templates"]:
        if "memoize" in template:
            template["memoize"]["cache"]["configMap"]["key"] = "unused"


def _key(step: Step, cache: Cache) -> str:
    """The step as it is written, by its digest, then the values that only a run knows, by that of theirs."""
    written = step.model_dump(mode="json", by_alias=True, exclude=_NOT_INPUTS | {"cache"})
    own = f"{step.name}-{digest([written, cache.name]).removeprefix('sha256:')[:16]}"
    values = sorted({_value(part) for _, text in texts(step) for part in parts(text) if not isinstance(part, str)})
    return f"{own}-{{{{=sprig.sha256sum(toJson([{', '.join(values)}]))}}}}" if values else own


def _value(part: Any) -> str:
    match part:
        case OutputUse():
            return f"inputs.parameters['{input_name(part)}']"
        case ParameterUse(name):
            return f"workflow.parameters['{name}']"
    raise ValueError(f"{part} is no placeholder of a step")  # refused by check before
