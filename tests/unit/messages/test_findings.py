"""Findings that no other test reads the words of. What they read like is in tests/goldens/messages."""

from __future__ import annotations

from typing import Any

import pytest

from mlgitops.check import serving
from mlgitops.errors import FindingsError
from mlgitops.render.overlay.references import walk
from mlgitops.sources import survey
from mlgitops.spec.document import load


@pytest.mark.parametrize(
    ("written", "code"),
    [
        (".inf", "non-finite-number"),
        ("99999999999999999999", "number-too-large"),
        ("0x1F", "ambiguous-number"),
        ("1_000", "ambiguous-number"),
        ("1e5", "ambiguous-number"),
        ("12:30", "sexagesimal-number"),
        ("=", "ambiguous-value"),
    ],
)
def test_a_value_that_yaml_readers_understand_differently_is_refused(written: str, code: str) -> None:
    with pytest.raises(FindingsError) as caught:
        load("models/iris.yaml", f"spec: {written}\n".encode())
    assert [finding.code for finding in caught.value.findings] == [code]


def test_reading_stops_after_a_hundred_findings() -> None:
    with pytest.raises(FindingsError) as caught:
        load("models/iris.yaml", b"".join(b"k%d: yes\n" % number for number in range(150)))
    assert caught.value.findings[-1].code == "too-many-findings"


def test_a_stable_release_in_a_base_model_is_refused(read: Any) -> None:
    base = (
        "apiVersion: mlgitops.dev/v1alpha1\nkind: Model\nmetadata: {name: iris}\nspec:\n"
        "  rollout:\n    stable: {version: '1', artifact: {uri: 's3://models/iris/1'}}\n"
    )
    found = read({"models/iris.yaml": base}).codes("release-outside-environment")
    assert found == ["release-outside-environment models/iris.yaml:6:5"]


def test_what_knative_decides_itself_is_a_warning(resolved_model: Any) -> None:
    target = {"serving": {"deploymentMode": "Knative"}}
    model = resolved_model(rollout={"strategy": "rolling", "maxSurge": 1}, target=target)
    assert "rollout-needs-standard" in {finding.code for finding in serving.check(model)}


def test_a_path_with_a_control_character_is_no_path_of_an_overlay() -> None:
    content = b'resources: ["a\\u0007.yaml"]\n'
    with pytest.raises(FindingsError) as caught:
        walk("environments/prod", {"environments/prod/kustomization.yaml": content})
    assert [finding.code for finding in caught.value.findings] == ["overlay-missing-file"]


def test_a_project_of_too_many_files_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    class Tree:
        def look(self, path: str) -> survey.Node | None:
            is_file = path.endswith(".yaml")
            known = path in ("mlgitops.yaml", "models") or path.startswith("models/")
            return survey.Node(path, survey.FILE if is_file else survey.FOLDER) if known else None

        def names(self, real: str) -> list[str]:
            return [f"{real}-{number}.yaml" for number in range(5)]

    monkeypatch.setattr(survey, "MAX_FILES", 3)
    with pytest.raises(FindingsError) as caught:
        survey.survey(Tree())
    assert [finding.code for finding in caught.value.findings] == ["too-many-files"]
