from __future__ import annotations

import pytest

from mlgitops.finding import Finding, Location, Severity
from mlgitops.manifest import Manifest
from mlgitops.render.rendering import Rendering, TargetRendering, from_json, stamped, to_json

MANIFEST: Manifest = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"x": "1"}}
WARNING = Finding("owner-missing", "nobody", Location("a.yaml", 1, 1), Severity.WARNING)


def rendering(*manifests: Manifest, path: str = "out", commit: str = "", name: str = "aws") -> Rendering:
    target = TargetRendering(name, {"directory": {"path": path}}, manifests)
    return Rendering("shop", "dev", (target,), (WARNING,), commit)


def test_a_rendering_comes_back_from_json_without_its_commit() -> None:
    whole = rendering(MANIFEST, commit="c1")
    assert from_json(to_json(whole)) == rendering(MANIFEST)


@pytest.mark.parametrize(
    "text", [b"", b"{", b"{}", b"[]", b"null", b'{"project": 1}', b'{"project":"a","environment":"b"}']
)
def test_other_text_is_no_rendering(text: bytes) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        from_json(text)


def test_the_digest_is_of_what_is_rendered_and_where_it_goes_and_nothing_else() -> None:
    first = rendering(MANIFEST)
    assert first.digest == rendering(MANIFEST, commit="c1").digest
    assert first.digest == Rendering("shop", "dev", first.targets).digest
    others = (
        rendering({**MANIFEST, "data": {"x": "2"}}), rendering(), rendering(MANIFEST, MANIFEST),
        rendering(MANIFEST, path="elsewhere"), rendering(MANIFEST, name="gcp"),
    )  # fmt: skip
    assert len({first.digest, *(other.digest for other in others)}) == 6


def test_the_order_of_keys_does_not_matter_to_the_digest() -> None:
    assert rendering(MANIFEST).digest == rendering(dict(reversed(MANIFEST.items()))).digest


def test_some_of_the_targets_can_be_taken() -> None:
    both = Rendering("shop", "dev", (TargetRendering("a", {}, ()), TargetRendering("b", {}, ())), (WARNING,), "c1")
    some = both.only(["b", "nowhere"])
    assert [target.target for target in some.targets] == ["b"]
    assert (some.commit, some.findings) == ("c1", (WARNING,))


def test_a_commit_is_written_on_the_object_itself_and_the_manifest_is_left_as_it_was() -> None:
    pod = {"template": {"metadata": {"annotations": {"a": "b"}}}}
    before = {**MANIFEST, "metadata": {"name": "a", "annotations": {"x": "y"}}, "spec": pod}
    after = stamped(before, "c1")
    assert after["metadata"]["annotations"] == {"x": "y", "mlgitops.dev/source-commit": "c1"}
    assert after["spec"] == pod
    assert before["metadata"] == {"name": "a", "annotations": {"x": "y"}}


@pytest.mark.parametrize("annotations", [{}, {"annotations": None}])
def test_an_object_without_annotations_can_be_stamped(annotations: Manifest) -> None:
    manifest = {**MANIFEST, "metadata": {"name": "a", **annotations}}
    assert stamped(manifest, "c1")["metadata"]["annotations"] == {"mlgitops.dev/source-commit": "c1"}


def test_without_a_commit_nothing_is_stamped() -> None:
    assert stamped(MANIFEST, "") is MANIFEST
