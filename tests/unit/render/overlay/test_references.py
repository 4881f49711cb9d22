from __future__ import annotations

import pytest

from mlgitops.errors import FindingsError
from mlgitops.finding import Finding
from mlgitops.render.overlay.references import kustomization_in, walk

PROD = "environments/prod"
OBJECT = b"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"
PLUGIN = b"apiVersion: builtin\nkind: PrefixTransformer\nmetadata: {name: p}\nprefix: p-\n"
PROJECT = {
    f"{PROD}/object.yaml": OBJECT,
    f"{PROD}/values.env": b"a=b",
    f"{PROD}/prefix.yaml": PLUGIN,
    f"{PROD}/sub/kustomization.yaml": b"resources: [inner.yaml]",
    f"{PROD}/sub/inner.yaml": OBJECT,
    "base/kustomization.yml": b"resources: [deep.yaml, ../base2]",
    "base/deep.yaml": OBJECT,
    "base2/Kustomization": b"namePrefix: x-",
    "component/kustomization.yaml": b"kind: Component\ncomponents: [../component2]\npatches: [{path: p.yaml}]",
    "component/p.yaml": OBJECT,
    "component2/kustomization.yaml": b"kind: Component\nlabels: []",
    "elsewhere.yaml": OBJECT,
    "environments/prod-evil/x.yaml": OBJECT,
    "empty/readme.md": b"",
}


def findings(kustomization: str, **more: bytes) -> list[Finding]:
    files = {**PROJECT, f"{PROD}/kustomization.yaml": kustomization.encode(), **more}
    with pytest.raises(FindingsError) as caught:
        walk(PROD, files)
    return list(caught.value.findings)


def test_every_kind_of_reference_is_followed() -> None:
    text = """
resources: [object.yaml, ../../base, sub]
components: [../../component]
crds: [crd.json]
configurations: [config.yaml]
openapi: {path: schema.json}
transformers: [prefix.yaml]
patches:
- path: patch.yaml
- patch: '[]'
  target: {kind: X}
patchesStrategicMerge: [merge.yaml, "apiVersion: v1\\nkind: X\\nmetadata: {name: a}"]
patchesJson6902: [{path: json.yaml, target: {kind: X, name: a}}]
replacements: [{path: replacement.yaml}]
configMapGenerator: [{name: a, files: [one.txt, key=two.txt], envs: [values.env], literals: [a=b]}]
secretGenerator: [{name: a, env: values.env}]
"""
    own = [
        "crd.json", "config.yaml", "schema.json", "patch.yaml", "merge.yaml", "json.yaml", "replacement.yaml",
        "one.txt", "two.txt",
    ]  # fmt: skip
    files = {**PROJECT, f"{PROD}/kustomization.yaml": text.encode(), **{f"{PROD}/{name}": b"{}" for name in own}}

    overlay = walk(PROD, files)

    assert overlay.files == {
        *(f"{PROD}/{name}" for name in (*own, "object.yaml", "values.env", "prefix.yaml", "sub/inner.yaml")),
        "base/deep.yaml",
        "component/p.yaml",
    }
    assert set(overlay.plugins) == {f"{PROD}/prefix.yaml"}
    assert set(overlay.kustomizations) == {PROD, f"{PROD}/sub", "base", "base2", "component", "component2"}
    assert set(overlay.seeing) == {PROD, "component", "component2"}
    assert overlay.resources == {f"{PROD}/object.yaml", f"{PROD}/sub/inner.yaml", "base/deep.yaml"}
    assert overlay.documents["component/p.yaml"][0]["kind"] == "ConfigMap"


