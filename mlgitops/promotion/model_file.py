"""What MLflow's own description of a model (``MLmodel``) says of its framework and of what goes in and out. Pure.

A model with named columns takes a tensor for each, of any length. What the Open Inference Protocol has no word for is
said as a note, and the signature left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from mlgitops.errors import FindingsError
from mlgitops.spec.document import load

_COLUMNS = {
    "double": "FP64", "float": "FP32", "long": "INT64", "integer": "INT32", "boolean": "BOOL", "string": "BYTES",
    "binary": "BYTES",
}  # fmt: skip
_TENSORS = {
    "float64": "FP64", "float32": "FP32", "float16": "FP16", "int64": "INT64", "int32": "INT32", "int16": "INT16",
    "int8": "INT8", "uint64": "UINT64", "uint32": "UINT32", "uint16": "UINT16", "uint8": "UINT8", "bool": "BOOL",
    "str": "BYTES", "object": "BYTES",
}  # fmt: skip
_NAMES = {"sklearn": "scikit-learn"}
_VERSIONS = {"xgboost": "xgb_version", "lightgbm": "lgb_version"}
_GENERAL = "python_function"


def described(content: bytes) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The release's ``framework`` and ``signature``, as far as they are said, and notes about what is not taken."""
    try:
        data = load("MLmodel", content).data
    except FindingsError:
        return {}, ("MLmodel is no YAML that can be read: framework and signature are not taken from it.",)
    fields, notes = dict(_framework(data.get("flavors"))), []
    if isinstance(data.get("signature"), Mapping):
        try:
            fields["signature"] = _signature(data["signature"])
        except ValueError as error:
            notes.append(f"The signature in MLmodel is not taken over: {error}.")
    return fields, tuple(notes)


def _framework(flavors: Any) -> Iterator[tuple[str, Any]]:
    """The one flavour that is a framework's; of none or several nothing is said."""
    named = [name for name in flavors if name != _GENERAL] if isinstance(flavors, Mapping) else []
    if len(named) != 1:
        return
    flavor, details = named[0], flavors[named[0]]
    version = details.get(_VERSIONS.get(flavor, f"{flavor}_version")) if isinstance(details, Mapping) else None
    framework = {"name": _NAMES.get(flavor, flavor)}
    yield "framework", {**framework, "version": version} if isinstance(version, str) else framework


def _signature(data: Mapping[str, Any]) -> dict[str, Any]:
    sides = {side: list(_tensors(data.get(side), side)) for side in ("inputs", "outputs")}
    return {side: tensors for side, tensors in sides.items() if tensors}


def _tensors(text: Any, side: str) -> Iterator[dict[str, Any]]:
    """The tensors of one side, which MLflow writes as JSON within the YAML. Raises ``ValueError``."""
    try:
        items = orjson.loads(text) if isinstance(text, str) else []
    except orjson.JSONDecodeError as error:
        raise ValueError(f"its {side} are no JSON") from error
    for index, item in enumerate(items if isinstance(items, list) else [items]):
        if not isinstance(item, Mapping):
            raise ValueError(f"its {side}: they are no list of columns or tensors")
        name = str(item.get("name") or f"{side.removesuffix('s')}-{index}")
        kind, tensor = item.get("type"), item.get("tensor-spec")
        known = _TENSORS if kind == "tensor" else _COLUMNS
        datatype = known.get(str(tensor.get("dtype") if kind == "tensor" and isinstance(tensor, Mapping) else kind))
        if datatype is None:
            raise ValueError(f"{name} is of a type that the Open Inference Protocol has no name for")
        shape = tensor.get("shape") if isinstance(tensor, Mapping) else [-1]
        yield {"name": name, "datatype": datatype, "shape": shape}
