from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlgitops.manifest import Manifest
from mlgitops.render.overlay.batches import cut
from mlgitops.render.overlay.entries import Place
from mlgitops.render.overlay.references import Overlay, walk

Make = Callable[..., Manifest]
MakeOverlay = Callable[..., Overlay]
PROD = "environments/prod"


def models(a_manifest: Make, count: int, each: int = 2) -> list[Manifest]:
    return [a_manifest(f"Kind{k}", f"m{n}", f"m{n}") for n in range(count) for k in range(each)]


def patch(kind: str, name: str, **more: Any) -> dict[str, Any]:
    return {"patch": json.dumps({"apiVersion": "v1", "kind": kind, "metadata": {"name": name}})} | more


def test_few_objects_are_one_batch_without_a_reason(a_manifest: Make, an_overlay: MakeOverlay) -> None:
    objects = models(a_manifest, 3)

    result = cut(objects, an_overlay({"namePrefix": "p-"}), size=6)

    assert [batch.manifests for batch in result.batches] == [tuple(objects)]
    assert result.reason == ""


def test_batches_hold_whole_units_up_to_the_size(a_manifest: Make, an_overlay: MakeOverlay) -> None:
    objects = models(a_manifest, 5, each=3)

    result = cut(objects, an_overlay({"namePrefix": "p-"}), size=7)

    assert [len(batch.manifests) for batch in result.batches] == [6, 6, 3]
    assert [manifest for batch in result.batches for manifest in batch.manifests] == objects
    assert result.whole.manifests == tuple(objects)


def test_a_unit_larger_than_the_size_is_a_batch_of_its_own(a_manifest: Make, an_overlay: MakeOverlay) -> None:
    objects = [*models(a_manifest, 1, each=1), *models(a_manifest, 2, each=5)[5:], *models(a_manifest, 3, each=1)[2:]]

    assert [len(batch.manifests) for batch in cut(objects, an_overlay({"namePrefix": "p"}), 2).batches] == [1, 5, 1]


@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(0, 9)), max_size=40, unique=True),
    st.integers(1, 12),
)
def test_every_object_is_in_one_batch_or_in_all(found: list[tuple[int, int, int]], size: int) -> None:
    objects = [
        {"apiVersion": "v1", "kind": f"K{k}", "metadata": {"name": f"n{n}"}, "spec": {"ref": f"n{used}"}}
        for k, n, used in found
    ]
    batches = cut(objects, walk("", {"kustomization.yaml": b"namePrefix: p-"}), size).batches

    for manifest in objects:
        holding = sum(manifest in batch.manifests for batch in batches)
        assert holding in (objects.count(manifest), len(batches) * objects.count(manifest))


@pytest.mark.parametrize(
    ("kustomization", "reason"),
    [
        ({"replacements": [{"source": {}, "targets": []}]}, "environments/prod/kustomization.yaml has replacements"),
        ({"vars": [{"name": "A"}]}, "environments/prod/kustomization.yaml has vars"),
        ({"resources": ["../../base"]}, "base/kustomization.yaml has vars"),
        ({"components": ["../../part"]}, "part/kustomization.yaml renames objects before other parts work on them"),
        ({"crds": ["crd.json"]}, "environments/prod/kustomization.yaml has crds"),
        ({"patches": [patch("A", "x", options={"allowNameChange": True})]}, r"patches\[0\] of .* may change"),
        ({"patches": [{"patch": '[{"op": "add", "path": "/kind", "value": 1}]', "target": {"kind": "A"}}]}, "identity"),
    ],
)  # fmt: skip
def test_what_reaches_over_objects_makes_one_build_and_says_so(
    a_manifest: Make, an_overlay: MakeOverlay, kustomization: dict[str, Any], reason: str
) -> None:
    files = {
        "base/kustomization.yaml": {"vars": [{"name": "A"}]},
        "part/kustomization.yaml": {"kind": "Component", "namePrefix": "p-"},
        f"{PROD}/crd.json": {},
    }

    result = cut(models(a_manifest, 9), an_overlay(kustomization, files), size=4)

    assert len(result.batches) == 1
    assert len(result.batches[0].manifests) == 18
    assert re.search(reason, result.reason)


def test_what_names_an_object_is_left_out_of_the_builds_without_it(a_manifest: Make, an_overlay: MakeOverlay) -> None:
    kustomization = {
        "patches": [
            patch("Kind0", "m0"),
            patch("Kind0", "m1"),
            patch("Kind0", "absent"),
            patch("Kind0", "x", target={}),
        ],
        "replicas": [{"name": "m2", "count": 1}],
    }
    objects = [*models(a_manifest, 3), a_manifest("Deployment", "m2", "m2")]

    first, second, third = cut(objects, an_overlay(kustomization), size=3).batches

    patches = [Place(PROD, "patches", index) for index in range(4)]
    replicas = Place(PROD, "replicas", 0)
    assert first.dropped == {patches[1], replicas}
    assert second.dropped == {patches[0], replicas}
    assert third.dropped == {patches[0], patches[1]}


def test_what_may_be_about_the_overlays_own_objects_is_never_left_out(
    a_manifest: Make, an_overlay: MakeOverlay
) -> None:
    own = {"apiVersion": "v1", "kind": "Kind0", "metadata": {"name": "1", "namespace": "elsewhere"}}
    overlay = an_overlay({"resources": ["own.json"], "patches": [patch("Kind0", "m1")]}, {f"{PROD}/own.json": own})

    batches = cut(models(a_manifest, 8), overlay, size=4).batches

    assert len(batches) > 1
    for batch in batches:
        assert batch.dropped == frozenset()
        assert [m["metadata"]["name"] for m in batch.manifests].count("m1") == 2


def test_what_the_overlays_own_objects_use_is_in_every_batch(a_manifest: Make, an_overlay: MakeOverlay) -> None:
    own = {"apiVersion": "v1", "kind": "Own", "metadata": {"name": "own"}, "spec": {"target": "m3"}}
    overlay = an_overlay({"resources": ["own.json"]}, {f"{PROD}/own.json": own})

    batches = cut(models(a_manifest, 8), overlay, size=6).batches

    assert len(batches) > 1
    assert all([m["metadata"]["name"] for m in batch.manifests].count("m3") == 2 for batch in batches)


def test_one_build_is_made_where_half_of_a_batch_would_be_in_every_batch(
    a_manifest: Make, an_overlay: MakeOverlay
) -> None:
    own = {"apiVersion": "v1", "kind": "Own", "metadata": {"name": "own"}, "spec": ["m1", "m2"]}
    overlay = an_overlay({"resources": ["own.json"]}, {f"{PROD}/own.json": own})

    result = cut(models(a_manifest, 8), overlay, size=6)

    assert len(result.batches) == 1
    assert "name 4 of the objects" in result.reason


@pytest.mark.parametrize("size", [1, 100])
def test_what_names_only_objects_elsewhere_is_left_out(a_manifest: Make, an_overlay: MakeOverlay, size: int) -> None:
    kustomization = {"patches": [patch("Kind0", "m9"), patch("Kind0", "nowhere"), patch("Kind0", "m0")]}

    result = cut(models(a_manifest, 2), an_overlay(kustomization), size, elsewhere=models(a_manifest, 10))

    assert all(Place(PROD, "patches", 0) in batch.dropped for batch in result.batches)
    assert all(Place(PROD, "patches", 1) not in batch.dropped for batch in result.batches)
    assert result.whole.dropped == {Place(PROD, "patches", 0)}