@pytest.mark.parametrize(
    ("kustomization", "code", "pointer"),
    [
        ("resources: ['https://example.com/a.yaml']", "overlay-remote-base", "resources[0]"),
        ("resources: [object.yaml, github.com/org/repo]", "overlay-remote-base", "resources[1]"),
        ("resources: ['../../base?ref=main']", "overlay-remote-base", "resources[0]"),
        ("bases: ['git@host:org/repo']", "overlay-remote-base", "bases[0]"),
        ("components: ['ssh://host/repo']", "overlay-remote-base", "components[0]"),
        ("crds: ['http://host/crd']", "overlay-remote-base", "crds[0]"),
        ("configurations: ['http://host/c']", "overlay-remote-base", "configurations[0]"),
        ("openapi: {path: 'https://host/s'}", "overlay-remote-base", "openapi.path"),
        ("patches: [{path: 'https://host/p'}]", "overlay-remote-base", "patches[0].path"),
        ("patchesJson6902: [{path: 'https://host/p'}]", "overlay-remote-base", "patchesJson6902[0].path"),
        ("patchesStrategicMerge: ['https://host/p']", "overlay-remote-base", "patchesStrategicMerge[0]"),
        ("patchesStrategicMerge: ['https://host/p#: x']", "overlay-remote-base", "patchesStrategicMerge[0]"),
        ("replacements: [{path: 'https://host/r'}]", "overlay-remote-base", "replacements[0].path"),
        ("transformers: ['https://host/t']", "overlay-remote-base", "transformers[0]"),
        ("configMapGenerator: [{files: ['https://h/f']}]", "overlay-remote-base", "configMapGenerator[0].files[0]"),
        ("configMapGenerator: [{files: ['k=https://h']}]", "overlay-remote-base", "configMapGenerator[0].files[0]"),
        ("secretGenerator: [{envs: ['https://h/e']}]", "overlay-remote-base", "secretGenerator[0].envs[0]"),
        ("secretGenerator: [{env: 'https://h/e'}]", "overlay-remote-base", "secretGenerator[0].env"),
        ("resources: [/etc/passwd]", "overlay-absolute-path", "resources[0]"),
        ("secretGenerator: [{name: s, files: [/etc/shadow]}]", "overlay-absolute-path", "secretGenerator[0].files[0]"),
        ("resources: [../../../outside]", "overlay-outside-project", "resources[0]"),
        ("components: [../../component/../../x]", "overlay-outside-project", "components[0]"),
        ("patches: [{path: ../../elsewhere.yaml}]", "overlay-outside-directory", "patches[0].path"),
        ("resources: [../prod-evil/x.yaml]", "overlay-outside-directory", "resources[0]"),
        ("configMapGenerator: [{files: [../../elsewhere.yaml]}]", "overlay-outside-directory",
         "configMapGenerator[0].files[0]"),
        ("resources: [gone.yaml]", "overlay-missing-file", "resources[0]"),
        ("resources: [../../empty]", "overlay-missing-file", "resources[0]"),
        ("components: [object.yaml]", "overlay-missing-file", "components[0]"),
        ("resources: [../..]", "overlay-missing-file", "resources[0]"),
        ("patches: [{path: sub}]", "overlay-missing-file", "patches[0].path"),
        ("helmCharts: [{name: x, repo: 'https://charts'}]", "overlay-helm", "helmCharts"),
        ("helmGlobals: {chartHome: charts}", "overlay-helm", "helmGlobals"),
        ("helmChartInflationGenerator: [{chartName: x}]", "overlay-helm", "helmChartInflationGenerator"),
        ("HelmCharts: [{name: x}]", "overlay-unknown-field", "HelmCharts"),
        ("Resources: ['https://host']", "overlay-unknown-field", "Resources"),
        ("re\u017fources: ['https://host']", "overlay-unknown-field", "re\u017fources"),
        ("patches: [{Path: /etc/passwd}]", "overlay-unknown-field", "patches[0].Path"),
        ("configMapGenerator: [{name: a, FILES: [/etc/passwd]}]", "overlay-unknown-field",
         "configMapGenerator[0].FILES"),
        ("openapi: {Path: /etc/passwd}", "overlay-unknown-field", "openapi.Path"),
        ("generators: ['apiVersion: x\\nkind: y\\nmetadata: {name: z}']", "overlay-plugin", "generators[0]"),
        ("transformers: ['{kind: x, a: b}']", "overlay-plugin", "transformers[0]"),
        ("validators: [object.yaml]", "overlay-plugin", ""),
        ("resources: object.yaml", "overlay-wrong-type", "resources"),
        ("resources: [{a: b}]", "overlay-wrong-type", "resources[0]"),
        ("patches: [object.yaml]", "overlay-wrong-type", "patches[0]"),
        ("patches: [{path: [a]}]", "overlay-wrong-type", "patches[0].path"),
        ("secretGenerator: [{literals: [hunter2]}]", "overlay-wrong-type", "secretGenerator[0].literals[0]"),
        ("patches: [{patch: '{a: ['}]", "overlay-yaml", "patches[0].patch"),
    ],
)  # fmt: skip
def test_an_attack_or_a_slip_is_refused_at_its_place(kustomization: str, code: str, pointer: str) -> None:
    (finding,) = findings(kustomization)

    assert finding.code == code
    assert finding.location.line == 1
    if code not in ("overlay-plugin",) or pointer:
        assert finding.pointer == pointer
        assert finding.location.path == f"{PROD}/kustomization.yaml"
        assert finding.location.column >= 1
    assert "hunter2" not in f"{finding.message}{finding.excerpt}"


