"""This repository's own environments: free of errors, rendered as was reviewed, with nothing to do once applied."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mlgitops.finding import Severity
from mlgitops.manifest import identity
from mlgitops.plan.asked import Asked
from mlgitops.render.field_sources import spec_pointer
from mlgitops.render.render import render
from mlgitops.render.rendering import Rendering
from mlgitops.spec.document import Document
from mlgitops.spec.model import ModelSpec
from mlgitops.spec.pipeline import PipelineSpec
from mlgitops.spec.resolve import all_resolved
from mlgitops.spec.target import TargetSpec
from mlgitops.spec.validation import field_at
from mlgitops.targets import owner_of
from mlgitops.targets.manifest_yaml import dump
from mlgitops.workflows.apply import apply
from mlgitops.workflows.drift import drift
from mlgitops.workflows.locate import Locator
from mlgitops.workflows.plan import connections, plans
from mlgitops.workflows.project import Opened, open_project
from mlgitops.workflows.render import checked, render_environment
from mlgitops.workflows.validate import validate

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("mlgitops.yaml", "targets", "models", "environments", "steps")
TARGETS = [
    f"{environment}/{cloud}-{environment}"
    for environment in ("dev", "prod")
    for cloud in ("aws", "gcp", "azure", "edge-factory")
]
CLASSES = {"dev": 18, "prod": 13}
"""How many models and pipelines each environment has."""


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory, kustomize_binary: str) -> Iterator[Opened]:
    """A copy outside of Git, so that no manifest carries a commit."""
    root = tmp_path_factory.mktemp("examples")
    for part in PARTS:
        source = ROOT / part
        copy: Callable[..., Any] = shutil.copytree if source.is_dir() else shutil.copy
        copy(source, root / part)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLGITOPS_KUSTOMIZE", kustomize_binary)
        yield open_project(root, None, no_cache=True)


@pytest.fixture(scope="module")
def renderings(opened: Opened) -> dict[str, Rendering]:
    """Both environments, by name."""
    return {name: render_environment(opened.source, name) for name in ("dev", "prod")}


def test_no_spec_has_an_error(opened: Opened) -> None:
    assert [finding for finding in validate(opened, ()) if finding.severity is Severity.ERROR] == []


def test_both_environments_are_whole(renderings: dict[str, Rendering]) -> None:
    for environment, number in CLASSES.items():
        targets = renderings[environment].targets
        owners = {owner_of(manifest) for target in targets for manifest in target.manifests}
        assert len([owner for owner in owners if owner.startswith(("Model/", "Pipeline/"))]) == number
    assert [f"{name}/{target.target}" for name, made in renderings.items() for target in made.targets] == TARGETS


@pytest.mark.parametrize("place", TARGETS)
def test_a_target_is_rendered_as_it_was_reviewed(
    renderings: dict[str, Rendering], golden: Callable[[str, str], None], place: str
) -> None:
    environment, name = place.split("/")
    (target,) = (target for target in renderings[environment].targets if target.target == name)
    golden(f"examples/{place}.yaml", "".join(f"---\n{dump(manifest)}" for manifest in target.manifests))


def test_nothing_is_left_to_do_and_nothing_has_drifted_once_it_is_applied(opened: Opened) -> None:
    for plan in plans(opened, Asked()):
        assert not plan.is_empty
        outcome = apply(plan, connections(opened.root, plan), lambda: "2026-01-01T00:00:00Z", lambda change: None)
        assert outcome.succeeded
    assert [plan.environment for plan in plans(opened, Asked()) if not plan.is_empty] == []
    assert [one.environment for one in drift(opened, Asked()) if one.found] == []


def leaves(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The path of every leaf, with ``[NAME]`` for items of lists that have names, as plans write it."""
    if isinstance(value, dict) and value:
        for key, child in value.items():
            yield from leaves(child, (*path, key))
    elif isinstance(value, list) and value:
        for index, child in enumerate(value):
            named = isinstance(child, dict) and isinstance(child.get("name"), str)
            yield from leaves(child, (*path, f"[{child['name']}]" if named else index))
    else:
        yield path


