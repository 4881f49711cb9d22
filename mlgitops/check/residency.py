"""Rules about where data may be, and about artifacts that are far from where they are read. Pure.

A rule of the Project and one of the Environment must both hold, so that an environment can only narrow what is allowed.
A pipeline handles the data of the model that it trains. What nobody says counts as not allowed, by a code of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mlgitops.check.locality import Whereabouts, is_far, of_target, of_uri, verdict
from mlgitops.check.storage import StorageUriError, normalise, readable
from mlgitops.finding import Finding, Location, Severity
from mlgitops.spec.document import Document
from mlgitops.spec.pipeline import Step, Training
from mlgitops.spec.positions import Pointer
from mlgitops.spec.residency import ResidencyRule, StorageLocation
from mlgitops.spec.resolve import Resolution
from mlgitops.spec.resolved import STABLE, Resolved, ResolvedModel, ResolvedPipeline

POLICY_CODES = frozenset({"residency-unknown", "data-class-missing", "artifact-far"})

_Uri = tuple[Pointer, str, str, bool]
"""Its place in the spec, what it is, the URI, and whether a copy may do."""
_CLASS: Pointer = ("governance", "dataClassification")


@dataclass(frozen=True)
class _Rule:
    """A rule and where it is written."""

    rule: ResidencyRule
    place: Location


def check(resolution: Resolution, documents: Iterable[Document]) -> Iterator[Finding]:
    """Findings over one environment: data where its class may not be, and artifacts that are far away."""
    rules = _rules(resolution, {str(one.data.get("kind")): one for one in documents})
    locations = resolution.project.spec.locations if resolution.project else ()
    models = [model for model in resolution.models if model.spec.lifecycle.stage != "retired"]
    classes = {(one.place.target, one.name): one.spec.governance.data_classification for one in models}
    for model in models:
        yield from _unclassified(model) if rules else ()
        yield from _of(model, classes[model.place.target, model.name], _CLASS, rules, locations)
    for pipeline in resolution.pipelines:
        trained = classes.get((pipeline.place.target, pipeline.spec.model or ""))
        yield from _of(pipeline, trained, ("model",), rules, locations)


def _rules(resolution: Resolution, documents: dict[str, Document]) -> dict[str, list[_Rule]]:
    """The rules for each class of data, the Project's before the Environment's."""
    found: dict[str, list[_Rule]] = {}
    for kind, declared in (("Project", resolution.project), ("Environment", resolution.spec)):
        for name, rule in declared.spec.policy.residency.items() if declared else ():
            pointer: Pointer = ("spec", "policy", "residency", name)
            place = documents[kind].locate(pointer, key=True) if kind in documents else Location("")
            found.setdefault(name, []).append(_Rule(rule, place))
    return found


def _unclassified(model: ResolvedModel) -> Iterator[Finding]:
    if model.spec.governance.data_classification is None:
        yield model.finding(
            "data-class-missing", _CLASS, "nothing says the class of its data, so that policy.residency is not held",
            help="set governance.dataClassification", severity=Severity.WARNING,
        )  # fmt: skip


def _of(
    resolved: Resolved,
    data_class: str | None,
    at: Pointer,
    rules: dict[str, list[_Rule]],
    locations: Iterable[StorageLocation],
) -> Iterator[Finding]:
    target = of_target(resolved.place.spec)
    places = [(at, f"target {resolved.place.target}", target)]
    for pointer, what, uri, is_artifact in _uris(resolved):
        try:
            there = readable(uri, resolved.place.spec) if is_artifact else normalise(uri, resolved.place.spec.storage)
        except StorageUriError:  # found by check.storage
            continue
        place = of_uri(there, locations, resolved.place.spec)
        places.append((pointer, f"{what} {there}", place))
        if is_artifact and is_far(place, target):
            yield _far(resolved, pointer, what, there, place)
    for one in rules.get(data_class or "", ()):
        for pointer, what, place in places:
            yield from _judged(resolved, pointer, what, place, data_class or "", one)


def _uris(resolved: Resolved) -> Iterator[_Uri]:
    """Where a workload's data is."""
    if isinstance(resolved, ResolvedModel):
        yield ("release", "artifact", "uri"), "the artifact", resolved.spec.release.artifact.uri, True
        if (stable := resolved.spec.rollout.stable) is not None:
            yield (*STABLE, "artifact", "uri"), "the stable release's artifact", stable.artifact.uri, True
        if (batch := resolved.spec.serving.batch) is not None:
            yield ("serving", "batch", "input"), "the input", batch.input, False
            yield ("serving", "batch", "output"), "the output", batch.output, False
    elif isinstance(resolved, ResolvedPipeline):
        yield from _of_training(resolved.spec.training)
        yield from _of_steps(resolved.spec.steps)


def _of_training(training: Training | None) -> Iterator[_Uri]:
    if training is not None and training.dataset is not None:
        yield ("training", "dataset"), "the data set", training.dataset, True
    if training is not None and training.base_model is not None:
        yield ("training", "baseModel"), "the base model", training.base_model, True


def _of_steps(steps: Iterable[Step]) -> Iterator[_Uri]:
    for at, step in enumerate(steps):
        for index, artifact in enumerate(step.artifacts.inputs):
            if artifact.uri is not None:
                pointer = ("steps", at, "artifacts", "inputs", index, "uri")
                yield pointer, f"the artifact {artifact.name}", artifact.uri, False


def _far(resolved: Resolved, pointer: Pointer, what: str, uri: str, place: Whereabouts) -> Finding:
    target = resolved.place.target
    return resolved.finding(
        "artifact-far", pointer,
        f"{what} {uri} is in {place}, and target {target} in {of_target(resolved.place.spec)}: each pod that starts "
        "fetches it from there",
        help=f"copy it near, and name the copy in targets/{target}.yaml, spec.mirrors", severity=Severity.WARNING,
    )  # fmt: skip


def _judged(
    resolved: Resolved, pointer: Pointer, what: str, place: Whereabouts, data_class: str, one: _Rule
) -> Iterator[Finding]:
    found, words = verdict(one.rule, place)
    if found == "allowed":
        return
    code = "residency-violated" if found == "forbidden" else "residency-unknown"
    reason = f": {one.rule.reason}" if one.rule.reason else ""
    helps = {
        "residency-violated": "leave the target out with spec.targets, or move the data to where it may be",
        "residency-unknown": "say it: jurisdiction and region in the Target, or in spec.locations of the Project",
    }
    yield resolved.finding(
        code, pointer, f"{data_class} data of {resolved.name} may not be at {what}: {words} ({one.place}{reason})",
        help=helps[code],
    )  # fmt: skip
