from __future__ import annotations

from typing import Any

import pytest

from mlgitops.spec.resolve import all_resolved

HEAD = "apiVersion: mlgitops.dev/v1alpha1\nkind: {kind}\nmetadata:\n  name: {name}\n"
IRIS = "environments/dev/models/iris.yaml"
BASE = "models/iris.yaml"
ENVIRONMENT = "environments/dev/environment.yaml"
RELEASE = "  release:\n    version: '1'\n    artifact:\n      uri: s3://models/iris\n"


def spec(kind: str, name: str, body: str) -> str:
    return HEAD.format(kind=kind, name=name) + "spec:\n" + body


def model(body: str = "", name: str = "iris") -> str:
    return spec("Model", name, RELEASE + body)


def target(name: str, body: str = "") -> str:
    return spec("Target", name, f"  cloud: onprem\n  connection:\n    directory:\n      path: clusters/{name}\n{body}")


def errors(made: Any) -> list[str]:
    return [one for one in made.codes() if not one.startswith("owner-missing")]


def test_a_small_project_is_resolved_without_findings(read: Any) -> None:
    made = read()
    assert made.codes() == []
    (resolved,) = made.resolution.models
    assert (resolved.name, resolved.place.target, resolved.place.project) == ("iris", "here", "shop")
    assert resolved.spec.serving.scaling.max == 3
    assert resolved.spec.serving.scaling.min == 1


LAYERS = [
    ("mlgitops.yaml", "  environments: [dev]\n  defaults:\n    model:\n      serving:\n        timeout: {}s\n"),
    (ENVIRONMENT, "  targets: [here]\n  defaults:\n    model:\n      serving:\n        timeout: {}s\n"),
    (BASE, "  serving:\n    timeout: {}s\n"),
    (IRIS, RELEASE + "  serving:\n    timeout: {}s\n"),
    (
        "targets/here.yaml", "  cloud: onprem\n  connection:\n    directory:\n      path: clusters/here\n"
        "  profile:\n    model:\n      serving:\n        timeout: {}s\n",
    ),
]  # fmt: skip
KINDS = {
    "mlgitops.yaml": ("Project", "shop"),
    ENVIRONMENT: ("Environment", "dev"),
    "targets/here.yaml": ("Target", "here"),
}


@pytest.mark.parametrize("number", range(len(LAYERS)))
def test_each_layer_wins_over_those_before_it(read: Any, number: int) -> None:
    layers = LAYERS[: number + 1]
    files = {path: spec(*KINDS.get(path, ("Model", "iris")), body.format(1 + place)) for place, (path, body) in
             enumerate(layers)}  # fmt: skip
    files.setdefault(IRIS, model())
    (resolved,) = read(files).resolution.models
    assert resolved.spec.serving.timeout == f"{number + 1}s"
    origin = resolved.provenance.origin(("serving", "timeout"))
    assert origin.location.path == layers[-1][0]


def test_a_null_deletes_what_a_layer_below_says(read: Any) -> None:
    made = read(
        {BASE: spec("Model", "iris", "  serving:\n    timeout: 7s\n"), IRIS: model("  serving:\n    timeout: null\n")}
    )
    assert made.resolution.models[0].spec.serving.timeout == "60s"


