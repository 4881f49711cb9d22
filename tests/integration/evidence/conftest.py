"""A model server to be asked, and golden sets for its model."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.testbed.serving.fixtures import model_server

__all__ = ["model_server"]

ROWS = [[5.1, 3.5, 1.4, 0.2], [6.2, 2.8, 4.8, 1.8], [5.9, 3.0, 5.1, 1.8], [6.0, 2.2, 4.0, 1.0]]
SPECIES = [0, 2, 2, 1]


@pytest.fixture
def golden(tmp_path: Path) -> Callable[..., Path]:
    """``golden("v2", [0, 2, 2, 1])``: a golden set with these answers, a flower a line."""

    def make(protocol: str, species: list[int] | None = None) -> Path:
        lines = [_line(protocol, row, answer) for row, answer in zip(ROWS, species or SPECIES, strict=True)]
        path = tmp_path / f"{protocol}.jsonl"
        path.write_text("\n".join(map(json.dumps, lines)) + "\n")
        return path

    return make


def _line(protocol: str, row: list[float], answer: int) -> dict[str, object]:
    if protocol == "v1":
        return {"instances": [row], "predictions": [answer]}
    return {
        "inputs": [{"name": "input-0", "datatype": "FP64", "shape": [1, 4], "data": row}],
        "outputs": [{"name": "output-0", "datatype": "INT64", "shape": [1], "data": [answer]}],
    }
