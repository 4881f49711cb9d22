"""What our rules refuse, the controllers' own webhooks refuse as well; and what they let through, those take.

Each case is rendered although there are findings, and the API server is asked in a dry run, which calls the webhooks.
"""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mlgitops.finding import Severity
from mlgitops.render.render import render_targets
from mlgitops.sources.worktree import WorkTree
from mlgitops.workflows.render import checked
from tests.conftest import PROJECT_FILES
from tests.testbed.api import ApiError
from tests.testbed.control_plane import ControlPlane

JUDGED = ("InferenceService", "InferenceGraph", "LLMInferenceService", "TrainJob")
API = "mlgitops.dev/v1alpha1"
DIGEST = "sha256:" + "0123456789abcdef" * 4
MODEL: dict[str, Any] = {
    "release": {"version": "1.0", "artifact": {"uri": "hf://example/iris", "digest": DIGEST}},
    "serving": {"format": "sklearn", "runtime": "kserve-sklearnserver"},
    "monitoring": {"metrics": False},
    "governance": {"owner": "shop@example.com"},
}


@dataclass(frozen=True)
class Case:
    """A wrong ``serving``, the code of our finding, words of the webhook, and what makes it right."""

    serving: dict[str, Any]
    code: str
    words: str
    right: dict[str, Any]
    mode: str = "Standard"


def graph(*weights: int | None, root: str = "root", name: str | None = "other") -> dict[str, Any]:
    """A graph with a splitter of two steps of these weights, the second of which has that name."""
    steps: list[dict[str, Any]] = [{"name": "first", "model": "iris"}, {"name": name, "model": "iris"}]
    weighted = [{**step, "weight": weight} for step, weight in zip(steps, weights, strict=True)]
    return {"graph": {"nodes": [{"name": root, "kind": "splitter", "steps": weighted}]}}


def llm(**parallelism: int) -> dict[str, Any]:
    """A language model over four accelerators."""
    asked = {"class": "a10g", "count": 4}
    return {
        "mode": "llm", "format": None, "runtime": None, "resources": {"accelerator": asked},
        "llm": {"parallelism": parallelism},
    }  # fmt: skip


CASES = {
    "a share of the processor over a hundred": Case(
        {"scaling": {"max": 3, "target": 150}}, "scaling-target", "should be a [1-100] integer",
        {"scaling": {"max": 3, "target": 100}},
    ),
    "requests at once in Standard mode": Case(
        {"scaling": {"max": 3, "metric": "concurrency"}}, "scaling-metric", "[concurrency] is not a supported metric",
        {"scaling": {"max": 3, "metric": "memory"}},
    ),
    "the processor on Knative": Case(
        {"scaling": {"max": 3, "metric": "cpu"}}, "scaling-metric", "[cpu] is not a supported metric",
        {"scaling": {"max": 3, "metric": "rps"}}, mode="Knative",
    ),
    "weights that do not total a hundred": Case(
        graph(60, 60), "graph-weights", "the sum of traffic weights for all routing targets should be 100",
        graph(60, 40),
    ),
    "a step of a splitter without a weight": Case(
        graph(100, None), "graph-weights", "missing the 'Weight'", graph(100, 0),
    ),
    "a graph without a root": Case(
        graph(60, 40, root="entry"), "graph-root-missing", "needs a node with name 'root'", graph(60, 40),
    ),
    "two steps of one name": Case(
        graph(60, 40, name="first"), "duplicate-graph-step", "contains more than one step with name",
        graph(60, 40),
    ),
    "a language model cut in two ways": Case(
        llm(pipeline=2, data=2), "parallelism-mixed", "cannot set both pipeline parallelism and data parallelism",
        llm(tensor=4),
    ),
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a case's project is."""
    return tmp_path / "case"


@pytest.mark.parametrize("name", CASES)
def test_a_rule_of_ours_refuses_what_the_webhook_refuses_and_nothing_else(
    cluster: ControlPlane, folder: Path, name: str
) -> None:
    case = CASES[name]
    codes, said = judged(cluster, folder, case, case.serving)
    assert case.code in codes
    assert case.words in said
    assert judged(cluster, folder, case, case.right) == (set(), "")


def judged(cluster: ControlPlane, folder: Path, case: Case, serving: dict[str, Any]) -> tuple[set[str], str]:
    """The codes of our findings that are errors, and what the webhooks say against what is rendered all the same."""
    write(folder, case, serving)
    resolution, findings = checked(WorkTree(folder), "dev", None)
    refused = [
        said
        for manifest in render_targets(resolution)["here"]
        if manifest["kind"] in JUDGED and (said := refusal(cluster, manifest))
    ]
    return {finding.code for finding in findings if finding.severity is Severity.ERROR}, " ".join(refused)


def refusal(cluster: ControlPlane, manifest: dict[str, Any]) -> str:
    """What is said against an object that is created in a dry run."""
    placed = copy.deepcopy(manifest)
    placed["metadata"]["namespace"] = "default"
    try:
        cluster.api.request("POST", f"{cluster.api.collection(placed)}?dryRun=All", placed)
    except ApiError as error:
        return str(error)
    return ""


def write(folder: Path, case: Case, serving: dict[str, Any]) -> None:
    """A small project with one model on a target of the controllers' own versions."""
    target = {
        "cloud": "onprem", "connection": {"directory": {"path": "clusters/here"}},
        "components": {"kserve": "0.17.0", "knative": "1.18.1"}, "serving": {"deploymentMode": case.mode},
        "accelerators": {"a10g": {"maxPerNode": 8}},
    }  # fmt: skip
    known = {key: value for key, value in {**MODEL["serving"], **serving}.items() if value is not None}
    files = {
        **PROJECT_FILES,
        "targets/here.yaml": document("Target", "here", target),
        "environments/dev/models/iris.yaml": document("Model", "iris", {**MODEL, "serving": known}),
    }
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(content)


def document(kind: str, name: str, spec: dict[str, Any]) -> str:
    """A document of ours; JSON is YAML."""
    return json.dumps({"apiVersion": API, "kind": kind, "metadata": {"name": name}, "spec": spec})
