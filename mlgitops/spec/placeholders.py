"""Placeholders in a pipeline's texts: ``{{parameters.NAME}}``, ``{{steps.STEP.NAME}}``, ``{{tuning.NAME}}``. Pure.

A text is cut as Argo cuts it (from the first ``{{`` to the next ``}}``), since what is left between its braces would be
read by Argo as one of its own tags: everything that is no placeholder of ours is ``Unknown`` and refused by ``check``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from pydantic.alias_generators import to_camel

from mlgitops.spec.artifacts import ArtifactInput, ArtifactOutput
from mlgitops.spec.build import BUILT_OUTPUTS
from mlgitops.spec.fields import Block
from mlgitops.spec.outcome import Evaluation
from mlgitops.spec.pipeline import PipelineSpec, Step
from mlgitops.spec.positions import Pointer
from mlgitops.spec.serving import Container

TRAINING_STEP = "train"
"""The name of the training among the steps."""
EVALUATION_STEP, EVIDENCE_STEP, REGISTRATION_STEP = "evaluate", "evidence", "register"
"""The names of what a run ends with: the evaluation, the evidence that is made of it, the registration."""
_WRITTEN = (
    "image", "command", "args", "main_application_file", "conf", "revision", "destination", "version", "artifact",
    "digest", "framework", "source_commit", "data_digest", "reference", "trained_at",
)  # fmt: skip
"""Fields in which placeholders may stand, wherever they are."""
_NAME = r"[a-z](?:[-a-z0-9]*[a-z0-9])?"
_TAG = re.compile(
    rf"\s*(?:parameters\.(?P<parameter>{_NAME})|steps\.(?P<step>{_NAME})\.(?P<output>{_NAME})"
    rf"|tuning\.(?P<tuning>{_NAME}))\s*"
)


class ParameterUse(NamedTuple):
    """A use of a pipeline's parameter."""

    name: str


class OutputUse(NamedTuple):
    """A use of an output of an earlier step."""

    step: str
    name: str


class TuningUse(NamedTuple):
    """A use of a value that is searched, which every trial has another of."""

    name: str


class Unknown(NamedTuple):
    """Braces that are no placeholder, as they are written."""

    text: str


Part = str | ParameterUse | OutputUse | TuningUse | Unknown


def parts(text: str) -> Iterator[Part]:
    """The text cut into literal pieces and placeholders, in order."""
    while "{{" in text:
        before, _, rest = text.partition("{{")
        tag, closed, text = rest.partition("}}")
        if before:
            yield before
        yield _placeholder(tag) if closed else Unknown("{{" + tag)
    if text:
        yield text


def _placeholder(tag: str) -> Part:
    match = _TAG.fullmatch(tag)
    if match is None:
        return Unknown("{{" + tag + "}}")
    parameter, step, output, searched = match.group("parameter", "step", "output", "tuning")
    if searched:
        return TuningUse(searched)
    return ParameterUse(parameter) if parameter else OutputUse(step, output)


def with_values(text: str, values: Mapping[str, str]) -> str:
    """The text with the parameters replaced that have a value; everything else in it stays as it is."""
    return "".join(_replaced(part, values) for part in parts(text))


def _replaced(part: Part, values: Mapping[str, str]) -> str:
    match part:
        case ParameterUse(name):
            return values.get(name, f"{{{{parameters.{name}}}}}")
        case OutputUse(step, name):
            return f"{{{{steps.{step}.{name}}}}}"
        case TuningUse(name):
            return f"{{{{tuning.{name}}}}}"
        case Unknown(text):
            return text
    return part


def texts(part: Block) -> Iterator[tuple[Pointer, str]]:
    """The texts of a step, the training, the evaluation or the registration in which placeholders may stand, with their
    place in it."""
    for field in _WRITTEN:
        yield from _below((to_camel(field),), getattr(part, field, None))
    for index, variable in enumerate(getattr(part, "env", ())):
        if variable.value is not None:
            yield ("env", index, "value"), variable.value
    for field in ("spark", "build"):
        block = getattr(part, field, None)
        yield from (((field, *place), text) for place, text in texts(block)) if block else ()


