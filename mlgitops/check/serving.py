"""Rules of real-time serving: what KServe's webhook, Kubernetes or good practice would refuse. Pure."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from mlgitops.check import images, rollout, scaling, variables
from mlgitops.check.runtimes import BY_FORMAT, BY_NAME, Runtime, protocol_of, runtime_of
from mlgitops.finding import Finding, Severity
from mlgitops.spec.project_files import did_you_mean
from mlgitops.spec.resolved import ResolvedModel
from mlgitops.spec.serving import ONLINE

POLICY_CODES = images.POLICY_CODES | {
    "release-digest-missing",
    "owner-missing",
    "host-name-too-long",
    "runtime-port-unknown",
}

LONGEST_LABEL = 63
"""The most characters of a Service's name and of one part of a host name (RFC 1123)."""


def check(model: ResolvedModel) -> Iterator[Finding]:
    """Findings about a model's release and owner, and, in modes realtime and edge, how it is served."""
    yield from _release(model)
    yield from _governance(model)
    if model.spec.serving.mode not in ONLINE:
        return
    yield from _format(model)
    yield from _batcher(model)
    yield from scaling.check(model)
    yield from _parts(model)
    yield from _rollout(model)
    yield from names(model)


def _release(model: ResolvedModel) -> Iterator[Finding]:
    release = model.spec.release
    if release.artifact.digest is None:
        yield model.finding(
            "release-digest-missing", ("release", "artifact"), "the artifact has no digest: nothing proves what runs",
            help="add digest: sha256:…, as the training run or the registry gives it", severity=Severity.WARNING,
        )  # fmt: skip
    yield from _model_image(model)
    if "+" in release.version:
        yield model.finding(
            "version-not-a-label", ("release", "version"),
            f"'{release.version}' cannot be a label of Kubernetes, because of the '+'", help="write '-' or '.' instead",
        )  # fmt: skip
    yield from images.check(model, ("release", "image"), release.image)


def _model_image(model: ResolvedModel) -> Iterator[Finding]:
    """A model image that is pinned is what runs, whatever the release says of its digest."""
    artifact = model.spec.release.artifact
    image, _, pinned = artifact.uri.partition("@")
    if image.startswith("oci://") and pinned and artifact.digest not in (None, pinned):
        yield model.finding(
            "artifact-digest-differs", ("release", "artifact", "digest"),
            f"the model image is pinned to {pinned}, and the release says {artifact.digest}",
            help="make both the digest of the image",
        )  # fmt: skip


def _governance(model: ResolvedModel) -> Iterator[Finding]:
    if model.spec.governance.owner is None:
        yield model.finding(
            "owner-missing", ("governance", "owner"), "nobody is named who answers for this model",
            help="add governance.owner, such as a team's mail address", severity=Severity.WARNING,
        )  # fmt: skip


def _format(model: ResolvedModel) -> Iterator[Finding]:
    serving, runtime = model.spec.serving, runtime_of(model.spec.serving)
    if serving.format is None:
        yield model.finding(
            "format-missing", ("serving", "format"), "the model's format is not given",
            help=f"one of: {', '.join(sorted(BY_FORMAT))}; or what serving.runtime supports",
        )  # fmt: skip
    elif runtime is None:
        finding = model.finding(
            "unknown-format", ("serving", "format"), f"none of KServe's runtimes serves the format '{serving.format}'",
            help=f"one of: {', '.join(sorted(BY_FORMAT))}; or name a runtime of your own in serving.runtime",
        )  # fmt: skip
        yield dataclasses.replace(finding, suggestion=did_you_mean(serving.format, BY_FORMAT))
    elif runtime.formats and serving.format not in runtime.formats:
        yield model.finding(
            "format-not-served", ("serving", "format"),
            f"runtime {runtime.name} does not serve the format '{serving.format}'",
            help=f"it serves: {', '.join(runtime.formats)}",
        )  # fmt: skip
    if runtime is not None:
        yield from _protocol(model, runtime)


