from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mlgitops.check import progressive, relations
from mlgitops.check.rules import FOR_MODELS
from mlgitops.finding import Severity
from mlgitops.spec.document import load
from mlgitops.spec.merge import Layer, Provenance
from mlgitops.spec.resolve import Resolution

DIGEST = "sha256:" + "0123456789abcdef" * 4
GATEWAY = {"name": "public", "namespace": "ingress", "hostname": "{model}.models.example.com"}
STANDARD: dict[str, Any] = {"components": {"gatewayApi": "1.3.0"}, "serving": {"gateway": GATEWAY}}
KNATIVE: dict[str, Any] = {"serving": {"deploymentMode": "Knative"}}
STABLE: dict[str, Any] = {
    "version": "1.3.2",
    "artifact": {"uri": "s3://example-models/fraud/1.3.2", "digest": DIGEST},
    "trainedAt": "2025-09-01T00:00:00Z",
}
STRATEGY = "spec.rollout.strategy"


@pytest.fixture
def places(resolved_model: Any) -> Any:
    """The codes and pointers of the findings about a rollout."""

    def found(rollout: Any, target: Any = STANDARD, **model: Any) -> list[tuple[str, str]]:
        resolved = resolved_model(rollout=rollout, target=target, **model)
        return [(finding.code, finding.pointer) for finding in progressive.check(resolved)]

    return found


@pytest.mark.parametrize(
    "rollout",
    [
        {"strategy": "canary", "canary": {"weight": 5}},
        {"strategy": "canary"},
        {"strategy": "blueGreen", "blueGreen": {"active": "new"}},
        {"strategy": "shadow", "shadow": {"percent": 3}},
    ],
)
def test_a_sound_rollout_has_no_findings(places: Any, rollout: Any) -> None:
    assert places({**rollout, "stable": STABLE}) == []
    assert rollout["strategy"] == "shadow" or places({**rollout, "stable": STABLE}, KNATIVE) == []


@pytest.mark.parametrize("strategy", ["rolling", "recreate"])
def test_one_release_needs_neither_gateway_nor_stable(places: Any, strategy: str) -> None:
    assert places({"strategy": strategy}, {}) == []


@pytest.mark.parametrize(
    ("rollout", "found"),
    [
        ({"strategy": "rolling", "canary": {"weight": 5}}, ("rollout-block-unused", "spec.rollout.canary")),
        ({"strategy": "canary", "shadow": {}}, ("rollout-block-unused", "spec.rollout.shadow")),
        ({"strategy": "shadow", "blueGreen": {}}, ("rollout-block-unused", "spec.rollout.blueGreen")),
        ({"strategy": "recreate", "stable": STABLE}, ("rollout-stable-unused", "spec.rollout.stable")),
    ],
)
def test_what_is_said_in_vain_is_found(places: Any, rollout: Any, found: tuple[str, str]) -> None:
    assert places(rollout) == [found]


def test_a_strategy_that_the_profile_sets_is_told_with_its_place(resolved_model: Any) -> None:
    document = load("targets/aws-dev.yaml", b"rollout: {strategy: rolling}")
    profile = Provenance([Layer("profile", document, (), document.data)])
    model = resolved_model(rollout={"strategy": "rolling", "stable": STABLE}, target=STANDARD)
    (finding,) = progressive.check(replace(model, provenance=profile))
    assert "strategy rolling (by targets/aws-dev.yaml:1:21)" in finding.message


@pytest.mark.parametrize(
    ("rollout", "pointer"),
    [
        ({"strategy": "canary", "canary": {"weight": 1}}, "spec.rollout.canary.weight"),
        ({"strategy": "blueGreen", "blueGreen": {"active": "new"}}, "spec.rollout.blueGreen.active"),
    ],
)
def test_a_share_that_outlived_its_rollout_would_meet_the_next_release(places: Any, rollout: Any, pointer: str) -> None:
    assert places(rollout) == [("rollout-without-stable", pointer)]


@pytest.mark.parametrize(
    "rollout",
    [{"strategy": "canary", "canary": {}}, {"strategy": "blueGreen", "blueGreen": {}}, {"strategy": "shadow"}],
)
def test_what_exposes_nothing_may_stay_between_two_rollouts(places: Any, rollout: Any) -> None:
    assert places(rollout) == []


def test_two_releases_have_two_versions(places: Any) -> None:
    same = {**STABLE, "version": "1.4.0"}
    assert places({"strategy": "canary", "stable": same}) == [("rollout-stable-same", "spec.rollout.stable.version")]


@pytest.mark.parametrize(
    ("mode", "found"),
    [("batch", ["rollout-needs-realtime"]), ("streaming", ["rollout-needs-realtime"]), ("llm", []), ("edge", [])],
)
def test_requests_are_shared_out_in_real_time_only(places: Any, mode: str, found: list[str]) -> None:
    assert [code for code, _ in places({"strategy": "canary"}, {}, serving={"mode": mode})] == found


