"""Rules about the step templates of the library by themselves, whether any pipeline uses them or not. Pure.

What a template says is looked at here, once; what becomes of it at a target, with each pipeline that uses it.
"""

from __future__ import annotations

from collections.abc import Iterator

from mlgitops.check import braces, graph, images, parameters, variables
from mlgitops.check.references import unknown_name
from mlgitops.finding import Finding
from mlgitops.spec.parameters import by_name
from mlgitops.spec.pipeline import Step
from mlgitops.spec.placeholders import OutputUse, ParameterUse, TuningUse, Unknown, parts, plain_texts, texts
from mlgitops.spec.positions import Pointer
from mlgitops.spec.resolve import Resolution
from mlgitops.spec.step_library import StepTemplate

FIELDS = ("parameters", "steps")
_OF_PIPELINES = ("uses", "with", "dependsOn")
_ONE_STEP = "a step template has parameters and one step, by the template's name"


def check(resolution: Resolution) -> Iterator[Finding]:
    """Findings about every template of the project."""
    for template in resolution.step_templates.values():
        step = template.spec.steps[0]
        yield from _form(template, step)
        yield from parameters.check(template, template.spec.parameters, template.document.data["spec"])
        yield from graph.repeated(template, ("parameters",), "parameter", [p.name for p in template.spec.parameters])
        yield from graph.names_of_files(template, ("steps", 0), step)
        yield from _placeholders(template, step)
        if "{{" not in step.image:
            yield from images.check(template, ("steps", 0, "image"), step.image)
        yield from variables.check(template, ("steps", 0, "env"), step.env)


def _form(template: StepTemplate, step: Step) -> Iterator[Finding]:
    data, help = template.document.data["spec"], "a pipeline that uses the template says the rest"
    others = [field for field in data if field not in FIELDS]
    wrong: list[tuple[Pointer, str]] = [((field,), f"{_ONE_STEP}, but no {field}") for field in others]
    wrong += [(("steps", 1), _ONE_STEP)] if len(template.spec.steps) > 1 else []
    wrong += [(("steps", 0, f), f"a template's step has no {f}") for f in _OF_PIPELINES if f in data["steps"][0]]
    for number, each in enumerate(step.artifacts.inputs):
        if each.from_ is not None:
            place = ("steps", 0, "artifacts", "inputs", number, "from")
            wrong.append((place, "a template does not know the steps of a pipeline"))
    if step.name != template.document.data["metadata"]["name"]:
        wrong.append((("steps", 0, "name"), f"{_ONE_STEP}, not '{step.name}'"))
    for pointer, message in wrong:
        yield template.finding("invalid-step-template", pointer, message, help=help)


def _placeholders(template: StepTemplate, step: Step) -> Iterator[Finding]:
    for place, text in texts(step):
        for part in parts(text):
            yield from _placeholder(template, ("steps", 0, *place), part)
    yield from braces.check(template, _plain(template, step))


def _placeholder(template: StepTemplate, pointer: Pointer, part: object) -> Iterator[Finding]:
    known = by_name(template.spec.parameters)
    match part:
        case Unknown(text):
            yield graph.unknown_placeholder(template, pointer, text)
        case ParameterUse(name) if name not in known:
            yield unknown_name(template, pointer, "parameter", name, known, template.reference)
        case OutputUse() | TuningUse():
            yield template.finding(
                "invalid-step-template", pointer, "a template does not know the pipelines that use it",
                help="declare a parameter, to which a pipeline gives {{steps.STEP.NAME}}",
            )  # fmt: skip


def _plain(template: StepTemplate, step: Step) -> Iterator[tuple[Pointer, str | None]]:
    """Texts that may hold no placeholder."""
    for index, parameter in enumerate(template.spec.parameters):
        yield ("parameters", index, "value"), parameter.value
        yield ("parameters", index, "description"), parameter.description
        yield from ((("parameters", index, "enum", i), choice) for i, choice in enumerate(parameter.enum))
    for pointer, text in plain_texts(step):
        yield ("steps", 0, *pointer), text
