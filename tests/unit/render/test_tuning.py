from __future__ import annotations

import shlex
from collections.abc import Callable
from typing import Any

import pytest

from mlgitops.manifest import Manifest, in_order
from mlgitops.render import tuning

DIGEST = "sha256:" + "0123456789abcdef" * 4
TRAINING: dict[str, Any] = {
    "image": f"example.com/train@{DIGEST}",
    "command": ["python", "train.py"],
    "args": ["--lr={{tuning.learning-rate}}", "--optimiser={{parameters.optimiser}}", "--note={{parameters.note}}"],
    "env": [{"name": "EPOCHS", "value": "{{tuning.epochs}}"}],
}
TUNING: dict[str, Any] = {
    "objective": {"metric": "accuracy", "goal": "maximise", "target": 0.99, "additionalMetrics": ["loss"]},
    "algorithm": {"name": "tpe", "settings": {"random_state": 10, "n_startup_trials": 5}},
    "parameters": [
        {"name": "learning-rate", "type": "double", "min": 0.01, "max": 0.1, "step": 0.01},
        {"name": "epochs", "type": "int", "min": 1, "max": 10},
        {"name": "optimiser", "type": "categorical", "list": ["sgd", "adam"]},
    ],
    "trials": {"max": 12, "parallel": 3, "failed": 2},
    "earlyStopping": {"settings": {"min_trials_required": 3}},
}
COMPONENTS: dict[str, Any] = {"katib": "0.19.0", "trainer": "2.1.0"}
PARAMETERS = [{"name": "optimiser", "value": "sgd"}, {"name": "note", "value": "it's a test"}]


@pytest.fixture
def rendered(resolved_pipeline: Any) -> Callable[..., list[Manifest]]:
    """Renders a search; ``changes`` are merged over a small valid one."""

    def render(
        changes: dict[str, Any] | None = None, target: dict[str, Any] | None = None, **spec: Any
    ) -> list[Manifest]:
        spec = {"steps": [], "training": TRAINING, "parameters": PARAMETERS, **spec}
        target = {"components": COMPONENTS, **(target or {})}
        return tuning.render(resolved_pipeline(target=target, tuning={**TUNING, **(changes or {})}, **spec))

    return render


def _experiment(manifests: list[Manifest]) -> Manifest:
    return next(manifest for manifest in manifests if manifest["kind"] == "Experiment")


@pytest.mark.parametrize(
    ("name", "components"),
    [
        ("trainer", {"katib": "0.19.0", "trainer": "2.2.0"}),
        ("pytorch", {"katib": "0.17.0", "trainer": None, "trainingOperator": "1.9.3"}),
    ],
)
def test_a_search_as_it_was_reviewed(
    rendered: Any, golden: Callable[[str, str], None], manifests_text: Any, name: str, components: dict[str, Any]
) -> None:
    made = rendered(target={"components": components}, queue="team-risk", priority="low", identity="model-reader")

    golden(f"render/tuning-{name}.yaml", manifests_text(in_order(made)))


def test_other_numbers_of_trials_are_the_same_search(rendered: Any) -> None:
    few, many = (_experiment(rendered({"trials": {"max": n, "parallel": 2, "failed": 1}})) for n in (3, 30))

    assert few["metadata"]["name"] == many["metadata"]["name"]
    assert (few["spec"]["maxTrialCount"], many["spec"]["maxTrialCount"]) == (3, 30)


@pytest.mark.parametrize(
    ("changes", "spec"),
    [
        ({"resume": "LongRunning"}, {}),
        ({"algorithm": {"name": "random"}}, {}),
        ({}, {"training": {**TRAINING, "nodes": 2}}),
        ({}, {"queue": "team"}),
    ],
)
def test_anything_else_is_another_search(rendered: Any, changes: dict[str, Any], spec: dict[str, Any]) -> None:
    plain, changed = _experiment(rendered()), _experiment(rendered(changes, **spec))

    assert plain["metadata"]["name"] != changed["metadata"]["name"]


def test_a_label_of_the_users_starts_no_other_search(rendered: Any) -> None:
    template = _experiment(rendered(queue="team"))["spec"]["trialTemplate"]["trialSpec"]

    assert set(template["metadata"]["labels"]) == {"mlgitops.dev/pipeline", "kueue.x-k8s.io/queue-name"}