@pytest.mark.parametrize("mode", ["llm", "edge"])
def test_modes_with_rules_of_their_own_refuse_two_releases_themselves(resolved_model: Any, mode: str) -> None:
    model = resolved_model(rollout={"strategy": "canary"}, serving={"mode": mode})
    found = {finding.code for rule in FOR_MODELS for finding in rule(model) if finding.pointer == STRATEGY}
    assert found == {f"not-for-{mode}"}


def test_knative_copies_no_requests(places: Any) -> None:
    assert places({"strategy": "shadow"}, KNATIVE) == [("rollout-needs-standard", STRATEGY)]


def test_standard_mode_needs_a_gateway_and_its_api(places: Any) -> None:
    assert places({"strategy": "canary"}, {}) == [
        ("component-missing", STRATEGY),
        ("rollout-gateway-missing", STRATEGY),
    ]


@pytest.mark.parametrize(
    ("rollout", "oldest", "before"),
    [
        ({"strategy": "canary"}, "1.2.0", "1.1.0"),
        ({"strategy": "shadow"}, "1.2.0", "1.1.0"),
        ({"strategy": "shadow", "shadow": {"percent": 99}}, "1.3.0", "1.2.1"),
    ],
)
def test_the_gateway_api_is_as_new_as_its_fields(places: Any, rollout: Any, oldest: str, before: str) -> None:
    assert places(rollout, {**STANDARD, "components": {"gatewayApi": oldest}}) == []
    assert places(rollout, {**STANDARD, "components": {"gatewayApi": before}}) == [("component-too-old", STRATEGY)]


def test_a_graph_would_go_past_the_route(places: Any) -> None:
    graph = {"nodes": [{"name": "root", "kind": "sequence", "steps": [{"model": "fraud-detector"}]}]}
    assert ("rollout-with-graph", "spec.serving.graph") in places({"strategy": "canary"}, serving={"graph": graph})


@pytest.mark.parametrize("hostname", ["-{model}.example.com", "{model}..com", "{model}-" + "x" * 60, ".{model}"])
def test_the_host_is_one(places: Any, hostname: str) -> None:
    target = {**STANDARD, "serving": {"gateway": {**GATEWAY, "hostname": hostname}}}
    assert places({"strategy": "canary"}, target) == [("rollout-host-invalid", STRATEGY)]


def test_the_new_release_has_a_name_that_fits_as_well(places: Any, resolved_model: Any) -> None:
    assert places({"strategy": "canary"}, name="m" * 46) == [("host-name-too-long", "spec")]
    assert places({"strategy": "canary"}, name="m" * 47) == [("name-too-long", "spec")]
    assert places({"strategy": "canary"}, KNATIVE, name="m" * 47) == []


def test_a_runtime_of_one_s_own_may_not_answer_to_the_model_s_name(resolved_model: Any) -> None:
    model = resolved_model(rollout={"strategy": "canary"}, target=STANDARD, serving={"runtime": "ours", "port": 8080})
    (finding,) = progressive.check(model)
    assert (finding.code, finding.severity) == ("rollout-model-name", Severity.WARNING)
    assert finding.code in progressive.POLICY_CODES


@pytest.mark.parametrize("suffix", ["-canary", "-traffic"])
def test_a_name_that_a_rollout_takes_is_no_model_s(resolved_model: Any, suffix: str) -> None:
    def found(target: Any) -> list[str]:
        rollout = {"strategy": "canary", "stable": STABLE}
        models = (
            resolved_model(rollout=rollout, target=target),
            resolved_model(name=f"fraud-detector{suffix}", target=target),
        )
        resolution = Resolution("dev", None, None, {}, models, (), ())
        assert (f"Model/fraud-detector{suffix}" in relations.links(resolution).get("Model/fraud-detector", ())) == (
            target is STANDARD
        )
        return [finding.code for finding in progressive.check_environment(resolution)]

    assert found(STANDARD) == ["rollout-name-taken"]
    assert found(KNATIVE) == []


def test_staleness_counts_for_both_releases(places: Any) -> None:
    stable = {key: value for key, value in STABLE.items() if key != "trainedAt"}
    found = places({"strategy": "canary", "stable": stable}, monitoring={"staleness": {"maxAge": "30d"}})
    assert found == [("trained-at-missing", "spec.rollout.stable")]


def test_the_stable_release_is_held_to_the_rules_of_any_release(resolved_model: Any) -> None:
    wrong = {"version": "1.3+2", "artifact": {"uri": "store://nowhere/fraud"}, "image": "example.com/a:1"}
    model = resolved_model(rollout={"strategy": "canary", "stable": wrong}, target=STANDARD)
    found = [(finding.code, finding.pointer) for finding in progressive.of_stable(model, FOR_MODELS)]
    assert sorted(found) == [
        ("image-not-pinned", "spec.rollout.stable.image"),
        ("release-digest-missing", "spec.rollout.stable.artifact"),
        ("unknown-storage", "spec.rollout.stable.artifact.uri"),
        ("version-not-a-label", "spec.rollout.stable.version"),
    ]
    assert list(progressive.of_stable(resolved_model(), FOR_MODELS)) == []
