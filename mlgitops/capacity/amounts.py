"""Amounts as people write them. Pure."""

from __future__ import annotations

from decimal import Decimal

BYTES = ("memory", "ephemeral-storage", "storage", "hugepages-")
"""Beginnings of the names of resources that are counted in bytes."""
_UNITS = ("Ki", "Mi", "Gi", "Ti")


def written(resource: str, value: Decimal) -> str:
    """A number of cores or pieces, or of bytes with a unit; at most four digits, but no whole number is shortened."""
    if not resource.startswith(BYTES):
        return f"{value.normalize():f}" if value == value.to_integral() else f"{float(value):.4g}"
    number, unit = float(value), ""
    for name in _UNITS:
        if abs(number) < 1024:
            break
        number, unit = number / 1024, name
    return f"{number:.4g}{unit}"
