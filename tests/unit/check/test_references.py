from __future__ import annotations

from typing import Any

from mlgitops.check.references import unknown_identity, unknown_name


def test_an_unknown_name_comes_with_the_likely_one(resolved_pipeline: Any) -> None:
    finding = unknown_name(resolved_pipeline(), ("steps", 0), "step", "prepair", ["prepare", "report"])

    assert finding.code == "unknown-step"
    assert finding.message == "there is no step 'prepair'"
    assert finding.help == "one of: prepare, report"
    assert finding.suggestion == "prepare"
    assert finding.pointer == "spec.steps.0"


def test_a_long_list_of_names_is_cut(resolved_pipeline: Any) -> None:
    finding = unknown_name(resolved_pipeline(), (), "model", "zzz", [f"model-{n:02}" for n in range(30)])

    assert finding.help.endswith("model-09, …")
    assert finding.suggestion == ""


def test_where_there_is_none_at_all_it_says_so(resolved_model: Any) -> None:
    model = resolved_model(target={"identities": {"model-reader": None}})

    (finding,) = unknown_identity(model, ("serving", "identity"), "model-reader")

    assert finding.message == "there is no identity 'model-reader' in target aws-dev"
    assert finding.help == "no identity is declared in target aws-dev"


def test_a_known_identity_and_none_are_right(resolved_model: Any) -> None:
    assert list(unknown_identity(resolved_model(), ("serving", "identity"), "model-reader")) == []
    assert list(unknown_identity(resolved_model(), ("serving", "identity"), None)) == []
