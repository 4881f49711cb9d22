"""Placeholders written as Argo's tags. Pure."""

from __future__ import annotations

from mlgitops.spec.placeholders import OutputUse, ParameterUse, Part, parts


def input_name(use: OutputUse) -> str:
    """The input by which a template gets an output of another step. ``_`` is in no name of ours, so that none clash."""
    return f"{use.step}_{use.name}"


def in_template(text: str) -> str:
    """The text with Argo's simple tags. Argo escapes the value for the text in which the tag stands."""
    return "".join(_simple(part) for part in parts(text))


def _simple(part: Part) -> str:
    match part:
        case ParameterUse(name):
            return f"{{{{workflow.parameters.{name}}}}}"
        case OutputUse():
            return f"{{{{inputs.parameters.{input_name(part)}}}}}"
    return str(part)


def in_manifest(text: str) -> str:
    """The text with tags for a manifest in JSON that stands, as a text, within a template.

    Argo escapes a value once, for the template; a quotation mark in it would end the text within the manifest and could
    go on with fields of its own. Hence an expression that escapes it once more, without the quotation marks around.
    """
    return "".join(_escaped(part) for part in parts(text))


def _escaped(part: Part) -> str:
    match part:
        case ParameterUse(name):
            return f"{{{{=toJson(workflow.parameters['{name}'])[1:-1]}}}}"
        case OutputUse():
            return f"{{{{=toJson(inputs.parameters['{input_name(part)}'])[1:-1]}}}}"
    return str(part)
