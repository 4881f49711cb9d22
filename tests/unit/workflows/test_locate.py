from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mlgitops.plan.asked import Asked
from mlgitops.workflows.apply import apply
from mlgitops.workflows.locate import indexed, value_at
from mlgitops.workflows.plan import connections, plans
from mlgitops.workflows.project import open_project

HEAD = "apiVersion: mlgitops.dev/v1alpha1\nkind: {kind}\nmetadata:\n  name: {name}\nspec:\n"
IRIS = "environments/dev/models/iris.yaml"
ENVIRONMENT = "environments/dev/environment.yaml"
TRAIN = """\
apiVersion: mlgitops.dev/v1alpha1
kind: Pipeline
metadata:
  name: train
spec:
  parameters:
    - name: rate
      value: "1"
  steps:
    - name: one
      image: example.com/one:1
      args: [a]
    - name: two
      image: example.com/two:1
      env:
        - name: LEVEL
          value: info
"""
TARGET = """\
apiVersion: mlgitops.dev/v1alpha1
kind: Target
metadata:
  name: here
spec:
  cloud: onprem
  connection:
    directory:
      path: clusters/here
  components:
    kserve: "0.16.0"
    argoWorkflows: "3.7.1"
  accelerators:
    t4:
      nodeSelector:
        pool: t4
  profile:
    model:
      rollout:
        maxSurge: 2
"""


@pytest.fixture
def root(project: Any) -> Path:
    """A project with every layer, applied."""
    made: Path = project(
        {
            "targets/here.yaml": TARGET,
            "models/iris.yaml": HEAD.format(kind="Model", name="iris") + "  serving:\n    timeout: 10s\n",
            "environments/dev/pipelines/train.yaml": TRAIN,
        }
    )
    text = (made / IRIS).read_text()
    (made / IRIS).write_text(
        text.replace("  name: iris\n", "  name: iris\n  labels:\n    team: a\n").replace(
            "    scaling:\n", "    resources:\n      accelerator:\n        class: t4\n    scaling:\n"
        )
    )
    with (made / ENVIRONMENT).open("a") as file:
        file.write("      image-not-pinned: 'off'\n  labels:\n    stage: dev\n  namespace: models\n")
        file.write("  defaults:\n    model:\n      serving:\n        protocol: v1\n")
    opened = open_project(made, None, no_cache=True)
    for plan in plans(opened, Asked()):
        apply(plan, connections(opened.root, plan), lambda: "2026-01-01T00:00:00Z", lambda change: None)
    return made


def edit(path: Path, old: str, new: str) -> int:
    """Changes the one place where ``old`` stands, and gives its line."""
    text = path.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))
    return text[: text.index(old)].count("\n") + 1


def sources(root: Path) -> dict[str, str]:
    """The source of every field that would change, by its pointer."""
    (plan,) = plans(open_project(root, None, no_cache=True), Asked())
    changes = [change for target in plan.targets for change in target.changes]
    return {field.pointer: field.source for change in changes for field in change.fields}


@pytest.mark.parametrize(
    ("file", "old", "new", "pointer"),
    [
        (IRIS, "max: 3", "max: 4", "spec.predictor.maxReplicas"),
        (IRIS, "uri: s3://models/iris/1.0", "uri: s3://models/iris/1.1", "spec.predictor.model.storageUri"),
        (IRIS, "team: a", "team: b", "metadata.labels.team"),
        ("models/iris.yaml", "timeout: 10s", "timeout: 20s", "spec.predictor.timeout"),
        (ENVIRONMENT, "stage: dev", "stage: test", "metadata.labels.stage"),
        (ENVIRONMENT, "protocol: v1", "protocol: v2", "spec.predictor.model.protocolVersion"),
        (
            "targets/here.yaml", "maxSurge: 2", "maxSurge: 3",
            "spec.predictor.deploymentStrategy.rollingUpdate.maxSurge",
        ),
    ],
    ids=lambda value: value.replace("/", "_") if isinstance(value, str) else "",
)  # fmt: skip
def test_a_change_leads_to_the_line_that_makes_it(root: Path, file: str, old: str, new: str, pointer: str) -> None:
    line = edit(root / file, old, new)
    assert sources(root)[pointer] == f"{file}:{line}"


def test_what_a_target_means_by_a_class_leads_to_the_target(root: Path) -> None:
    edit(root / "targets/here.yaml", "pool: t4", "pool: t5")
    assert sources(root)["spec.predictor.nodeSelector.pool"].startswith("targets/here.yaml:")


@pytest.mark.parametrize(
    ("old", "new"),
    [("args: [a]", "args: [b]"), ("example.com/two:1", "example.com/two:2"), ('value: "1"', 'value: "2"')],
)
def test_a_change_of_a_step_leads_to_the_line_of_that_step(root: Path, old: str, new: str) -> None:
    file = "environments/dev/pipelines/train.yaml"
    line = edit(root / file, old, new)
    assert set(sources(root).values()) == {f"{file}:{line}"}


def test_a_change_of_a_variable_leads_to_its_item(root: Path) -> None:
    file = "environments/dev/pipelines/train.yaml"
    line = edit(root / file, "value: info", "value: debug")
    assert set(sources(root).values()) == {f"{file}:{line - 1}"}


