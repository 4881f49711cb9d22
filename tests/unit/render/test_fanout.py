from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest

from mlgitops.manifest import Manifest
from mlgitops.render.fanout import Fleet, fanout, in_waves, workflow_template
from mlgitops.render.install.installation import Cluster, Installation

FLEET = Fleet("prod", [["edge"], ["aws", "gcp"], ["azure"]], 1800, 900)


@pytest.fixture
def hub() -> Installation:
    clusters = (Cluster(("edge", "aws", "gcp", "azure"), {"context": "fleet"}, {}),)
    return Installation("shop", "https://git.example.com/ml/models.git", "main", "hub", clusters, root="ml")


def tasks(manifest: Manifest) -> dict[str, dict[str, Any]]:
    (graph,) = [template["dag"] for template in manifest["spec"]["templates"] if "dag" in template]
    return {task["name"]: task for task in graph["tasks"]}


def test_golden(
    hub: Installation, golden: Callable[[str, str], None], manifests_text: Callable[[Iterable[Manifest]], str]
) -> None:
    golden("render/fanout.yaml", manifests_text(fanout(hub, [FLEET])))


def test_the_same_again(hub: Installation) -> None:
    assert list(fanout(hub, [FLEET])) == list(fanout(hub, [FLEET]))


def test_hera_takes_all_of_it(hub: Installation, through_hera: Callable[[Manifest], Manifest]) -> None:
    manifest = workflow_template(hub, FLEET)
    assert through_hera(manifest) == manifest


def test_a_wave_waits_for_the_one_before_and_its_soak(hub: Installation) -> None:
    found = tasks(workflow_template(hub, FLEET))
    assert {name: task.get("depends") for name, task in found.items()} == {
        "wave-1": None,
        "soak-1": "wave-1.Succeeded",
        "wave-2": "soak-1.Succeeded",
        "soak-2": "wave-2.Succeeded",
        "wave-3": "soak-2.Succeeded",
    }
    assert {name: task["withItems"] for name, task in found.items() if "wave" in name} == {
        "wave-1": ["edge"], "wave-2": ["aws", "gcp"], "wave-3": ["azure"],
    }  # fmt: skip


def test_without_a_soak_the_next_wave_follows_at_once(hub: Installation) -> None:
    found = workflow_template(hub, Fleet("prod", [["a"], ["b"]], 0, 900))
    assert tasks(found)["wave-2"]["depends"] == "wave-1.Succeeded"
    assert [template["name"] for template in found["spec"]["templates"]] == ["main", "reconcile"]


def test_the_pods_account_may_report_to_argo_and_nothing_else(hub: Installation) -> None:
    roles = [one for one in fanout(hub, [FLEET]) if one["kind"] == "Role"]
    assert [role["rules"] for role in roles] == [
        [{"apiGroups": ["argoproj.io"], "resources": ["workflowtaskresults"], "verbs": ["create", "patch"]}]
    ]


def test_a_pod_has_longer_than_its_targets_deadline(hub: Installation) -> None:
    (step,) = [one for one in workflow_template(hub, FLEET)["spec"]["templates"] if one["name"] == "reconcile"]
    assert step["activeDeadlineSeconds"] > FLEET.deadline
    assert "retryStrategy" not in step


@pytest.mark.parametrize(
    ("canaries", "others", "most", "waves"),
    [
        (["a"], ["b", "c", "d"], 2, [["a"], ["b", "c"], ["d"]]),
        ([], ["b", "c"], 1, [["b"], ["c"]]),
        (["a", "b", "c"], ["d"], 2, [["a", "b"], ["c"], ["d"]]),
        (["a"], [], 5, [["a"]]),
        ([], [], 5, []),
    ],
)
def test_canaries_come_first_and_never_more_than_so_many(
    canaries: list[str], others: list[str], most: int, waves: list[list[str]]
) -> None:
    assert in_waves(canaries, others, most) == waves
