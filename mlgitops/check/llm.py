"""Rules about serving a large language model: what KServe would refuse, or take and not do. Pure.

Facts are of KServe v0.16.0 (``pkg/controller/v1alpha1/llmisvc``) and v0.17.0 (``pkg/apis/serving/v1alpha2``,
``pkg/controller/v1alpha2/llmisvc``): the webhook's rules, the presets of ``config/llmisvcconfig``, and what the
controller reads. Accelerators, identities and storage names are looked at in ``capability``.
"""

from __future__ import annotations

from collections.abc import Iterator

from mlgitops.check import braces, components, variables
from mlgitops.check.storage import StorageUriError, readable
from mlgitops.finding import Finding
from mlgitops.spec.llm import Llm, Parallelism
from mlgitops.spec.positions import Pointer
from mlgitops.spec.resolved import ResolvedModel
from mlgitops.spec.versions import at_least

OLDEST_KSERVE = "0.16"
"""The first release with an LLMInferenceService, as v1alpha1."""
SECOND_API = "0.17"
"""From here on it is v1alpha2, where pods may have labels and a Gateway of one's own may have a managed route."""
OLDEST_LEADER_WORKER_SET = "0.7"
"""What v0.17.0 is built against (``go.mod``). It asks for a LeaderWorkerSet of every model, also on a single node, and
reconciles none where the API server does not know the kind (``workload_multi_node.go``); v0.16.0 does not ask."""
READABLE = ("hf", "s3", "oci", "pvc")
"""What the controller fetches (``workload_storage.go``); an InferenceService reads more."""

_OF_OTHER_MODES = (
    "format", "runtime", "protocol", "port", "max_concurrency", "transformer", "explainer", "batcher", "logger",
)  # fmt: skip
_CUDA = "nvidia.com/"
_AT: Pointer = ("serving", "llm")


def check(model: ResolvedModel) -> Iterator[Finding]:
    """Findings about a model in mode llm, or about an llm block in another mode."""
    serving = model.spec.serving
    if serving.mode == "llm":
        yield from components.check(model, ("serving", "mode"), "kserve", OLDEST_KSERVE, "mode llm")
        yield from _fields_of_other_modes(model)
        yield from _replicas(model)
        yield from _artifact(model)
        yield from _image(model)
        yield from _parallelism(model, (serving.llm or Llm()).parallelism)
        yield from _second_api(model, serving.llm or Llm())
        yield from _leader_worker_set(model)
        yield from variables.check(model, ("serving", "env"), serving.env)
        yield from braces.check(model, _texts(model), "KServe")
    elif serving.llm is not None:
        yield model.finding(
            "llm-not-used", _AT, f"serving.llm is for mode llm; the mode is {serving.mode}",
            help="set serving.mode to llm, or remove serving.llm",
        )  # fmt: skip


def _fields_of_other_modes(model: ResolvedModel) -> Iterator[Finding]:
    fields = type(model.spec.serving).model_fields
    for field in _OF_OTHER_MODES:
        if getattr(model.spec.serving, field) is not None:
            name = fields[field].alias or field
            yield _not_for_llm(model, ("serving", name))
    rollout = model.provenance.merged.get("rollout") or {}
    for name in ("strategy", "maxSurge", "maxUnavailable"):
        if name in rollout and rollout[name] not in (None, "rolling"):
            yield _not_for_llm(model, ("rollout", name))


def _not_for_llm(model: ResolvedModel, pointer: Pointer) -> Finding:
    name = ".".join(map(str, pointer))
    return model.finding(
        "not-for-llm", pointer, f"{name} has no meaning in mode llm: an LLMInferenceService has nothing like it",
        help="remove it, or set it to null where it comes from a file that other models share",
    )  # fmt: skip


def _replicas(model: ResolvedModel) -> Iterator[Finding]:
    scaling = model.spec.serving.scaling
    if scaling.min != scaling.max:
        yield model.finding(
            "llm-scaling", ("serving", "scaling", "max"),
            f"the number of replicas is fixed in mode llm, and {scaling.min} to {scaling.max} are asked for",
            help="set serving.scaling.min and max to the same number",
        )  # fmt: skip


