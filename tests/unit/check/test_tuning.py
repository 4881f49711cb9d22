from __future__ import annotations

from typing import Any

import pytest

from mlgitops.check import pipeline

DIGEST = "sha256:" + "0123456789abcdef" * 4
TRAINING: dict[str, Any] = {
    "image": f"example.com/train@{DIGEST}",
    "command": ["python", "train.py"],
    "args": ["--lr={{tuning.lr}}", "--epochs={{tuning.epochs}}"],
}
LR: dict[str, Any] = {"name": "lr", "type": "double", "min": 0.01, "max": 0.1}
EPOCHS: dict[str, Any] = {"name": "epochs", "type": "int", "min": 1, "max": 9}
TUNING: dict[str, Any] = {"objective": {"metric": "loss", "goal": "minimise"}, "parameters": [LR, EPOCHS]}
COMPONENTS: dict[str, Any] = {"katib": "0.19.0"}


@pytest.fixture
def places(resolved_pipeline: Any) -> Any:
    """The codes and pointers of the findings about a pipeline with tuning; ``changes`` are of its tuning."""

    def found(
        changes: dict[str, Any] | None = None, components: dict[str, Any] | None = None, **spec: Any
    ) -> list[tuple[str, str]]:
        spec = {"steps": [], "training": TRAINING, **spec}
        target = {"components": {**COMPONENTS, **(components or {})}}
        resolved = resolved_pipeline(target=target, tuning={**TUNING, **(changes or {})}, **spec)
        return [(finding.code, finding.pointer) for finding in pipeline.check(resolved)]

    return found


def one(parameter: dict[str, Any]) -> dict[str, Any]:
    """Changes to a search of one parameter beside the usual ones, which the training need not use."""
    return {"parameters": [LR, EPOCHS, parameter]}


def test_a_sound_search_has_no_findings(places: Any) -> None:
    assert places() == []
    assert places(components={"trainer": None, "trainingOperator": "1.9.3", "katib": "0.17.0"}) == []


@pytest.mark.parametrize(
    ("changes", "components", "expected"),
    [
        ({}, {"katib": None}, [("component-missing", "spec.tuning")]),
        ({}, {"katib": "0.18.0"}, [("component-too-old", "spec.tuning")]),
        (
            {"metrics": {"collector": "Push"}},
            {"trainer": None, "trainingOperator": "1.9.3", "katib": "0.17.0"},
            [("component-too-old", "spec.tuning.metrics.collector")],
        ),
        (
            {"parameters": [{**LR, "distribution": "logUniform"}, EPOCHS]},
            {"trainer": None, "trainingOperator": "1.9.3", "katib": "0.17.0"},
            [("component-too-old", "spec.tuning.parameters.0.distribution")],
        ),
    ],
)
def test_katib_is_new_enough_for_what_is_asked(
    places: Any, changes: dict[str, Any], components: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert places(changes, components) == expected


def test_a_search_is_of_training_alone(places: Any) -> None:
    steps = [{"name": "prepare", "image": f"example.com/a@{DIGEST}"}]
    plain = {"image": f"example.com/train@{DIGEST}"}

    assert places(training=plain, steps=steps) == [("tuning-of-training-alone", "spec.tuning")]
    assert places(training=None, steps=steps) == [("tuning-of-training-alone", "spec.tuning")]


@pytest.mark.parametrize(
    ("parameter", "pointer"),
    [
        ({"type": "double", "min": 1}, ""),
        ({"type": "double", "min": 1, "max": 2, "list": [1]}, ".list"),
        ({"type": "double", "min": 2, "max": 2}, ".min"),
        ({"type": "int", "min": 1, "max": 2.5}, ".max"),
        ({"type": "int", "min": 1, "max": 5, "step": 0}, ".step"),
        ({"type": "double", "min": 0, "max": 1, "distribution": "logNormal"}, ".min"),
        ({"type": "categorical"}, ""),
        ({"type": "categorical", "list": ["a", "a"]}, ".list"),
        ({"type": "categorical", "list": ["a"], "max": 1}, ".max"),
        ({"type": "discrete", "list": ["a", 1]}, ".list"),
        ({"type": "discrete", "list": [1, 2], "distribution": "normal"}, ".distribution"),
    ],
)
def test_what_is_chosen_from_makes_sense(places: Any, parameter: dict[str, Any], pointer: str) -> None:
    training = {**TRAINING, "env": [{"name": "X", "value": "{{tuning.x}}"}]}

    found = places(one({"name": "x", **parameter}), training=training)

    assert found == [("search-space", f"spec.tuning.parameters.2{pointer}")]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"algorithm": {"name": "grid"}}, "spec.tuning.parameters.0"),
        (
            {"algorithm": {"name": "grid"}, "parameters": [{**LR, "step": 0.09}, {**EPOCHS, "step": 4}]},
            "spec.tuning.trials.max",
        ),
    ],
)
def test_a_grid_has_as_many_points_as_trials(places: Any, changes: dict[str, Any], pointer: str) -> None:
    assert places(changes) == [("search-space", pointer)]
    assert places({"algorithm": {"name": "grid"}, "parameters": [{**LR, "step": 0.09}, EPOCHS]}) == []


