from __future__ import annotations

from typing import Any

import pytest

from mlgitops.check import artifacts, graph

IMAGE = "example.com/step:1"
CLOUDS: dict[str, Any] = {
    "aws": {"cloud": "aws"},
    "gcp": {"cloud": "gcp", "storage": {"artifacts": "gs://data"}},
    "azure": {"cloud": "azure", "storage": {"artifacts": "az://account/data"}},
    "onprem": {"cloud": "onprem", "storage": {"artifacts": "https://minio.example.com/data"}},
}


def _step(name: str, inputs: Any = (), outputs: Any = (), **fields: Any) -> dict[str, Any]:
    return {"name": name, "image": IMAGE, "artifacts": {"inputs": list(inputs), "outputs": list(outputs)}, **fields}


def _output(kind: str, name: str = "data") -> dict[str, Any]:
    return {"name": name, "type": kind, "path": f"/tmp/{name}"}


def _input(kind: str, path: str = "/tmp/in", name: str = "given", **source: str) -> dict[str, Any]:
    return {"name": name, "type": kind, "path": path, **(source or {"from": "steps.make.data"})}


@pytest.fixture
def places(resolved_pipeline: Any) -> Any:
    """The codes and pointers of the findings about the artifacts of some steps."""

    def found(*steps: dict[str, Any], **spec: Any) -> list[tuple[str, str]]:
        return [(f.code, f.pointer) for f in artifacts.check(resolved_pipeline(steps=list(steps), **spec))]

    return found


INPUT = "spec.steps.1.artifacts.inputs.0"


@pytest.mark.parametrize("kinds", [("dataset", "dataset"), ("any", "model"), ("model", "any")])
def test_an_input_takes_an_output_of_its_type(places: Any, kinds: tuple[str, str]) -> None:
    assert places(_step("make", outputs=[_output(kinds[0])]), _step("use", [_input(kinds[1])])) == []


def test_an_output_of_another_type_is_found_where_it_is_read(resolved_pipeline: Any) -> None:
    steps = [_step("make", outputs=[_output("dataset")]), _step("use", [_input("model")])]
    (finding,) = artifacts.check(resolved_pipeline(steps=steps))
    assert (finding.code, finding.pointer) == ("artifact-type", f"{INPUT}.from")
    assert finding.message == "'given' is a model, but steps.make.data is a dataset"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ({"from": "steps.made.data"}, ("unknown-step", f"{INPUT}.from")),
        ({"from": "steps.make.rows"}, ("unknown-artifact", f"{INPUT}.from")),
        ({"from": "steps.train.model"}, ("unknown-step", f"{INPUT}.from")),
        ({"from": "steps.make.data", "uri": "s3://a/b"}, ("artifact-source", INPUT)),
        ({"uri": "store://nowhere/a"}, ("unknown-storage", f"{INPUT}.uri")),
        ({"uri": "hf://a/b"}, ("artifact-unreadable", f"{INPUT}.uri")),
        ({"uri": "s3://bucket"}, ("artifact-unreadable", f"{INPUT}.uri")),
        ({"uri": "gs://a/b"}, ("artifact-unreadable", f"{INPUT}.uri")),
        ({"uri": "s3://a/../b"}, ("invalid-storage-uri", f"{INPUT}.uri")),
    ],
)
def test_an_input_that_nothing_gives_is_found(places: Any, source: dict[str, str], expected: tuple[str, str]) -> None:
    make, use = _step("make", outputs=[_output("dataset")]), _step("use", [_input("dataset", **source)])
    assert places(make, use, training={"image": IMAGE}) == [expected]


def test_an_input_has_a_source(places: Any) -> None:
    assert places(_step("use", [{"name": "a", "path": "/tmp/a"}])) == [
        ("artifact-source", "spec.steps.0.artifacts.inputs.0")
    ]


@pytest.mark.parametrize("cloud", CLOUDS)
def test_the_target_s_own_storage_can_be_read_in_every_cloud(places: Any, cloud: str) -> None:
    assert places(_step("use", [_input("dataset", uri="store://artifacts/a/b")]), target=CLOUDS[cloud]) == []


def test_two_inputs_are_at_two_paths(places: Any) -> None:
    inputs = [_input("any"), _input("any", name="more")]
    assert places(_step("make", outputs=[_output("any")]), _step("use", inputs)) == [
        ("artifact-path-taken", "spec.steps.1.artifacts.inputs.1.path")
    ]


@pytest.mark.parametrize("way", ["inputs", "outputs"])
def test_a_name_is_there_once_each_way(resolved_pipeline: Any, way: str) -> None:
    both = [{"name": "a", "path": "/tmp/a"}, {"name": "a", "path": "/tmp/b"}]
    (finding,) = graph.check(resolved_pipeline(steps=[_step("one", **{way: both})]))
    assert (finding.code, finding.pointer) == ("duplicate-artifact", f"spec.steps.0.artifacts.{way}.1.name")


def test_reading_an_output_is_a_dependency_that_can_close_a_cycle(resolved_pipeline: Any) -> None:
    steps = [_step("make", outputs=[_output("any")], dependsOn=["use"]), _step("use", [_input("any")])]
    (finding,) = graph.check(resolved_pipeline(steps=steps))
    assert (finding.code, finding.message.rpartition(": ")[2]) == ("dependency-cycle", "make -> use -> make")
