from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from mlgitops.manifest import Manifest, identity
from mlgitops.plan.health.runs import End
from mlgitops.plan.ledger import end_in, is_done, observed, started
from mlgitops.targets import Inventory, InventoryEntry, Live, content_digest, owner_of

Make = Callable[..., Manifest]
TRAIN = "trainer.kubeflow.org/v1alpha1"


@pytest.fixture
def run(make: Make) -> Manifest:
    return make("train", "TrainJob", TRAIN, owner="Pipeline/train", spec={"trainer": {"numNodes": 1}})


def entry(manifest: Manifest) -> InventoryEntry:
    return InventoryEntry(identity(manifest), "what the target makes of it", owner_of(manifest))


def reported(manifest: Manifest, *conditions: str) -> Live:
    status: dict[str, Any] = {"conditions": [{"type": name, "status": "True"} for name in conditions]}
    return Live("live digest", lambda: {**manifest, "status": status}, applied=content_digest(manifest))


def test_a_run_that_was_started_and_is_gone_is_done(run: Manifest) -> None:
    assert is_done(started(entry(run), run), run)


def test_a_new_commit_alone_starts_no_run(run: Manifest) -> None:
    newer = {**run, "metadata": {**run["metadata"], "annotations": {"mlgitops.dev/source-commit": "c2"}}}
    assert is_done(started(entry(run), run), newer)


def test_a_new_label_starts_no_run(run: Manifest) -> None:
    labelled = {**run, "metadata": {**run["metadata"], "labels": {**run["metadata"]["labels"], "team": "vision"}}}
    assert is_done(started(entry(run), run), labelled)


def test_what_an_older_version_has_marked_is_done(run: Manifest) -> None:
    assert is_done(replace(entry(run), run=f"succeeded {content_digest(run)}"), run)


def test_a_change_in_git_is_another_run(run: Manifest) -> None:
    changed = {**run, "spec": {"trainer": {"numNodes": 2}}}
    assert not is_done(started(entry(run), run), changed)


def test_what_was_only_about_to_be_created_is_not_done(run: Manifest) -> None:
    assert not is_done(entry(run), run)
    assert not is_done(None, run)


def test_what_does_not_run_once_is_never_done(make: Make) -> None:
    service = make("iris")
    assert started(entry(service), service) == entry(service)
    assert not is_done(replace(entry(service), run=f"started {content_digest(service)}"), service)


@pytest.mark.parametrize(
    ("conditions", "end"), [(["Complete"], End.SUCCEEDED), (["Failed"], End.FAILED), (["Suspended"], None)]
)
def test_the_end_that_was_seen_is_remembered(run: Manifest, conditions: list[str], end: End | None) -> None:
    one = identity(run)
    before = Inventory("shop/dev/aws", {one: started(entry(run), run)})
    after = observed(before, {one: reported(run, *conditions)})
    assert end_in(after.entries[one]) is end
    assert is_done(after.entries[one], run)
    assert (after is before) == (end is None)
    assert observed(after, {}) is after


def test_a_live_run_that_nobody_marked_gets_its_mark(run: Manifest) -> None:
    one = identity(run)
    rebuilt = Inventory("shop/dev/aws", {one: entry(run)})
    after = observed(rebuilt, {one: reported(run)})
    assert is_done(after.entries[one], run)
    assert after.version != rebuilt.version


def test_only_runs_are_read(make: Make) -> None:
    def unread() -> Manifest:
        pytest.fail("the object was read")

    one = identity(make("iris"))
    inventory = Inventory("shop/dev/aws", {one: entry(make("iris"))})
    assert observed(inventory, {one: Live("digest", unread)}) is inventory
