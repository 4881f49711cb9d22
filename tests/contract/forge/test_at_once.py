"""What every forge does where many runs work on the same repository at the same time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from mlgitops.forges import NewPullRequest
from tests.fakes.scene import Scene

RUNS = 8
LABELS = ("env-prod", "mlgitops-promote")


def test_a_pull_request_may_be_updated_by_many_at_once(scene: Scene) -> None:
    scene.push("promote/prod/iris")
    number = scene.forge().open(NewPullRequest("Promote", "What changes.", "promote/prod/iris", "main", LABELS)).number

    def update(run: int) -> str:
        return scene.forge().update(number, f"Promote {run}", f"Text {run}.", LABELS, ()).title

    with ThreadPoolExecutor(RUNS) as pool:
        titles = set(pool.map(update, range(RUNS)))
    found = scene.forge().pull_request(number)
    assert found.title in titles
    assert found.labels == LABELS