def _below(pointer: Pointer, value: object) -> Iterator[tuple[Pointer, str]]:
    match value:
        case str():
            yield pointer, value
        case tuple():
            yield from (((*pointer, index), text) for index, text in enumerate(value))
        case dict():
            yield from (((*pointer, name), text) for name, text in value.items())


def plain_texts(container: Container) -> Iterator[tuple[Pointer, str]]:
    """The texts of a container that come into a workflow as they are, so that no placeholder may stand in them."""
    for index, variable in enumerate(container.env):
        if variable.from_secret is not None:
            yield ("env", index, "fromSecret", "key"), variable.from_secret.key
    if isinstance(container, Evaluation):
        yield ("metrics",), container.metrics
    if isinstance(container, Step):
        yield from ((("outputs", i, "path"), output.path) for i, output in enumerate(container.outputs))
        ways: dict[str, tuple[ArtifactInput | ArtifactOutput, ...]] = {
            "inputs": container.artifacts.inputs, "outputs": container.artifacts.outputs,
        }  # fmt: skip
        for way, artifacts in ways.items():
            yield from ((("artifacts", way, i, "path"), each.path) for i, each in enumerate(artifacts))
        if container.build is not None:
            secrets = {"registryLogin": container.build.registry_login, "gitToken": container.build.git_token}
            yield from ((("build", name, "key"), one.key) for name, one in secrets.items() if one is not None)
        given = enumerate(container.artifacts.inputs)
        yield from ((("artifacts", "inputs", i, "uri"), each.uri) for i, each in given if each.uri is not None)


def values(container: Block) -> Iterator[tuple[Pointer, str]]:
    """What a step gives to the parameters of its template, with its place: texts in which placeholders may stand."""
    if isinstance(container, Step):
        yield from ((("with", name), text) for name, text in container.with_.items())


def output_uses(part: Block) -> list[OutputUse]:
    """The outputs of other steps that a step or the like uses, each once, in order of their names."""
    return uses_in(text for _, text in texts(part))


def uses_in(written: Iterable[str]) -> list[OutputUse]:
    """The outputs of steps that texts use, each once, in order of their names."""
    return sorted({part for text in written for part in parts(text) if isinstance(part, OutputUse)})


def output_names(step: Step) -> set[str]:
    """What later steps can use of a step as text: the files that it names, and what every build has."""
    return {output.name for output in step.outputs} | (set(BUILT_OUTPUTS) if step.build else set())


def artifact_uses(container: Block) -> list[tuple[ArtifactInput, OutputUse]]:
    """The inputs of a step that are outputs of other steps, and whose; none for the training."""
    inputs = container.artifacts.inputs if isinstance(container, Step) else ()
    return [(each, OutputUse(*each.from_.split(".")[1:])) for each in inputs if each.from_ is not None]


def needs(container: Block, depends_on: Iterable[str]) -> list[str]:
    """The steps that must be done before: those it names, and those whose outputs it uses, in order of their names."""
    used = (*output_uses(container), *(use for _, use in artifact_uses(container)))
    return sorted({*depends_on, *(use.step for use in used)})


def containers(spec: PipelineSpec) -> Iterator[tuple[Pointer, str, Container, tuple[str, ...]]]:
    """The steps, the training and the evaluation: place in the spec, name, container, and the steps it depends on."""
    for index, step in enumerate(spec.steps):
        yield ("steps", index), step.name, step, step.depends_on
    if spec.training is not None:
        yield ("training",), TRAINING_STEP, spec.training, spec.training.depends_on
    if spec.evaluation is not None:
        yield ("evaluation",), EVALUATION_STEP, spec.evaluation, spec.evaluation.depends_on


def tasks(spec: PipelineSpec) -> Iterator[tuple[Pointer, str, Block, tuple[str, ...]]]:
    """The same, and the registration, which depends on all of them."""
    names = []
    for task in containers(spec):
        names += [task[1]] if task[1] != REGISTRATION_STEP else []
        yield task
    if spec.registration is not None:
        yield ("registration",), REGISTRATION_STEP, spec.registration, tuple(names)