def _artifact(model: ResolvedModel) -> Iterator[Finding]:
    """What cannot be read at all is a finding of ``capability``."""
    try:
        uri = readable(model.spec.release.artifact.uri, model.place.spec)
    except StorageUriError:
        return
    scheme = uri.partition("://")[0]
    if scheme not in READABLE:
        yield model.finding(
            "llm-storage", ("release", "artifact", "uri"), f"KServe does not read {scheme}:// in mode llm",
            help=f"one of: {', '.join(READABLE)}",
        )  # fmt: skip


def _image(model: ResolvedModel) -> Iterator[Finding]:
    """KServe's preset runs vLLM in an image for CUDA."""
    accelerator = model.spec.serving.resources.accelerator
    kind = model.place.spec.accelerators.get(accelerator.class_) if accelerator else None
    if accelerator is not None and (kind is None or kind.resource.startswith(_CUDA)):
        return
    if model.spec.release.image is None:
        yield model.finding(
            "llm-image-missing", ("serving", "resources"),
            "KServe's own image for language models starts only with an NVIDIA accelerator, and none is asked for",
            help="add serving.resources.accelerator, or name an image of vLLM for this hardware in release.image",
        )  # fmt: skip


def _parallelism(model: ResolvedModel, parallelism: Parallelism) -> Iterator[Finding]:
    """As ``validateWorkloadParallelism``; and the sizes against the accelerators that one replica has."""
    at: Pointer = (*_AT, "parallelism")
    accelerator = model.spec.serving.resources.accelerator
    have, need = accelerator.count if accelerator else 1, parallelism.tensor * parallelism.pipeline * parallelism.data
    if parallelism.pipeline > 1 and parallelism.data > 1:
        yield model.finding(
            "parallelism-mixed", (*at, "pipeline"), "KServe refuses pipeline and data parallelism together",
            help="set one of them to 1",
        )  # fmt: skip
    elif need != have:
        yield model.finding(
            "parallelism-accelerators", at,
            f"tensor x pipeline x data is {need}, and a replica has {have} accelerator{'s' if have > 1 else ''}",
            help="make serving.resources.accelerator.count and serving.llm.parallelism agree",
        )  # fmt: skip


def _second_api(model: ResolvedModel, llm: Llm) -> Iterator[Finding]:
    """What only v1alpha2 takes."""
    if llm.router is not None and llm.router.gateway is not None:
        need = "a Gateway of one's own with a route that KServe makes"
        yield from components.check(model, (*_AT, "router", "gateway"), "kserve", SECOND_API, need)
    if model.spec.serving.identity is not None and model.place.spec.cloud == "azure":
        need = "an identity of azure in mode llm, which is a label on pods,"
        yield from components.check(model, ("serving", "identity"), "kserve", SECOND_API, need)


def _leader_worker_set(model: ResolvedModel) -> Iterator[Finding]:
    kserve = model.place.spec.components.kserve
    if kserve is not None and at_least(kserve, SECOND_API):
        need = f"mode llm with KServe {kserve}"
        yield from components.check(model, ("serving", "mode"), "leaderWorkerSet", OLDEST_LEADER_WORKER_SET, need)


def _texts(model: ResolvedModel) -> Iterator[tuple[Pointer, str | None]]:
    """Every text that KServe reads as a template (``ReplaceVariables``)."""
    serving = model.spec.serving
    yield ("release", "artifact", "uri"), model.spec.release.artifact.uri
    yield (*_AT, "name"), serving.llm.name if serving.llm else None
    yield from ((("serving", "args", index), text) for index, text in enumerate(serving.args))
    for index, variable in enumerate(serving.env):
        yield ("serving", "env", index, "value"), variable.value
        if variable.from_secret is not None:
            yield ("serving", "env", index, "fromSecret", "key"), variable.from_secret.key