def _protocol(model: ResolvedModel, runtime: Runtime) -> Iterator[Finding]:
    asked = model.spec.serving.protocol
    if asked is not None and runtime.protocols and asked not in runtime.protocols:
        yield model.finding(
            "protocol-not-spoken", ("serving", "protocol"), f"runtime {runtime.name} does not speak protocol {asked}",
            help=f"it speaks: {', '.join(runtime.protocols)}",
        )  # fmt: skip
    if runtime.name not in BY_NAME and model.spec.serving.port is None:
        yield model.finding(
            "runtime-port-unknown", ("serving", "runtime"),
            f"runtime {runtime.name} is not one of KServe's: its port is not known, and its metrics are not scraped",
            help="add serving.port, or set monitoring.metrics to false", severity=Severity.WARNING,
        )  # fmt: skip


def _batcher(model: ResolvedModel) -> Iterator[Finding]:
    """KServe's agent gathers requests of protocol v1 over HTTP only (``pkg/batcher/handler.go``)."""
    serving = model.spec.serving
    protocol = protocol_of(serving, runtime_of(serving) or Runtime(""))
    if serving.batcher is not None and protocol not in (None, "v1"):
        yield model.finding(
            "batcher-protocol", ("serving", "batcher"), f"requests of protocol {protocol} cannot be batched by KServe",
            help="set serving.protocol to v1 where the runtime speaks it, or remove the batcher",
        )  # fmt: skip


def _parts(model: ResolvedModel) -> Iterator[Finding]:
    serving = model.spec.serving
    yield from variables.check(model, ("serving", "env"), serving.env)
    for name, part in (("transformer", serving.transformer), ("explainer", serving.explainer)):
        if part is not None:
            yield from variables.check(model, ("serving", name, "env"), part.env)
            yield from images.check(model, ("serving", name, "image"), part.image)


def _rollout(model: ResolvedModel) -> Iterator[Finding]:
    yield from rollout.stuck(model)
    if model.place.spec.serving.deployment_mode == "Knative":
        yield from _rollout_on_knative(model)


def _rollout_on_knative(model: ResolvedModel) -> Iterator[Finding]:
    """Knative replaces replicas in its own way: what a spec says of that cannot be rendered."""
    for field in ("maxSurge", "maxUnavailable"):
        if field in (model.provenance.merged.get("rollout") or {}):
            yield model.finding(
                "rollout-needs-standard", ("rollout", field),
                f"target {model.place.target} runs models on Knative, which decides itself how replicas are replaced",
                help=f"set rollout.{field} to null in the target's profile", severity=Severity.WARNING,
            )  # fmt: skip
    if model.spec.rollout.strategy == "recreate":
        yield model.finding(
            "rollout-needs-standard", ("rollout", "strategy"),
            f"target {model.place.target} runs models on Knative, which starts new replicas before it stops old ones",
            help="set rollout.strategy to rolling",
        )  # fmt: skip


def names(model: ResolvedModel) -> Iterator[Finding]:
    """Findings about names that come of the model's.

    KServe makes Services NAME-PART, and in Standard mode hosts NAME-PART-NAMESPACE.DOMAIN unless told otherwise.
    """
    serving = model.spec.serving
    parts = ["predictor", *(p for p in ("transformer", "explainer") if getattr(serving, p) is not None)]
    part = max(parts, key=len)
    service = f"{model.instance}-{part}"
    host = f"{service}-{model.place.namespace}"
    if len(service) > LONGEST_LABEL:
        yield model.finding(
            "name-too-long", (), f"KServe would make a Service '{service}' of more than {LONGEST_LABEL} characters",
            help="shorten the model's name",
        )  # fmt: skip
    elif model.place.spec.serving.deployment_mode == "Standard" and len(host) > LONGEST_LABEL:
        yield model.finding(
            "host-name-too-long", (), f"KServe would make a host '{host}' of more than {LONGEST_LABEL} characters",
            help="shorten the model's name or the namespace; or, where KServe's domainTemplate is another, "
            "set policy.rules.host-name-too-long to 'off'",
        )  # fmt: skip
