"""Rules about parameters: that values are of the declared type, among those allowed, given where needed. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mlgitops.check.findable import Findable
from mlgitops.check.references import unknown_name
from mlgitops.finding import Finding
from mlgitops.spec.parameters import Parameter, as_text, by_name, fits, takes
from mlgitops.spec.placeholders import OutputUse, ParameterUse, parts
from mlgitops.spec.positions import Pointer
from mlgitops.spec.resolved import ResolvedPipeline
from mlgitops.spec.step_library import StepTemplate

_WORDS = {"string": "a text", "int": "a whole number", "float": "a number", "bool": "true or false"}


def check(one: Findable, declared: Sequence[Parameter], written: Mapping[str, Any]) -> Iterator[Finding]:
    """Findings about a spec's own parameters. ``written`` is the spec as YAML has it, in which types still show."""
    for index, (parameter, raw) in enumerate(zip(declared, written.get("parameters", ()), strict=True)):
        place = ("parameters", index)
        for number, choice in enumerate(raw.get("enum", ())):
            if not fits(choice, parameter.type):
                yield _wrong_type(one, (*place, "enum", number), parameter, choice)
        if raw.get("value") is not None:
            yield from _value(one, (*place, "value"), parameter, raw["value"])


def check_uses(resolved: ResolvedPipeline) -> Iterator[Finding]:
    """Findings about the values that steps give to the parameters of their templates."""
    for index, step in enumerate(resolved.spec.steps):
        template = resolved.templates.get(step.name)
        if template is not None:
            yield from _with(resolved, index, template)
        elif step.with_:
            yield resolved.finding(
                "with-without-uses", ("steps", index, "with"), f"step '{step.name}' uses no template that takes values",
                help="add uses: NAME@VERSION, or remove with",
            )  # fmt: skip


def check_run(resolved: ResolvedPipeline) -> Iterator[Finding]:
    """Findings about the values that Git gives to the parameters of the run that it asks for."""
    if resolved.spec.run is None:
        return
    declared, place = by_name(resolved.spec.parameters), ("run", "parameters")
    given = resolved.provenance.merged["run"].get("parameters", {})
    for name, value in given.items():
        if name not in declared:
            yield unknown_name(resolved, (*place, name), "parameter", name, declared, resolved.name)
        else:
            yield from _value(resolved, (*place, name), declared[name], value)
    for name, parameter in declared.items():
        if parameter.value is None and name not in given:
            yield resolved.finding(
                "missing-parameter", ("run",), f"the run needs the parameter '{name}'",
                help=f"add it to run.parameters, {_WORDS[parameter.type]}",
            )  # fmt: skip


def _with(resolved: ResolvedPipeline, index: int, template: StepTemplate) -> Iterator[Finding]:
    declared, place = by_name(template.spec.parameters), ("steps", index, "with")
    given = resolved.provenance.merged["steps"][index].get("with", {})
    for name, value in given.items():
        if name not in declared:
            yield unknown_name(resolved, (*place, name), "parameter", name, declared, template.reference)
        else:
            yield from _given(resolved, (*place, name), declared[name], value)
    for name, parameter in declared.items():
        if parameter.value is None and name not in given:
            yield resolved.finding(
                "missing-parameter", ("steps", index, "uses"), f"{template.reference} needs the parameter '{name}'",
                help=f"add with: {{{name}: …}}, {_WORDS[parameter.type]}; its file says what it is for",
            )  # fmt: skip


def _given(resolved: ResolvedPipeline, pointer: Pointer, wanted: Parameter, value: Any) -> Iterator[Finding]:
    """A value, or placeholders: for a text any, otherwise one alone, of which what is known has to fit."""
    pieces = list(parts(value)) if isinstance(value, str) else []
    if not any(isinstance(piece, tuple) for piece in pieces):
        yield from _value(resolved, pointer, wanted, value)
    elif len(pieces) == 1 and isinstance(pieces[0], ParameterUse):
        own = by_name(resolved.spec.parameters).get(pieces[0].name)
        yield from _handed_on(resolved, pointer, wanted, own) if own else ()
    elif wanted.type != "string" and not (len(pieces) == 1 and isinstance(pieces[0], OutputUse)):
        yield _wrong_type(resolved, pointer, wanted, value)


def _handed_on(resolved: ResolvedPipeline, pointer: Pointer, wanted: Parameter, own: Parameter) -> Iterator[Finding]:
    if not takes(wanted, own):
        yield resolved.finding(
            "parameter-type", pointer, f"parameter '{wanted.name}' is {_WORDS[wanted.type]}, but the pipeline's "
            f"parameter '{own.name}' is {_WORDS[own.type]}", help=f"give '{own.name}' the type {wanted.type}",
        )  # fmt: skip
    elif wanted.enum and not set(wanted.enum) >= set(own.enum or ("",)):
        yield resolved.finding(
            "parameter-choice", pointer, f"the pipeline's parameter '{own.name}' may have values that "
            f"'{wanted.name}' may not", help=f"give '{own.name}' an enum of: {', '.join(wanted.enum)}",
        )  # fmt: skip


def _value(one: Findable, pointer: Pointer, parameter: Parameter, value: Any) -> Iterator[Finding]:
    if not fits(value, parameter.type):
        yield _wrong_type(one, pointer, parameter, value)
    elif parameter.enum and as_text(value) not in parameter.enum:
        yield one.finding(
            "parameter-choice", pointer, f"parameter '{parameter.name}' cannot be {as_text(value)}",
            help=f"one of: {', '.join(parameter.enum)}",
        )  # fmt: skip


def _wrong_type(one: Findable, pointer: Pointer, parameter: Parameter, value: Any) -> Finding:
    given = f'"{value}"' if isinstance(value, str) else as_text(value)
    help = f"write {_WORDS[parameter.type]}, without quotes"
    if parameter.type == "string":
        help = f'quote it: "{given}"; or say in the parameter what type it is'
    message = f"parameter '{parameter.name}' is {_WORDS[parameter.type]}, not {given}"
    return one.finding("parameter-type", pointer, message, help=help)
