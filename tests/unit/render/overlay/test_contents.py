from __future__ import annotations

import json
from collections.abc import Callable

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from mlgitops.manifest import Manifest
from mlgitops.render.overlay.batches import Batch
from mlgitops.render.overlay.contents import contents, json_text, not_carried
from mlgitops.render.overlay.entries import Place
from mlgitops.render.overlay.references import walk

PROD = "environments/prod"
FILES = {
    f"{PROD}/kustomization.yml": b"resources: [../../base]\npatches: [{path: p.yaml}, {path: q.yaml}]\n",
    f"{PROD}/p.yaml": b"# verbatim\nkind: X\nmetadata: {name: a}\n",
    f"{PROD}/q.yaml": b"kind: X\nmetadata: {name: b}\n",
    f"{PROD}/environment.yaml": b"unrelated",
    "base/kustomization.yaml": b"namePrefix: &x b-\nnameSuffix: *x\n",
    "secret.txt": b"unrelated",
}


def test_only_what_is_referred_to_is_there_and_kustomizations_are_what_was_checked(
    a_manifest: Callable[..., Manifest],
) -> None:
    objects = (a_manifest("X", "a"), a_manifest("X", "b"))

    result = contents(walk(PROD, FILES), Batch(objects), FILES)

    assert set(result) == {
        f"{PROD}/kustomization.yaml", f"{PROD}/mlgitops-rendered.json", f"{PROD}/p.yaml", f"{PROD}/q.yaml",
        "base/kustomization.yaml",
    }  # fmt: skip
    assert result[f"{PROD}/p.yaml"] == FILES[f"{PROD}/p.yaml"]
    assert json.loads(result[f"{PROD}/kustomization.yaml"]) == {
        "resources": ["mlgitops-rendered.json", "../../base"],
        "patches": [{"path": "p.yaml"}, {"path": "q.yaml"}],
    }
    assert json.loads(result["base/kustomization.yaml"]) == {"namePrefix": "b-", "nameSuffix": "b-"}
    assert list(yaml.safe_load_all(result[f"{PROD}/mlgitops-rendered.json"])) == list(objects)


def test_dropped_entries_leave_an_empty_list(a_manifest: Callable[..., Manifest]) -> None:
    dropped = frozenset({Place(PROD, "patches", 0), Place(PROD, "patches", 1), Place("other", "patches", 0)})

    result = contents(walk(PROD, FILES), Batch((a_manifest("X", "a"),), dropped), FILES)

    assert json.loads(result[f"{PROD}/kustomization.yaml"])["patches"] == []


def test_without_objects_nothing_is_added() -> None:
    result = contents(walk(PROD, FILES), Batch(()), FILES)

    assert f"{PROD}/mlgitops-rendered.json" not in result
    assert json.loads(result[f"{PROD}/kustomization.yaml"])["resources"] == ["../../base"]


def test_a_file_of_the_project_is_never_overwritten(a_manifest: Callable[..., Manifest]) -> None:
    files = {"kustomization.yaml": b"resources: [mlgitops-rendered.json]", "mlgitops-rendered.json": b"kind: X"}

    result = contents(walk("", files), Batch((a_manifest("X", "a"),)), files)

    assert result["mlgitops-rendered.json"] == b"kind: X"
    assert json.loads(result["kustomization.yaml"])["resources"][0] == "_mlgitops-rendered.json"


def test_generator_and_transformer_files_are_what_was_checked() -> None:
    plugin = b"# comment\napiVersion: builtin\nkind: PrefixTransformer\nmetadata: {name: p}\n"
    files = {"kustomization.yaml": b"transformers: [t.yaml]", "t.yaml": plugin}

    result = contents(walk("", files), Batch(()), files)

    assert json.loads(result["t.yaml"])["kind"] == "PrefixTransformer"


@given(st.text(st.characters(codec="utf-8")))
def test_json_text_is_the_same_to_a_yaml_parser(text: str) -> None:
    if not not_carried([{"x": text}]):
        assert yaml.safe_load(json_text({"x": text})) == json.loads(json_text({"x": text})) == {"x": text}


@pytest.mark.parametrize(
    ("value", "carried"),
    [
        ("plain é \u2028 \U0001f600 \t\n", True),
        ('text with "<<": in it', True),
        ("<<", True),
        ({"<<": 1}, False),
        ([{"a": {"<<": {}}}], False),
        ("\x85", False),
        ("\x7f", False),
        ({"\x80": 1}, False),
    ],
)
def test_what_kustomize_would_change_is_found(value: object, carried: bool) -> None:
    manifest: Manifest = {"kind": "X", "spec": value}

    assert not_carried([{"kind": "Y"}, manifest]) == ([] if carried else [manifest])
