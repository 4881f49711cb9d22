"""The pods that KServe, Trainer and JobSet make are known as the model's, by the labels that these give them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.testbed.control_plane import ControlPlane
from tests.testbed.kubelet import Kubelet

NAMESPACE = "models-dev"
TIMEOUT = "2m"

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def kubelet(cluster: ControlPlane) -> Iterator[Kubelet]:
    """It answers for every node."""
    with Kubelet(cluster) as running:
        for node in cluster.api.get("/api/v1/nodes")["items"]:
            running.answer_for(node["metadata"]["name"])
        yield running


@pytest.mark.parametrize(
    ("name", "target", "voice", "container"),
    [
        ("iris-sklearn", "aws-dev", "workload", "kserve-container"),
        ("smollm2-large", "gcp-dev", "workload", "main"),
        ("fashion-mnist-training", "aws-dev", "run", "node"),
    ],
)
def test_what_the_pods_of_a_controller_say_is_read(  # noqa: PLR0917
    cluster: ControlPlane, run: Run, kubelet: Kubelet, name: str, target: str, voice: str, container: str
) -> None:
    asked = ("--env", "dev", "--target", target)
    code, said, wrong = run("apply", *asked, "--model", name, "--yes", "--timeout", TIMEOUT, "--no-progress")
    assert code == 0, said + wrong
    pods: list[dict[str, Any]] = cluster.api.get(f"/api/v1/namespaces/{NAMESPACE}/pods")["items"]
    assert pods
    for pod in pods:
        kubelet.say(pod, container, f"this is {pod['metadata']['name']}")
    code, said, wrong = run("logs", name, *asked)
    assert (code, wrong) == (0, "")
    lines = [line for line in said.splitlines() if "this is " in line]
    assert sorted(line.rsplit(" ", 1)[1] for line in lines) == sorted(pod["metadata"]["name"] for pod in pods)
    assert {line.split()[1] for line in lines} == {voice}
