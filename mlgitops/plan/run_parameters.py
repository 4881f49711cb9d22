"""Values that a person gives to the parameters of one run, held against what the pipeline declares. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

from mlgitops.errors import MlgitopsError
from mlgitops.spec.parameters import Parameter, by_name
from mlgitops.spec.project_files import did_you_mean

_WHOLE = re.compile(r"-?[0-9]+")
_WORDS = {"int": "a whole number", "float": "a number", "bool": "true or false"}


def refuse(declared: Sequence[Parameter], given: Mapping[str, str]) -> None:
    """Raises ``MlgitopsError`` naming all that is wrong with the values."""
    if wrong := problems(declared, given):
        known = ", ".join(one.name for one in declared) or "none"
        raise MlgitopsError("; ".join(wrong), help=f"each is given by --set NAME=VALUE; parameters: {known}")


def problems(declared: Sequence[Parameter], given: Mapping[str, str]) -> list[str]:
    """What is wrong with the values, each in words: unknown names, wrong types, and what is missing."""
    known = by_name(declared)
    wrong = [_unknown(name, known) for name in given if name not in known]
    wrong += [why for name, value in given.items() if name in known and (why := _refusal(known[name], value))]
    missing = [name for name, one in known.items() if one.value is None and name not in given]
    return wrong + [f"parameter '{name}' has no value, and none is given" for name in missing]


def _unknown(name: str, known: Mapping[str, Parameter]) -> str:
    meant = did_you_mean(name, known)
    return f"there is no parameter '{name}'" + (f", did you mean '{meant}'?" if meant else "")


def _refusal(parameter: Parameter, value: str) -> str:
    if "{{" in value:  # Argo would look for a value of its own
        return f"the value of '{parameter.name}' may not hold '{{{{'"
    if parameter.enum and value not in parameter.enum:
        return f"parameter '{parameter.name}' is one of: {', '.join(parameter.enum)}"
    if not _fits(value, parameter.type):
        return f"parameter '{parameter.name}' is {_WORDS[parameter.type]}, not '{value}'"
    return ""


def _fits(value: str, kind: str) -> bool:
    match kind:
        case "int":
            return _WHOLE.fullmatch(value) is not None
        case "float":
            return _is_number(value)
        case "bool":
            return value in ("true", "false")
    return True


def _is_number(value: str) -> bool:
    try:
        return math.isfinite(float(value))
    except ValueError:
        return False