def test_cmaes_needs_two_dimensions(places: Any) -> None:
    layers = {"name": "epochs", "type": "categorical", "list": ["1", "2"]}

    assert places({"algorithm": {"name": "cmaes"}}) == []
    assert places({"algorithm": {"name": "cmaes"}, "parameters": [LR, layers]}) == [
        ("search-space", "spec.tuning.algorithm.name")
    ]


@pytest.mark.parametrize(
    ("settings", "parallel", "expected"),
    [
        ({}, 9, [("hyperband-settings", "spec.tuning.algorithm")]),
        ({"r_l": 9, "resource_name": "depth"}, 9, [("hyperband-settings", "spec.tuning.algorithm")]),
        ({"r_l": "many", "resource_name": "epochs"}, 9, [("hyperband-settings", "spec.tuning.algorithm")]),
        ({"r_l": 9, "resource_name": "epochs"}, 3, [("hyperband-settings", "spec.tuning.trials")]),
        ({"r_l": 9, "resource_name": "epochs"}, 9, []),
    ],
)
def test_hyperband_is_told_its_resource_and_has_room(
    places: Any, settings: dict[str, Any], parallel: int, expected: list[tuple[str, str]]
) -> None:
    changes = {"algorithm": {"name": "hyperband", "settings": settings}, "trials": {"max": 20, "parallel": parallel}}

    assert places(changes) == expected


def test_no_more_trials_run_or_fail_than_there_are(places: Any) -> None:
    assert places({"trials": {"max": 2, "parallel": 3, "failed": 3}}) == [
        ("too-many-trials", "spec.tuning.trials.parallel"),
        ("too-many-trials", "spec.tuning.trials.failed"),
    ]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"metrics": {"collector": "File"}}, [("metrics-path", "spec.tuning.metrics.collector")]),
        ({"metrics": {"path": "/a"}}, [("metrics-path", "spec.tuning.metrics.path")]),
        ({"metrics": {"collector": "File", "path": "/a"}}, []),
        ({"metrics": {"format": "JSON"}}, [("metrics-format", "spec.tuning.metrics.format")]),
        ({"metrics": {"collector": "File", "path": "/a", "format": "JSON"}}, []),
        ({"metrics": {"filters": ["loss: (.*)"]}}, [("metrics-filter", "spec.tuning.metrics.filters.0")]),
        (
            {"objective": {"metric": "val/loss", "goal": "minimise"}},
            [("metrics-filter", "spec.tuning.objective.metric")],
        ),
        (
            {
                "objective": {"metric": "val/loss", "goal": "minimise"},
                "metrics": {"filters": ["(val/loss)=([0-9.]+)"]},
            },
            [],
        ),
        (
            {"objective": {"metric": "loss", "goal": "minimise", "additionalMetrics": ["loss"]}},
            [("metric-twice", "spec.tuning.objective.additionalMetrics")],
        ),
    ],
)
def test_katib_finds_the_metrics(places: Any, changes: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    assert places(changes) == expected


def test_what_is_searched_is_used_and_what_is_used_is_searched(places: Any) -> None:
    unused = {**TRAINING, "args": ["--lr={{tuning.lr}}", "--depth={{tuning.depth}}"]}

    assert places(training=unused) == [
        ("unknown-tuning-parameter", "spec.training.args.1"),
        ("tuning-parameter-unused", "spec.tuning.parameters.1.name"),
    ]


def test_a_parameter_of_the_pipeline_that_is_searched_needs_no_value(places: Any) -> None:
    training = {**TRAINING, "args": ["{{parameters.lr}}", "{{tuning.epochs}}"]}

    assert places(training=training, parameters=[{"name": "lr"}]) == []


def test_without_tuning_nothing_is_searched(places: Any, resolved_pipeline: Any) -> None:
    steps = [{"name": "a", "image": f"example.com/a@{DIGEST}", "args": ["{{tuning.lr}}"]}]

    found = [(f.code, f.pointer) for f in pipeline.check(resolved_pipeline(steps=steps))]

    assert found == [("unknown-tuning-parameter", "spec.steps.0.args.0")]


def test_two_parameters_have_two_names(places: Any) -> None:
    assert places({"parameters": [LR, EPOCHS, {**LR, "max": 1}]}) == [
        ("duplicate-tuning-parameter", "spec.tuning.parameters.2.name")
    ]


def test_katibs_own_placeholders_are_left_to_katib(places: Any) -> None:
    training = {**TRAINING, "args": [*TRAINING["args"], "${trialParameters.lr}"]}

    assert places(training=training) == [("trial-placeholder", "spec.training.args.2")]


def test_katib_has_to_know_the_command_that_it_watches(places: Any) -> None:
    bare = {**TRAINING, "command": []}

    assert places(training=bare) == [("tuning-command-missing", "spec.training")]
    assert places({"metrics": {"collector": "Push"}}, training=bare) == []
