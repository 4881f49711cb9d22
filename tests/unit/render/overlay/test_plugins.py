from __future__ import annotations

import pytest

from mlgitops.render.overlay.kustomization import read
from mlgitops.render.overlay.plugins import plugin_findings


def messages(text: str) -> list[str]:
    return [finding.message for finding in plugin_findings(read("t.yaml", text.encode()))]


def test_what_is_built_in_and_inline_is_accepted() -> None:
    labels = "apiVersion: builtin\nkind: LabelTransformer\nmetadata: {name: a}\nfieldSpecs: [{path: metadata/labels}]"

    assert messages(labels) == []


@pytest.mark.parametrize(
    "text",
    [
        "apiVersion: example.com/v1\nkind: PrefixTransformer",
        "apiVersion: builtin\nkind: HelmChartInflationGenerator",
        "apiVersion: builtin\nkind: MyOwn",
        "kind: PrefixTransformer",
        "a: b",
    ],
)
def test_what_is_not_built_in_is_refused(text: str) -> None:
    assert "would run a program" in messages(text)[0]


@pytest.mark.parametrize("field", ["path", "Path", "files", "envs", "env", "FILES", "file\u017f"])
def test_what_reads_further_files_is_refused(field: str) -> None:
    assert messages(f"apiVersion: builtin\nkind: PatchTransformer\n{field}: x") == [f"{field} reads further files"]


def test_a_second_spelling_of_the_kind_is_refused() -> None:
    assert messages("apiVersion: builtin\nkind: PrefixTransformer\nKind: Other") == ["Kind is misspelt"]


def test_annotations_are_refused_since_they_can_name_a_program() -> None:
    text = "apiVersion: builtin\nkind: PrefixTransformer\nmetadata: {annotations: {config.kubernetes.io/function: x}}"

    assert messages(text) == ["annotations are refused here"]