def test_what_the_overlay_changes_leads_to_the_overlay(root: Path) -> None:
    patch = "- op: replace\n  path: /spec/predictor/maxReplicas\n  value: 7\n"
    (root / "environments/dev/replicas.yaml").write_text(patch)
    (root / "environments/dev/kustomization.yaml").write_text(
        "patches:\n  - path: replicas.yaml\n    target: {kind: InferenceService}\n"
    )
    assert sources(root)["spec.predictor.maxReplicas"].startswith("environments/dev/")
    assert not sources(root)["spec.predictor.maxReplicas"].startswith("environments/dev/models/")


ROLLOUT = """\
  rollout:
    strategy: canary
    canary:
      weight: 10
    stable:
      version: "0.9"
      artifact:
        uri: s3://models/iris/0.9
"""


def test_each_of_two_releases_leads_to_the_lines_that_it_is_written_in(root: Path) -> None:
    gateway = "  serving:\n    gateway: {name: a, namespace: b, hostname: '{model}.example.com'}\n"
    target = root / "targets/here.yaml"
    target.write_text(target.read_text().replace("  components:\n", gateway + "  components:\n    gatewayApi: 1.3.0\n"))
    with (root / IRIS).open("a") as file:
        file.write(ROLLOUT)
    opened = open_project(root, None, no_cache=True)
    for plan in plans(opened, Asked()):
        apply(plan, connections(opened.root, plan), lambda: "2026-01-01T00:00:00Z", lambda change: None)
    stable = edit(root / IRIS, "uri: s3://models/iris/0.9", "uri: s3://models/iris/0.8")
    assert sources(root)["spec.predictor.model.storageUri"] == f"{IRIS}:{stable}"
    edit(root / IRIS, "uri: s3://models/iris/0.8", "uri: s3://models/iris/0.9")
    new = edit(root / IRIS, "uri: s3://models/iris/1.0", "uri: s3://models/iris/1.1")
    assert sources(root)["spec.predictor.model.storageUri"] == f"{IRIS}:{new}"
    weight = edit(root / IRIS, "weight: 10", "weight: 20")
    assert f"{IRIS}:{weight}" in sources(root).values()


MANIFEST = {"a": [{"name": "x", "b": 1}, {"name": "y", "b": 2}], "c": {"d": [10, 20]}}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("a", "[y]", "b"), 2), (("a", 0, "b"), 1), (("c", "d", 1), 20), (("c", "d", 9), None),
        (("a", "[z]", "b"), None), (("c", "d", "[x]"), None), (("a", "[x]", "b", "deeper"), None), ((), MANIFEST),
    ],
)  # fmt: skip
def test_a_value_is_found_by_index_or_by_name(path: tuple[Any, ...], value: Any) -> None:
    assert value_at(MANIFEST, path) == value


@pytest.mark.parametrize(
    ("pointer", "found"),
    [
        (("a", "[y]", "b"), ("a", 1, "b")),
        (("a", "[z]", "b"), ("a",)),
        (("none", "[y]", "b"), ("none",)),
        (("c", "e", "f"), ("c", "e", "f")),
        ((), ()),
    ],
)
def test_named_items_of_a_pointer_become_indices(pointer: tuple[Any, ...], found: tuple[Any, ...]) -> None:
    assert indexed(MANIFEST, pointer) == found


DRIFT = """\
    payloadSink:
      url: http://collector.logging
      location: s3://logs/iris
    drift:
      image: registry.example.com/drift:1
      schedule: 5 * * * *
      timezone: UTC
"""


@pytest.mark.parametrize(
    ("old", "new", "pointer"),
    [
        ("schedule: 5 * * * *", "schedule: 6 * * * *", "spec.schedules"),
        ("timezone: UTC", "timezone: Europe/Zurich", "spec.timezone"),
        ("url: http://collector.logging", "url: http://other.logging", "spec.predictor.logger.url"),
        ("image: registry.example.com/drift:1", "image: registry.example.com/drift:2",
         "spec.workflowSpec.templates[compare].container.image"),
    ],
)  # fmt: skip
def test_what_the_drift_job_does_leads_to_where_drift_is_watched_for(
    root: Path, old: str, new: str, pointer: str
) -> None:
    target = root / "targets/here.yaml"
    can = '    argoWorkflows: "3.7.1"\n'
    text = target.read_text().replace(can, f'{can}    prometheusOperator: "0.85.0"\n')
    target.write_text(text.replace("  profile:\n", "  pushgateway: http://pushgateway:9091\n  profile:\n"))
    uri = "uri: s3://models/iris/1.0\n"
    text = (root / IRIS).read_text()
    text = text.replace(uri, f"{uri}    reference: s3://data/iris.csv\n")
    (root / IRIS).write_text(text.replace("  monitoring:\n", f"  monitoring:\n{DRIFT}"))
    opened = open_project(root, None, no_cache=True)
    for plan in plans(opened, Asked()):
        apply(plan, connections(opened.root, plan), lambda: "2026-01-01T00:00:00Z", lambda change: None)
    line = edit(root / IRIS, old, new)
    found = sources(root)
    assert found.get(pointer) == f"{IRIS}:{line}", found
