"""What a plain (unquoted) YAML scalar means, with every word refused that two YAML readers understand differently.

Pure. YAML 1.1 reads ``NO`` as false, ``010`` as 8 and ``12:30`` as 750; YAML 1.2 reads them as text or other numbers.
Here neither wins: such a scalar is a ``Trap``, and the user quotes it or writes what was meant. Timestamps are text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

INTEGER_BITS = 64
"""Integers fit a signed number of this many bits, as they must in JSON that Kubernetes reads."""


@dataclass(frozen=True, slots=True)
class Trap:
    """A plain scalar that is refused: ``code`` of the finding, ``reason`` to follow the scalar's text, and ``help``."""

    code: str
    reason: str
    help: str


Plain = str | int | float | bool | None | Trap

BOOLEAN_WORD = Trap(
    "ambiguous-boolean",
    "is a boolean to some YAML readers and text to others",
    "quote it if text is meant; for a boolean write true or false",
)
VALUE_MARK = Trap("ambiguous-value", "is the default-value mark of YAML 1.1", "quote it")
NOT_FINITE = Trap("non-finite-number", "is not a finite number", "write a finite number, or quote it if text is meant")
TOO_LARGE = Trap(
    "number-too-large",
    f"does not fit into {INTEGER_BITS} bits",
    "quote it if it is an identifier or text; otherwise write a smaller number",
)
NUMBER_TRAPS = {
    "leading_zero": Trap(
        "ambiguous-number",
        "is an octal number to some YAML readers and a decimal number or text to others",
        "quote it if text is meant; otherwise write the number without leading zeros",
    ),
    "radix": Trap(
        "ambiguous-number",
        "is a number in another base to some YAML readers and text to others",
        "quote it if text is meant; otherwise write the number in decimal",
    ),
    "underscore": Trap(
        "ambiguous-number",
        "is a number with separators to some YAML readers and text to others",
        "quote it if text is meant; otherwise write the number without underscores",
    ),
    "exponent": Trap(
        "ambiguous-number",
        "is a number to some YAML readers and text to others",
        "quote it if text is meant; otherwise write a decimal point and a signed exponent, as in 1.0e-4",
    ),
    "sexagesimal": Trap(
        "sexagesimal-number",
        "is a number in base 60 to some YAML readers (12:30 is 750) and text to others",
        "quote it",
    ),
    "not_finite": NOT_FINITE,
}

_WORDS: dict[str, Plain] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True"), True),
    **dict.fromkeys(("false", "False"), False),
    **dict.fromkeys(("TRUE", "FALSE"), BOOLEAN_WORD),
    **dict.fromkeys("y Y yes Yes YES n N no No NO on On ON off Off OFF".split(), BOOLEAN_WORD),
    "=": VALUE_MARK,
}
_NUMBER_STARTS = frozenset("0123456789+-.")
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(?:(?:0|[1-9][0-9]*)\.[0-9]*|\.[0-9]+)(?:[eE][-+][0-9]+)?")
_TRAPS = re.compile(
    r"[-+]?(?:"
    r"(?P<not_finite>\.(?:inf|Inf|INF|nan|NaN|NAN))"
    r"|(?P<radix>0(?:[xX][0-9a-fA-F_]+|[bB][01_]+|[oO][0-7_]+))"
    r"|(?P<sexagesimal>[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?)"
    r"|(?P<leading_zero>0[0-9]+(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?)"
    r"|(?P<exponent>(?:[0-9]+\.?[0-9]*|\.[0-9]+)[eE][-+]?[0-9]+)"
    r"|(?P<underscore>[0-9][0-9_]*(?:\.[0-9_]*)?(?:[eE][-+]?[0-9]+)?|\.[0-9][0-9_]*)"
    r")"
)


def plain(text: str) -> Plain:
    """The value of a plain scalar, or the ``Trap`` that it is. Never raises."""
    if text[:1] in _NUMBER_STARTS:
        return _number(text)
    return _WORDS.get(text, text)


def _number(text: str) -> Plain:
    """A scalar that begins like a number: an integer, a finite float, text (``500m``, ``1.2.3``), or a trap."""
    if _INTEGER.fullmatch(text):
        return _integer(text)
    if _FLOAT.fullmatch(text):
        value = float(text)
        return value if abs(value) != float("inf") else NOT_FINITE
    trap = _TRAPS.fullmatch(text)
    return NUMBER_TRAPS[trap.lastgroup] if trap and trap.lastgroup else text


def _integer(text: str) -> Plain:
    if len(text) > INTEGER_BITS:  # int() refuses very long digits, and takes time that grows with their square
        return TOO_LARGE
    value = int(text)
    return value if -(2 ** (INTEGER_BITS - 1)) <= value < 2 ** (INTEGER_BITS - 1) else TOO_LARGE
