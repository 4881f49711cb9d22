"""What runs side by side within a workflow, and what does not."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from mlgitops.capacity.workflows import peak, units


def leaf(name: str, cpu: int) -> dict[str, Any]:
    return {"name": name, "container": {"resources": {"requests": {"cpu": str(cpu)}}}}


LEAVES = [leaf(name, cpu) for name, cpu in (("one", 1), ("two", 2), ("four", 4))]


def graph(*tasks: tuple[str, str]) -> dict[str, Any]:
    found = [{"name": name, "template": name, "depends": depends} for name, depends in tasks]
    return {"entrypoint": "main", "templates": [{"name": "main", "dag": {"tasks": found}}, *LEAVES]}


@pytest.mark.parametrize(
    ("tasks", "cpu"),
    [
        ([("one", ""), ("two", "one"), ("four", "two")], 4),
        ([("one", ""), ("two", ""), ("four", "")], 7),
        ([("one", ""), ("two", "one.Succeeded || one.Failed"), ("four", "one && !one.Skipped")], 6),
        ([("one", "lost"), ("four", "")], 5),
    ],
)
def test_tasks_that_wait_for_each_other_do_not_add_up(tasks: list[tuple[str, str]], cpu: int) -> None:
    assert peak(graph(*tasks), {}) == {"cpu": cpu}


def test_groups_of_steps_follow_each_other_and_the_end_comes_last() -> None:
    steps = {"name": "main", "steps": [[{"template": "one"}, {"template": "two"}], [{"template": "two"}]]}
    spec = {"entrypoint": "main", "templates": [steps, *LEAVES]}
    assert peak(spec, {}) == {"cpu": 3}
    assert peak({**spec, "onExit": "four"}, {}) == {"cpu": 4}
    assert peak({"workflowSpec": spec}, {}) == {"cpu": 3}
    assert [one["cpu"] for one in units(spec, {})] == [1, 2, 4]


def test_a_list_of_items_runs_at_once() -> None:
    tasks = [{"name": "a", "template": "two", "withItems": [1, 2, 3]}]
    templates = [{"name": "main", "dag": {"tasks": tasks}}, *LEAVES]
    assert peak({"entrypoint": "main", "templates": templates}, {}) == {"cpu": 6}


@pytest.mark.parametrize(("action", "cpu"), [("create", 6), ("get", 0), ("delete", 0)])
def test_what_a_template_makes_counts_and_what_it_looks_at_does_not(action: str, cpu: int) -> None:
    job = {"kind": "TrainJob", "spec": {"trainer": {"numNodes": 3, "resourcesPerNode": {"limits": {"cpu": 2}}}}}
    template = {"name": "main", "resource": {"action": action, "manifest": orjson.dumps(job).decode()}}
    assert peak({"entrypoint": "main", "templates": [template]}, {}).get("cpu", 0) == cpu


@pytest.mark.parametrize(
    "spec",
    [
        {}, {"entrypoint": "lost"}, {"entrypoint": "main", "templates": [1, {"name": "main", "steps": [[1]]}]},
        {"entrypoint": "main", "templates": [{"name": "main", "dag": {"tasks": [{"name": "a", "template": "main"}]}}]},
        {"entrypoint": "main", "templates": [{"name": "main", "resource": {"action": "create", "manifest": "a: ["}}]},
    ],
)  # fmt: skip
def test_what_is_no_workflow_asks_for_nothing(spec: dict[str, Any]) -> None:
    assert peak(spec, {}) == {}
