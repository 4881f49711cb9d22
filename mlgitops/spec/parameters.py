"""Parameters of pipelines and of step templates: their types, and what a value is as text. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from mlgitops.spec.fields import Block, Items, Name, Text

ParameterType = Literal["string", "int", "float", "bool"]


def as_text(value: Any) -> Any:
    """A YAML scalar as a program gets it: ``true``, ``3``, ``0.00001``; what is no scalar as it is."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    return format(Decimal(repr(value)), "f") if isinstance(value, float) else value


ParameterText = Annotated[
    str,
    BeforeValidator(as_text, json_schema_input_type=str | int | float | bool),
    Field(description="A text, a number, true or false, as the parameter's type is."),
]


class Parameter(Block):
    """A value that steps use and a run can change. Merged by ``name``."""

    name: Annotated[Name, Field(description="The name, used as ``{{parameters.NAME}}``.")]
    type: Annotated[
        ParameterType,
        Field(description="What its values are: any text (string), whole numbers, numbers, or true and false."),
    ] = "string"
    value: Annotated[
        ParameterText | None,
        Field(description="The value unless a run, or a step that uses the template, gives another."),
    ] = None
    enum: Annotated[tuple[ParameterText, ...], Items, Field(description="The only values that it may have.")] = ()
    description: Annotated[
        Text | None, Field(description="What it changes, at most 2000 characters; shown where a run is started.")
    ] = None


def fits(value: Any, kind: ParameterType) -> bool:
    """Whether a YAML scalar is of the type; whole numbers are numbers too."""
    match kind:
        case "string":
            return isinstance(value, str)
        case "bool":
            return isinstance(value, bool)
        case "int":
            return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, int | float) and not isinstance(value, bool)


def takes(wanted: Parameter, given: Parameter) -> bool:
    """Whether every value of ``given`` is one of ``wanted``'s type; any value can be handed on as a text."""
    return wanted.type in ("string", given.type) or (wanted.type, given.type) == ("float", "int")


def by_name(parameters: Iterable[Parameter]) -> dict[str, Parameter]:
    """The parameters by name."""
    return {parameter.name: parameter for parameter in parameters}


def of_type(text: str, kind: ParameterType) -> str | int | float | bool:
    """A value that a person gave as text, as a YAML scalar of the type. It is known to fit."""
    match kind:
        case "string":
            return text
        case "bool":
            return {"true": True, "false": False}[text]
        case "int":
            return int(text)
    return float(text)
