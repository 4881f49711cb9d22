"""Placeholders in a pipeline's texts: ``{{parameters.NAME}}`` and ``{{steps.STEP.NAME}}``. Pure.

A text is cut as Argo cuts it (from the first ``{{`` to the next ``}}``), since what is left between its braces would be
read by Argo as one of its own tags: everything that is no placeholder of ours is ``Unknown`` and refused by ``check``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from mlgitops.spec.pipeline import PipelineSpec
from mlgitops.spec.positions import Pointer
from mlgitops.spec.serving import Container

TRAINING_STEP = "train"
"""The name of the training among the steps."""
_NAME = r"[a-z](?:[-a-z0-9]*[a-z0-9])?"
_TAG = re.compile(rf"\s*(?:parameters\.(?P<parameter>{_NAME})|steps\.(?P<step>{_NAME})\.(?P<output>{_NAME}))\s*")


class ParameterUse(NamedTuple):
    """A use of a pipeline's parameter."""

    name: str


class OutputUse(NamedTuple):
    """A use of an output of an earlier step."""

    step: str
    name: str


class Unknown(NamedTuple):
    """Braces that are no placeholder, as they are written."""

    text: str


Part = str | ParameterUse | OutputUse | Unknown


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
    parameter, step, output = match.group("parameter", "step", "output")
    return ParameterUse(parameter) if parameter else OutputUse(step, output)


def texts(container: Container) -> Iterator[tuple[Pointer, str]]:
    """The texts of a container in which placeholders may stand, with their place in it."""
    for field in ("command", "args"):
        for index, text in enumerate(getattr(container, field)):
            yield (field, index), text
    for index, variable in enumerate(container.env):
        if variable.value is not None:
            yield ("env", index, "value"), variable.value


def output_uses(container: Container) -> list[OutputUse]:
    """The outputs of other steps that a container uses, each once, in order of their names."""
    return sorted({part for _, text in texts(container) for part in parts(text) if isinstance(part, OutputUse)})


def needs(container: Container, depends_on: Iterable[str]) -> list[str]:
    """The steps that must be done before: those it names, and those whose outputs it uses, in order of their names."""
    return sorted({*depends_on, *(use.step for use in output_uses(container))})


def containers(spec: PipelineSpec) -> Iterator[tuple[Pointer, str, Container, tuple[str, ...]]]:
    """The steps and the training: place in the spec, name, container, and the steps it says it depends on."""
    for index, step in enumerate(spec.steps):
        yield ("steps", index), step.name, step, step.depends_on
    if spec.training is not None:
        yield ("training",), TRAINING_STEP, spec.training, spec.training.depends_on
