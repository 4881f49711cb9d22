from __future__ import annotations

from collections.abc import Callable

from mlgitops.manifest import Manifest
from mlgitops.render.overlay.results import joined, manifests_of

Make = Callable[..., Manifest]


def test_documents_are_read_with_strings_as_they_were() -> None:
    output = b'apiVersion: v1\ndata:\n  a: "12345e6"\n  b: 12:30\n---\nkind: X\n---\n'

    assert manifests_of(output) == [{"apiVersion": "v1", "data": {"a": "12345e6", "b": "12:30"}}, {"kind": "X"}]


def test_what_is_in_every_batch_is_taken_once(a_manifest: Make) -> None:
    own, one, two = a_manifest("Own", "o"), a_manifest("A", "x"), a_manifest("A", "y")

    result = joined([[own, one], [dict(own), two], [own]])

    assert result is not None
    assert sorted(m["metadata"]["name"] for m in result) == ["o", "x", "y"]


def test_batches_that_disagree_have_no_result(a_manifest: Make) -> None:
    own, changed = a_manifest("Own", "o"), a_manifest("Own", "o", spec={})

    assert joined([[own], [changed]]) is None
    assert joined([[own], [own], []]) is None


def test_one_result_is_taken_as_it_is(a_manifest: Make) -> None:
    own = a_manifest("Own", "o")

    assert joined([[own, own]]) == [own, own]


def test_objects_of_other_versions_or_namespaces_are_others(a_manifest: Make) -> None:
    one, two = a_manifest("A", "x", namespace="a"), a_manifest("A", "x", namespace="b")
    three = one | {"apiVersion": "v2"}

    assert joined([[one], [two], [three]]) == [three, two, one]