def test_a_reference_deep_in_a_base_is_judged_too() -> None:
    more = {"base2/Kustomization": b"namePrefix: x-\nresources:\n- https://host/x\n"}

    (finding,) = findings("resources: [../../base]", **more)

    assert (finding.code, str(finding.location)) == ("overlay-remote-base", "base2/Kustomization:3:3")
    assert finding.excerpt == "- https://host/x"


def test_all_findings_of_all_files_come_at_once_and_each_once() -> None:
    more = {"base2/Kustomization": b"helmCharts: []", "component/p.yaml": b"a: ["}

    found = findings("resources: [../../base, ../../base2, /x]\ncomponents: [../../component]", **more)

    assert [(one.code, one.location.path) for one in found] == [
        ("overlay-helm", "base2/Kustomization"),
        ("overlay-yaml", "component/p.yaml"),
        ("overlay-absolute-path", f"{PROD}/kustomization.yaml"),
    ]


def test_a_likely_file_or_field_is_suggested() -> None:
    assert findings("resources: [objekt.yaml]")[0].suggestion == f"{PROD}/object.yaml"
    assert findings("Resources: []")[0].suggestion == "resources"
    assert findings("pathces: []")[0].suggestion == "patches"


def test_two_kustomizations_in_one_directory_are_refused() -> None:
    (finding,) = findings("namePrefix: a", **{f"{PROD}/kustomization.yml": b"namePrefix: b"})

    assert finding.code == "overlay-several-kustomizations"


def test_bases_that_refer_to_each_other_end_the_walk() -> None:
    files = {
        "a/kustomization.yaml": b"resources: [../b]\ncomponents: [../b]",
        "b/kustomization.yaml": b"resources: [../a]\ncomponents: [../a]",
    }

    assert set(walk("a", files).kustomizations) == {"a", "b"}


def test_a_long_chain_of_bases_is_followed() -> None:
    files = {f"d{n}/kustomization.yaml": f"resources: [../d{n + 1}]".encode() for n in range(2000)}
    files["d2000/kustomization.yaml"] = b"namePrefix: x"

    assert len(walk("d0", files).kustomizations) == 2001


def test_a_component_that_is_first_met_in_a_base_still_sees_the_rendered_objects() -> None:
    files = {
        "top/kustomization.yaml": b"resources: [../base]\ncomponents: [../component]",
        "base/kustomization.yaml": b"components: [../component]",
        "component/kustomization.yaml": b"kind: Component\ncomponents: [../inner]",
        "inner/kustomization.yaml": b"kind: Component",
    }

    assert set(walk("top", files).seeing) == {"top", "component", "inner"}


def test_a_kustomization_is_known_by_any_of_its_names() -> None:
    assert kustomization_in("base2", PROJECT) == ["base2/Kustomization"]
    assert kustomization_in("", {"kustomization.yml": b""}) == ["kustomization.yml"]
    assert kustomization_in("empty", PROJECT) == []