def test_models_and_pipelines_come_in_order_of_name_and_target(read: Any) -> None:
    step = "  steps:\n    - name: a\n      image: example.com/a:1\n"
    made = read(
        {
            "targets/aaa.yaml": target("aaa"),
            ENVIRONMENT: spec("Environment", "dev", "  targets: [here, aaa]\n"),
            "environments/dev/models/alpha.yaml": model(name="alpha"),
            "environments/dev/pipelines/train.yaml": spec("Pipeline", "train", step),
        }
    )
    found = [(one.name, one.place.target) for one in all_resolved(made.resolution)]
    assert found == [
        ("alpha", "here"), ("alpha", "aaa"), ("iris", "here"), ("iris", "aaa"), ("train", "here"), ("train", "aaa"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("base", "own", "targets"),
    [
        (None, "", ["here", "there"]),
        (None, "  targets: [there]\n", ["there"]),
        ("  targets: [there]\n", "", ["there"]),
        ("  targets: [there]\n", "  targets: [here]\n", ["here"]),
        ("  targets: [there]\n", "  targets: null\n", ["here", "there"]),
        (None, "  targets: [there, here]\n", ["here", "there"]),
        (None, "  targets: [there, there]\n", ["there"]),
        (None, "  targets: []\n", []),
    ],
)
def test_a_model_runs_at_the_targets_it_names_or_at_all(
    read: Any, base: str | None, own: str, targets: list[str]
) -> None:
    files = {
        "targets/there.yaml": target("there"),
        ENVIRONMENT: spec("Environment", "dev", "  targets: [here, there]\n"),
        IRIS: model(own),
    }
    if base is not None:
        files[BASE] = spec("Model", "iris", base)
    made = read(files)
    assert errors(made) == []
    assert [one.place.target for one in made.resolution.models] == targets


def test_an_unknown_target_is_found_where_it_is_named(read: Any) -> None:
    made = read({BASE: spec("Model", "iris", "  targets: [her]\n")})
    assert errors(made) == [f"unknown-target {BASE}:6:13"]
    (finding,) = made.resolution.findings
    assert (finding.suggestion, finding.pointer, finding.excerpt) == ("here", "spec.targets.0", "  targets: [her]")


def test_the_environment_s_namespace_wins_over_the_target_s(read: Any) -> None:
    assert read().resolution.models[0].place.namespace == "models"
    made = read({ENVIRONMENT: spec("Environment", "dev", "  targets: [here]\n  namespace: dev-models\n")})
    assert made.resolution.models[0].place.namespace == "dev-models"
    made = read({"targets/here.yaml": target("here", "  namespace: own\n")})
    assert made.resolution.models[0].place.namespace == "own"


def test_metadata_of_the_base_is_under_the_environment_s(read: Any) -> None:
    labels = "  labels:\n    team: {team}\n    {key}: x\n"
    made = read(
        {
            BASE: HEAD.format(kind="Model", name="iris") + labels.format(team="a", key="only-base") + "spec: {}\n",
            IRIS: HEAD.format(kind="Model", name="iris") + labels.format(team="b", key="own") + "spec:\n" + RELEASE,
        }
    )
    assert dict(made.resolution.models[0].metadata.labels) == {"team": "b", "only-base": "x", "own": "x"}


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"mlgitops.yaml": None}, ["project-missing mlgitops.yaml"]),
        ({"mlgitops.yaml": "a: ["}, ["yaml-syntax mlgitops.yaml:1:5"]),
        ({"mlgitops.yaml": "kind: Target"}, ["wrong-kind mlgitops.yaml:1:7"]),
        ({ENVIRONMENT: None}, [f"environment-missing {ENVIRONMENT}"]),
        ({ENVIRONMENT: "a: ["}, [f"yaml-syntax {ENVIRONMENT}:1:5"]),
        ({"targets/here.yaml": "a: ["}, ["yaml-syntax targets/here.yaml:1:5"]),
        ({"targets/here.yaml": "kind: Model"}, ["wrong-kind targets/here.yaml:1:7"]),
        ({"targets/here.yaml": None}, [f"unknown-target {ENVIRONMENT}:6:13"]),
        ({"targets/unused.yaml": target("unused", "  regoin: x\n")}, ["unknown-field targets/unused.yaml:10:3"]),
        ({"environments/prod/models/iris.yaml": model()}, ["environment-missing environments/prod/environment.yaml"]),
        ({"environments/prod/environment.yaml": "a: ["}, ["yaml-syntax environments/prod/environment.yaml:1:5"]),
        ({BASE: spec("Model", "iris", RELEASE)}, [f"release-outside-environment {BASE}:6:3"]),
        (
            {"targets/here.yaml": target("here", "  profile:\n    model:\n      release: {}\n")},
            ["release-outside-environment targets/here.yaml:12:7"],
        ),
        (
            {"targets/here.yaml": target("here", "  profile:\n    model:\n      targets: [here]\n")},
            ["targets-outside-model targets/here.yaml:12:7"],
        ),
        (
            {"targets/here.yaml": target("here", "  profile:\n    pipeline:\n      stepz: []\n")},
            ["unknown-field targets/here.yaml:12:7"],
        ),
        ({BASE: spec("Model", "iris", "  serving: [1]\n")}, [f"wrong-type {BASE}:6:12"]),
        ({"models/other.yaml": spec("Model", "other", "  servng: {}\n")}, ["unknown-field models/other.yaml:6:3"]),
        ({IRIS: HEAD.format(kind="Model", name="iris")}, [f"missing-field {IRIS}:1:1"]),
        ({IRIS: HEAD.format(kind="Model", name="iris") + "spec: []\n"}, [f"wrong-type {IRIS}:5:7"]),
        ({IRIS: spec("Model", "iris", "  serving: {}\n")}, [f"missing-field {IRIS}:5:1"]),
        ({IRIS: model().replace("v1alpha1", "v2")}, [f"unknown-value {IRIS}:1:13"]),
        ({IRIS: model("  targets: [here]\n  serving:\n    format: 3\n")}, [f"wrong-type {IRIS}:12:13"]),
        (
            {"targets/here.yaml": target("here", "  profile:\n    pipeline:\n      run: {number: 1}\n")},
            ["run-outside-pipeline targets/here.yaml:12:7"],
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_once_with_its_place(read: Any, files: dict[str, Any], expected: list[str]) -> None:
    made = read(files)
    assert errors(made) == expected


@pytest.mark.parametrize(
    "broken",
    [
        {"mlgitops.yaml": "a: ["}, {ENVIRONMENT: "a: ["}, {"targets/here.yaml": "a: ["}, {"targets/here.yaml": None},
        {ENVIRONMENT: spec("Environment", "dev", "  targets: [her]\n")},
    ],
)  # fmt: skip
def test_a_model_s_own_mistakes_are_found_though_something_above_it_is_broken(
    read: Any, broken: dict[str, Any]
) -> None:
    made = read({**broken, IRIS: model("  serving:\n    scaling:\n      max: 5000\n")})
    assert made.codes("out-of-range") == [f"out-of-range {IRIS}:12:12"]
    assert len(errors(made)) == 2


def test_a_mistake_in_a_shared_layer_is_found_once_however_many_models_share_it(read: Any) -> None:
    defaults = "  targets: [here]\n  defaults:\n    model:\n      serving:\n        timeout: soon\n"
    made = read(
        {
            ENVIRONMENT: spec("Environment", "dev", defaults),
            "environments/dev/models/rose.yaml": model(name="rose"),
        }
    )
    assert errors(made) == [f"invalid-format {ENVIRONMENT}:10:18"]


def test_the_names_of_models_hold_those_that_cannot_be_read(read: Any) -> None:
    made = read(
        {
            "environments/dev/models/broken.yaml": "a: [",
            "environments/dev/models/wrong.yaml": model("  serving:\n    timeout: 3\n", name="wrong"),
            "environments/prod/environment.yaml": spec("Environment", "prod", "  targets: [here]\n"),
            "environments/prod/models/other.yaml": "a: [",
        }
    )
    assert made.resolution.model_names == {"iris", "broken", "wrong"}


def test_without_an_environment_s_name_the_rest_of_the_project_is_checked(read: Any) -> None:
    made = read({"mlgitops.yaml": spec("Project", "shop", "  environments: []\n")}, "")
    assert errors(made) == ["out-of-range mlgitops.yaml:6:17"]
