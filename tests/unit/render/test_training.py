from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mlgitops.manifest import Manifest, in_order
from mlgitops.render import training

DIGEST = "sha256:" + "0123456789abcdef" * 4
BLOCK: dict[str, Any] = {
    "image": f"example.com/train@{DIGEST}",
    "command": ["torchrun", "train.py"],
    "args": ["--lr={{parameters.rate}}"],
    "env": [{"name": "LEVEL", "value": "debug"}],
    "nodes": 2,
    "processesPerNode": 4,
    "dataset": "store://artifacts/transactions",
    "baseModel": "hf://example/base",
    "resources": {"cpu": "8", "memory": "32Gi", "accelerator": {"class": "a10g", "count": 4}},
}


@pytest.fixture
def rendered(resolved_pipeline: Any) -> Callable[..., list[Manifest]]:
    """Renders a pipeline of training alone; ``block`` is merged over a small valid one."""

    def render(block: dict[str, Any] | None = None, target: dict[str, Any] | None = None, **spec: Any) -> list[Any]:
        spec = {"steps": [], "parameters": [{"name": "rate", "value": "0.1"}], **spec}
        return training.render(resolved_pipeline(target=target or {}, training={**BLOCK, **(block or {})}, **spec))

    return render


def _job(manifests: list[Manifest]) -> Manifest:
    return next(manifest for manifest in manifests if manifest["kind"] == "TrainJob")


@pytest.mark.parametrize(
    ("cloud", "trainer"),
    [("aws", "2.0.0"), ("aws", "2.1.0"), ("aws", "2.2.0"), ("azure", "2.1.0"), ("azure", "2.2.0"), ("onprem", "2.2.0")],
)
def test_training_as_it_was_reviewed(
    rendered: Any, golden: Callable[[str, str], None], manifests_text: Any, cloud: str, trainer: str
) -> None:
    target = {"cloud": cloud, "components": {"trainer": trainer}}

    manifests = rendered(target=target, identity="model-reader", queue="team-risk")

    golden(f"render/training-{cloud}-{trainer}.yaml", manifests_text(in_order(manifests)))


def test_a_changed_specification_is_another_job(rendered: Any) -> None:
    names = {
        _job(rendered(block, **spec))["metadata"]["name"]
        for block, spec in [
            ({}, {}),
            ({"args": []}, {}),
            ({"nodes": 3}, {}),
            ({}, {"parameters": [{"name": "rate", "value": "0.2"}]}),
        ]
    }

    assert len(names) == 4


def test_the_same_specification_is_the_same_job_whatever_its_labels(rendered: Any) -> None:
    first, second = _job(rendered()), _job(rendered(queue="team-risk"))

    assert first["metadata"]["name"] == second["metadata"]["name"]
    assert second["metadata"]["labels"]["kueue.x-k8s.io/queue-name"] == "team-risk"
    assert "suspend" not in second["spec"]


def test_the_longest_name_still_leaves_room_for_the_names_of_pods(resolved_pipeline: Any) -> None:
    name = "a" * 23 + "-" + "b" * 28

    job = _job(training.render(resolved_pipeline(name=name, steps=[], training={"image": "example.com/t:1"})))

    pod = job["metadata"]["name"] + "-dataset-initializer-0-0-abcde"
    assert len(name) == 52
    assert len(pod) <= 63
    assert "--" not in job["metadata"]["name"]


def test_pipelines_whose_names_start_alike_have_different_jobs(resolved_pipeline: Any) -> None:
    block = {"image": "example.com/t:1"}
    names = {
        _job(training.render(resolved_pipeline(name="a" * 30 + end, steps=[], training=block)))["metadata"]["name"]
        for end in ("one", "two")
    }

    assert len(names) == 2


def test_parameters_are_put_in_since_nothing_could_give_others(rendered: Any) -> None:
    assert _job(rendered())["spec"]["trainer"]["args"] == ["--lr=0.1"]


def test_a_deadline_is_kept_from_trainer_2_2_on(rendered: Any) -> None:
    old = rendered(target={"components": {"trainer": "2.1.0"}}, deadline="1h")
    new = rendered(target={"components": {"trainer": "2.2.0"}}, deadline="1h")

    assert "activeDeadlineSeconds" not in _job(old)["spec"]
    assert _job(new)["spec"]["activeDeadlineSeconds"] == 3600


def test_plain_training_changes_nothing_of_the_runtimes_pods(resolved_pipeline: Any) -> None:
    manifests = training.render(resolved_pipeline(steps=[], training={"image": "example.com/t:1"}))

    assert [manifest["kind"] for manifest in manifests] == ["TrainJob"]
    assert set(_job(manifests)["spec"]) == {"runtimeRef", "trainer"}


def test_the_next_run_that_git_asks_for_is_another_job(rendered: Any) -> None:
    jobs = [_job(rendered(**asked)) for asked in ({}, {"run": {"number": 1}}, {"run": {"number": 2}})]
    assert len({job["metadata"]["name"] for job in jobs}) == 3
    assert jobs[0]["spec"] == jobs[1]["spec"]


def test_a_run_has_values_of_its_own(rendered: Any) -> None:
    job = _job(rendered(run={"number": 1, "parameters": {"rate": "0.2"}}))
    assert job["spec"]["trainer"]["args"] == ["--lr=0.2"]
