from __future__ import annotations

import hashlib
import io
import json
import tarfile
from typing import Any

import pytest
import yaml

from mlgitops.plan.selection import Selection
from mlgitops.render.rendering import Rendering, TargetRendering
from mlgitops.workflows.bundle import SUMS, Bundle, bundle

DIGEST = "sha256:" + "0123456789abcdef" * 4


def manifest(kind: str, name: str, **spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "example.com/v1",
        "kind": kind,
        "metadata": {"name": name, "namespace": "models"},
        "spec": spec,
    }


SERVICE = manifest("InferenceService", "a", predictor={"model": {"storageUri": f"oci://r.example.com/m@{DIGEST}"}})
WORKER = manifest(
    "Deployment", "a", containers=[{"image": "r.example.com/w:1"}, {"image": f"r.example.com/x@{DIGEST}"}]
)
ACCOUNT = manifest("ServiceAccount", "a", note="oci is a word", image={"name": "no image"})
MONITOR = manifest("PodMonitor", "a")


def made(*manifests: dict[str, Any], environment: str = "dev", targets: tuple[str, ...] = ("here",)) -> Bundle:
    rendered = tuple(TargetRendering(target, {}, manifests) for target in targets)
    return bundle([Rendering("shop", environment, rendered, commit="1" * 40)], Selection())


def files(one: Bundle) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(one.content)) as archive:
        return {entry.name: archive.extractfile(entry).read() for entry in archive}  # type: ignore[union-attr]


def test_manifests_come_in_the_order_in_which_they_can_be_applied_with_their_commit() -> None:
    found = files(made(MONITOR, SERVICE, WORKER, ACCOUNT))
    documents = list(yaml.safe_load_all(found["dev/here/manifests.yaml"]))
    kinds = [document["kind"] for document in documents]
    assert kinds == ["ServiceAccount", "Deployment", "InferenceService", "PodMonitor"]
    assert {one["metadata"]["annotations"]["mlgitops.dev/source-commit"] for one in documents} == {"1" * 40}


def test_every_image_is_listed_once_and_those_without_a_digest_are_known() -> None:
    one = made(SERVICE, WORKER, {**WORKER, "metadata": {"name": "b", "namespace": "models"}}, ACCOUNT)
    listed = files(one)["dev/here/images.txt"].decode().splitlines()
    assert listed == [f"r.example.com/m@{DIGEST}", "r.example.com/w:1", f"r.example.com/x@{DIGEST}"]
    assert (one.manifests, list(one.images), one.unpinned) == (4, listed, ["r.example.com/w:1"])


def test_images_of_what_a_workflow_makes_are_listed_and_those_that_only_a_run_knows_are_not() -> None:
    """Argo has the manifest of what a step creates as text."""
    job = {"kind": "TrainJob", "spec": {"trainer": {"image": "r.example.com/t:1", "args": ["{{=1}}"]}}}
    built = {"spec": {"image": "{{=toJson(inputs.parameters['package_image'])[1:-1]}}"}}
    templates = [{"resource": {"manifest": json.dumps(one)}} for one in (job, built)]
    templates += [{"container": {"image": "{{inputs.parameters.package_image}}"}}, {"resource": {"manifest": "a: b"}}]
    assert made(manifest("WorkflowTemplate", "a", templates=templates)).images == ["r.example.com/t:1"]


def test_the_sums_are_those_of_the_other_files() -> None:
    found = files(made(SERVICE, targets=("here", "there")))
    sums = dict(line.split("  ")[::-1] for line in found.pop(SUMS).decode().splitlines())
    assert sums == {name: hashlib.sha256(content).hexdigest() for name, content in found.items()}
    assert {name.rpartition("/")[0] for name in sums} == {"dev/here", "dev/there"}


def test_the_same_manifests_make_the_same_bytes_and_nothing_of_the_machine_is_in_them() -> None:
    one = made(SERVICE, WORKER)
    assert one.content == made(WORKER, SERVICE).content
    with tarfile.open(fileobj=io.BytesIO(one.content)) as archive:
        assert {(entry.mtime, entry.uid, entry.uname, entry.mode) for entry in archive} == {(0, 0, "", 0o644)}


@pytest.mark.parametrize("manifests", [(), (SERVICE,)])
def test_a_target_without_manifests_has_no_folder(manifests: tuple[Any, ...]) -> None:
    assert len(files(made(*manifests))) == 1 + 2 * len(manifests)
