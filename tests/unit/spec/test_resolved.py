from __future__ import annotations

from typing import Any

from mlgitops.finding import Severity


def test_a_release_digest_is_of_the_release_alone(resolved_model: Any) -> None:
    first = resolved_model()
    assert first.release_digest.startswith("sha256:")
    for other in (
        resolved_model(serving={"scaling": {"max": 9}}), resolved_model(environment="prod"),
        resolved_model(target={"cloud": "gcp"}),
    ):  # fmt: skip
        assert other.release_digest == first.release_digest
    assert resolved_model(release={"version": "2"}).release_digest != first.release_digest
    assert resolved_model(release={"evidence": "a.json"}).release_digest != first.release_digest


def test_the_whole_spec_holds_the_built_in_defaults_by_their_names_in_yaml(resolved_model: Any) -> None:
    whole = resolved_model(serving={"resources": {"accelerator": {"class": "t4"}}}).complete()
    assert whole["serving"]["scaling"] == {"min": 1, "max": 1, "metric": "cpu", "target": 80}
    assert whole["serving"]["resources"]["accelerator"] == {"class": "t4", "count": 1}
    assert whole["rollout"]["maxSurge"] == 1


def test_a_finding_is_at_the_line_that_sets_the_field(read: Any) -> None:
    (model,) = read().resolution.models
    finding = model.finding("some-code", ("serving", "scaling", "max"), "too many", help="fewer")
    assert (finding.code, finding.message, finding.help, finding.severity) == (
        "some-code", "too many", "fewer", Severity.ERROR,
    )  # fmt: skip
    assert str(finding.location) == "environments/dev/models/iris.yaml:14:12"
    assert (finding.pointer, finding.excerpt) == ("spec.serving.scaling.max", "      max: 3")
    assert model.finding("c", ("serving",), "m", severity=Severity.WARNING).severity is Severity.WARNING


def test_a_finding_about_what_is_not_there_is_where_it_would_be_written(read: Any) -> None:
    (model,) = read().resolution.models
    finding = model.finding("c", ("serving", "scaling", "metric"), "m")
    assert str(finding.location).startswith("environments/dev/models/iris.yaml:13:")