def leads_to_a_field(owner: str, kind: str, path: tuple[str | int, ...]) -> bool:
    in_target, pointer = spec_pointer(owner, kind, path)
    spec = TargetSpec if in_target else ModelSpec if owner.startswith("Model/") else PipelineSpec
    plain = [part for part in pointer if not str(part).startswith("[")]
    indexed = tuple(0 if str(part).startswith("[") else part for part in pointer)
    field = indexed[:-1] if indexed and indexed[-1] == 0 else indexed
    return bool(plain) and field_at(spec, field) is not None


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_every_field_that_is_rendered_leads_to_a_field_of_a_spec(opened: Opened, environment: str) -> None:
    resolution, _ = checked(opened.source, environment, None)
    lost = {
        f"{manifest['kind']} {'.'.join(map(str, path))}"
        for resolved in all_resolved(resolution)
        for manifest in render(resolved)
        for path in leaves(manifest)
        if path[0] not in ("apiVersion", "kind", "metadata")
        and not leads_to_a_field(owner_of(manifest), manifest["kind"], path)
    }
    assert lost == set()


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_the_plan_can_name_a_line_for_every_field(
    opened: Opened, renderings: dict[str, Rendering], environment: str
) -> None:
    locator = Locator(opened.source, environment, None)
    files = opened.source.files()
    for target in renderings[environment].targets:
        for manifest in target.manifests:
            for path in leaves(manifest):
                location = locator.locate(manifest, path)
                lines = files[location.path].decode().split("\n")
                assert 0 <= location.line <= len(lines), f"{identity(manifest)} {path}"
                assert location.line or path[0] in ("metadata", "apiVersion", "kind") or not owner_of(manifest), (
                    f"{identity(manifest)} {path} leads to no line of {location.path}"
                )


@pytest.mark.parametrize(
    ("place", "one", "path", "text"),
    [
        ("prod/aws-prod", "InferenceService/iris-xgboost", "spec.predictor.maxReplicas", "max: 10"),
        ("prod/gcp-prod", "InferenceService/iris-xgboost", "spec.predictor.scaleMetric", "metric: concurrency"),
        ("prod/aws-prod", "InferenceService/iris-sklearn", "spec.predictor.minReplicas", "min: 2"),
        ("prod/aws-prod", "InferenceService/iris-sklearn", "metadata.labels.example+com/stage", "stage: prod"),
        ("prod/aws-prod", "InferenceService/iris-sklearn", "metadata.namespace", "namespace: models-prod"),
        ("prod/gcp-prod", "WorkflowTemplate/mnist-batch", "spec.activeDeadlineSeconds", "deadline: 30m"),
        ("dev/aws-dev", "InferenceService/iris-sklearn", "spec.predictor.timeout", "timeout: 30s"),
        ("dev/aws-dev", "WorkflowTemplate/mnist-training", "spec.templates.[step-check-data].activeDeadlineSeconds",
         "timeout: 5m"),
        ("dev/aws-dev", "WorkflowTemplate/mnist-training", "spec.arguments.parameters.[epochs].value", "value: 1"),
    ],
)  # fmt: skip
def test_a_field_leads_to_the_line_that_says_it(
    opened: Opened, renderings: dict[str, Rendering], place: str, one: str, path: str, text: str
) -> None:
    environment, target_name = place.split("/")
    (target,) = (target for target in renderings[environment].targets if target.target == target_name)
    manifest = next(m for m in target.manifests if f"{m['kind']}/{m['metadata']['name']}" == one)
    parts = tuple(part.replace("+", ".") for part in path.split("."))
    location = Locator(opened.source, environment, None).locate(manifest, parts)
    content = opened.source.files()[location.path].decode()
    assert text in Document(location.path, {}, content, "").excerpt(location.line)
