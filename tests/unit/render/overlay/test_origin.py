from __future__ import annotations

from typing import Any

import pytest

from mlgitops.render.overlay import walk
from mlgitops.render.overlay.origin import origin

SERVICE: dict[str, Any] = {"apiVersion": "e/v1", "kind": "Service", "metadata": {"name": "pre-iris"}}
PATCH = """\
apiVersion: e/v1
kind: Service
metadata:
  name: iris
spec:
  size: 1
  containers:
  - name: first
    image: a
  - name: second
    image: b
"""


def place(kustomization: str, path: tuple[str | int, ...], **files: str) -> str | None:
    """``file:line:column`` within the environment ``prod``; file names are without ``.yaml``."""
    texts = {"kustomization": kustomization, **files}
    project = {f"prod/{name.replace('__', '/')}.yaml": text.encode() for name, text in texts.items()}
    found = origin(walk("prod", project), project, SERVICE, path)
    return str(found).removeprefix("prod/") if found else None


def indented(text: str, by: int) -> str:
    return "".join(f"{' ' * by}{line}\n" for line in text.splitlines())


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (("spec", "size"), "p.yaml:6:3"),
        (("spec", "containers", "[second]", "image"), "p.yaml:11:5"),
        (("spec", "containers", 0, "image"), "p.yaml:9:5"),
        (("spec", "missing"), "p.yaml:5:1"),
        (("spec", "containers", "[third]", "image"), None),
        (("status", "deep", "down"), None),
    ],
)
def test_a_field_of_a_patch_file_is_found_at_its_key(path: tuple[str | int, ...], expected: str | None) -> None:
    assert place("patches: [{path: p.yaml}]", path, p=PATCH) == expected


def test_a_patch_within_the_kustomization_is_found_at_its_line_there() -> None:
    text = "# first\npatches:\n- patch: |-\n" + indented(PATCH, 4)
    assert place(text, ("spec", "size")) == "kustomization.yaml:9:7"


def test_a_patch_in_flow_style_is_found_at_its_beginning() -> None:
    flow = '{"kind": "Service", "metadata": {"name": "iris"}, "spec": {"size": 1}}'
    assert place(f"patches:\n- patch: '{flow}'\n", ("spec", "size")) == "kustomization.yaml:2:10"
    folded = "patches:\n- patch: >-\n" + indented(PATCH.replace("\n", "\n\n"), 4)
    assert place(folded, ("spec", "size")) == "kustomization.yaml:2:10"


@pytest.mark.parametrize(
    ("operation", "path", "expected"),
    [
        ("{op: add, path: /spec/size, value: 1}", ("spec", "size"), "p.yaml:1:19"),
        ("{op: add, path: /spec, value: {size: 1}}", ("spec", "size"), "p.yaml:1:34"),
        ("{op: add, path: /spec/list/-, value: {size: 1}}", ("spec", "list", 3, "size"), "p.yaml:1:41"),
        ("{op: add, path: /metadata/labels/a~1b, value: c}", ("metadata", "labels", "a/b"), "p.yaml:1:19"),
        ("{op: remove, path: /spec/size}", ("spec", "size"), "p.yaml:1:22"),
        ("{op: add, path: /other/size, value: 1}", ("spec", "size"), None),
        ("{op: test}", ("spec", "size"), None),
    ],
)
def test_an_operation_of_a_json_patch_is_found(
    operation: str, path: tuple[str | int, ...], expected: str | None
) -> None:
    kustomization = "patches: [{path: p.yaml, target: {kind: Service}}]"
    assert place(kustomization, path, p=f"- {operation}") == expected


@pytest.mark.parametrize(
    ("target", "found"),
    [
        ("{kind: Service}", True),
        ("{kind: Service, name: iris}", True),
        ("{name: i.*}", True),
        ("{labelSelector: 'a=b'}", True),
        ("{kind: Deployment}", False),
        ("{kind: Service, name: other}", False),
    ],
)
def test_a_patch_counts_only_where_it_may_select_the_object(target: str, found: bool) -> None:
    kustomization = f"patches: [{{path: p.yaml, target: {target}}}]"
    assert (place(kustomization, ("spec", "size"), p=PATCH) is not None) is found


def test_of_several_patches_the_last_one_wins_and_the_environments_own_over_a_components() -> None:
    kustomization = "components: [part]\npatches: [{path: a.yaml}, {path: b.yaml}]"
    part = "kind: Component\npatches: [{path: c.yaml}]"
    texts = {"a": PATCH, "b": PATCH, "part__kustomization": part, "part__c": PATCH + "  only: 1\n"}
    assert place(kustomization, ("spec", "size"), **texts) == "b.yaml:6:3"
    assert place(kustomization, ("spec", "only"), **texts) == "part/c.yaml:12:3"


def test_the_old_lists_of_patches_are_looked_through_too() -> None:
    merge = "patchesStrategicMerge:\n- a.yaml\n- |-\n" + indented(PATCH + "  more: 1\n", 2)
    assert place(merge, ("spec", "size"), a=PATCH) == "kustomization.yaml:9:5"
    operations = "- {op: add, path: /spec/size, value: 1}"
    json = "patchesJson6902: [{path: j.yaml, target: {version: v1, kind: Service, name: iris}}]"
    assert place(json, ("spec", "size"), j=operations) == "j.yaml:1:19"


def test_a_field_of_a_resource_is_found_in_its_document_or_near_it() -> None:
    resource = "kind: Other\nmetadata: {name: iris}\nspec: {size: 1}\n---\n" + PATCH
    kustomization = "namePrefix: pre-\nresources: [r.yaml]"
    assert place(kustomization, ("spec", "size"), r=resource) == "r.yaml:10:3"
    assert place(kustomization, ("spec", "gone", "deeper"), r=resource) == "r.yaml:9:1"
    assert place(kustomization, ("kind",), r=resource) == "r.yaml:6:1"


def test_what_neither_patch_nor_resource_writes_has_no_origin() -> None:
    assert place("commonLabels: {a: b}", ("metadata", "labels", "a")) is None
