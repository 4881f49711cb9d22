from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlgitops.errors import FindingsError, ToolError, ToolMissingError
from mlgitops.manifest import Manifest, in_order
from mlgitops.tools.kustomize import Kustomize
from mlgitops.tools.process import Limits
from mlgitops.workflows.overlay import Settings, overlay

OBJECTS: list[Manifest] = [{"apiVersion": "v1", "kind": "A", "metadata": {"name": f"n{n}"}} for n in range(6)]
FILES = {"prod/kustomization.yaml": b"namePrefix: ''"}
BATCHED = Settings(batch_size=2, limits=Limits(timeout=5, output=1 << 20))
PASS_ON = '/bin/cat "$3/mlgitops-rendered.json"'

Built = Callable[..., list[Manifest]]


@pytest.fixture
def built(tmp_path: Path) -> Built:
    """``built(script)``: the overlay by a kustomize that is this shell script and notes the objects of each build."""

    def build(script: str, files: dict[str, bytes] | None = None, settings: Settings = BATCHED) -> list[Manifest]:
        program = tmp_path / "kustomize"
        count = (
            f'objects=$(/usr/bin/grep -c apiVersion "$3/mlgitops-rendered.json"); echo $objects >> {tmp_path}/builds\n'
        )
        program.write_text(f"#!/bin/sh\n{count}{script}\n")
        program.chmod(0o755)
        return overlay(OBJECTS, "prod", files or FILES, lambda: Kustomize(program), settings)

    return build


def builds(tmp_path: Path) -> list[int]:
    return sorted(map(int, (tmp_path / "builds").read_text().split()))


def test_batches_are_built_and_put_in_order(built: Built, tmp_path: Path) -> None:
    assert built(PASS_ON) == in_order(OBJECTS)
    assert builds(tmp_path) == [2, 2, 2]


def test_where_a_batch_fails_one_build_decides(built: Built, tmp_path: Path) -> None:
    assert built(f"[ $objects = 6 ] || exit 1; {PASS_ON}") == in_order(OBJECTS)
    assert builds(tmp_path)[-1] == 6


def test_the_one_builds_words_are_what_the_user_reads(built: Built) -> None:
    with pytest.raises(ToolError, match="in prod: failed with 6"):
        built("echo failed with $objects >&2; exit 1")


def test_the_batchs_words_stand_where_one_build_takes_too_long(built: Built) -> None:
    slow = Settings(batch_size=2, limits=Limits(timeout=1, output=1 << 20))
    with pytest.raises(ToolError, match="in prod: failed with 2"):
        built("[ $objects = 6 ] && /bin/sleep 30; echo failed with $objects >&2; exit 1", settings=slow)


def test_where_batches_disagree_one_build_decides(built: Built, tmp_path: Path) -> None:
    own = "echo; echo ---; echo '{apiVersion: v1, kind: Own, metadata: {name: own}, spec: '$objects$$'}'"

    result = built(f"{PASS_ON}; {own}")

    assert builds(tmp_path) == [2, 2, 2, 6]
    assert len(result) == 7


def test_one_build_that_takes_too_long_says_why_it_was_one(built: Built) -> None:
    files = {"prod/kustomization.yaml": b"vars: [{name: A}]"}
    with pytest.raises(ToolError, match=r"did not end within 0\.3 s") as caught:
        built("/bin/sleep 30", files, Settings(batch_size=2, limits=Limits(timeout=0.3, output=10)))

    assert caught.value.help == ("6 objects had to be built at once, because prod/kustomization.yaml has vars")


def test_a_refused_kustomization_runs_nothing(built: Built, tmp_path: Path) -> None:
    with pytest.raises(FindingsError):
        built(PASS_ON, {"prod/kustomization.yaml": b"resources: ['https://host/x']"})

    assert not (tmp_path / "builds").exists()


def test_a_missing_kustomize_is_said_once(tmp_path: Path) -> None:
    def missing(**_: Any) -> Kustomize:
        return Kustomize(tmp_path / "gone")

    with pytest.raises(ToolMissingError, match="gone could not be started"):
        overlay(OBJECTS, "prod", FILES, missing, BATCHED)
