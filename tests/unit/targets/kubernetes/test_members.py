from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from mlgitops.targets.kubernetes.members import USUAL

GOLDENS = Path(__file__).resolve().parents[3] / "goldens"


@pytest.mark.parametrize("room", ["render", "examples"])
def test_every_kind_that_is_rendered_is_looked_for_before_an_inventory_counts_as_never_written(room: str) -> None:
    files = sorted((GOLDENS / room).rglob("*.yaml"))
    loader = yaml.CSafeLoader
    kinds = {one["kind"] for path in files for one in yaml.load_all(path.read_bytes(), loader) if one}
    assert kinds > {"ServiceAccount"}
    assert kinds <= USUAL