def test_what_is_searched_is_katibs_to_put_in_and_other_parameters_have_their_values(rendered: Any) -> None:
    trial = _experiment(rendered({"metrics": {"collector": "Push"}}))["spec"]["trialTemplate"]["trialSpec"]["spec"]

    assert trial["trainer"]["args"] == [
        "--lr=${trialParameters.learning-rate}",
        "--optimiser=${trialParameters.optimiser}",
        "--note=it's a test",
    ]
    assert trial["trainer"]["env"] == [{"name": "EPOCHS", "value": "${trialParameters.epochs}"}]


def test_a_watched_trial_survives_that_katib_joins_its_arguments_with_blanks(rendered: Any) -> None:
    script = "import sys\nprint('loss=1')\n"
    block = {**TRAINING, "command": ["python", "-c"], "args": [script, "{{tuning.epochs}} {{tuning.learning-rate}}"]}

    trainer = _experiment(rendered(training=block))["spec"]["trialTemplate"]["trialSpec"]["spec"]["trainer"]

    assert trainer["command"] == ["sh", "-c"]
    assert shlex.split(" ".join(trainer["args"])) == [
        "python", "-c", script, "${trialParameters.epochs} ${trialParameters.learning-rate}",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("components", "container", "labels", "succeeded"),
    [
        (
            COMPONENTS,
            "node",
            {"jobset.sigs.k8s.io/replicatedjob-name": "node", "batch.kubernetes.io/job-completion-index": "0"},
            "Complete",
        ),
        (
            {"katib": "0.19.0", "trainer": None, "trainingOperator": "1.9.3"},
            "pytorch",
            {"training.kubeflow.org/job-role": "master"},
            "Succeeded",
        ),
    ],
)
def test_katib_is_told_which_pod_to_watch_and_how_a_trial_ends(
    rendered: Any, components: dict[str, Any], container: str, labels: dict[str, str], succeeded: str
) -> None:
    template = _experiment(rendered(target={"components": components}))["spec"]["trialTemplate"]

    assert template["primaryContainerName"] == container
    assert template["primaryPodLabels"] == labels
    assert f'(type=="{succeeded}")' in template["successCondition"]
    assert '(type=="Failed")' in template["failureCondition"]
    assert {"name", "namespace"}.isdisjoint(template["trialSpec"]["metadata"])


def test_before_katib_0_18_there_are_no_distributions(rendered: Any) -> None:
    old = {"katib": "0.17.0", "trainer": None, "trainingOperator": "1.9.3"}
    spaces = [
        {"distribution" in parameter["feasibleSpace"] for parameter in _experiment(made)["spec"]["parameters"]}
        for made in (rendered(target={"components": old}), rendered())
    ]

    assert spaces == [{False}, {True}]


@pytest.mark.parametrize(
    ("metrics", "expected"),
    [
        ({}, {"collector": {"kind": "StdOut"}}),
        (
            {"collector": "File", "path": "/var/log/m.json", "format": "JSON"},
            {
                "collector": {"kind": "File"},
                "source": {"fileSystemPath": {"kind": "File", "path": "/var/log/m.json", "format": "JSON"}},
            },
        ),
        (
            {"collector": "TensorFlowEvent", "path": "/train"},
            {
                "collector": {"kind": "TensorFlowEvent"},
                "source": {"fileSystemPath": {"kind": "Directory", "path": "/train"}},
            },
        ),
        (
            {"filters": ["([a-z]+): ([0-9.]+)"]},
            {"collector": {"kind": "StdOut"}, "source": {"filter": {"metricsFormat": ["([a-z]+): ([0-9.]+)"]}}},
        ),
    ],
)
def test_where_metrics_are_read_from(rendered: Any, metrics: dict[str, Any], expected: dict[str, Any]) -> None:
    assert _experiment(rendered({"metrics": metrics}))["spec"]["metricsCollectorSpec"] == expected


@pytest.mark.parametrize(
    ("block", "pod"),
    [({"nodes": 1000}, "node-0-999-abcde"), ({"dataset": "s3://data/x"}, "dataset-initializer-0-0-abcde")],
)
def test_the_longest_name_leaves_room_for_the_names_of_a_trials_pods(
    resolved_pipeline: Any, block: dict[str, Any], pod: str
) -> None:
    whole = {"steps": [], "training": {**TRAINING, **block}, "tuning": TUNING, "parameters": PARAMETERS}
    name = "a" * 14 + "-" + "b" * 12 + "-" + "c" * 24
    resolved = resolved_pipeline(name=name, target={"components": COMPONENTS}, **whole)

    experiment = _experiment(tuning.render(resolved))["metadata"]["name"]

    assert len(f"{experiment}-12345678-{pod}") <= 63
    assert len(experiment) <= 40
    assert "--" not in experiment
