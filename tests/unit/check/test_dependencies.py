from __future__ import annotations

from collections.abc import Callable, Sequence

from mlgitops.check.dependencies import check
from mlgitops.spec.resolve import Resolution
from mlgitops.spec.resolved import ResolvedModel

Model = Callable[..., ResolvedModel]


def found(*models: ResolvedModel) -> list[tuple[str, str]]:
    resolution = Resolution("dev", None, None, {}, models, (), ())
    return [(finding.code, finding.pointer) for finding in check(resolution)]


def depends(
    model: Model, name: str, on: Sequence[str] = (), cloud: str = "aws", stage: str = "active"
) -> ResolvedModel:
    return model(name=name, target={"cloud": cloud}, dependsOn=tuple(on), lifecycle={"stage": stage})


def test_models_may_depend_on_each_other(resolved_model: Model) -> None:
    assert found(depends(resolved_model, "a", ["b", "c"]), depends(resolved_model, "b", ["c"]),
                 depends(resolved_model, "c")) == []  # fmt: skip


def test_a_name_that_is_not_there_is_found_where_it_stands(resolved_model: Model) -> None:
    assert found(depends(resolved_model, "a", ["b", "x"]), depends(resolved_model, "b")) == [
        ("unknown-model", "spec.dependsOn.1")
    ]


def test_a_model_of_another_target_is_not_there(resolved_model: Model) -> None:
    here, there = depends(resolved_model, "a", ["b"]), depends(resolved_model, "b", cloud="gcp")
    assert [code for code, _ in found(here, there)] == ["unknown-model"]


def test_models_that_wait_for_each_other_are_named(resolved_model: Model) -> None:
    models = depends(resolved_model, "a", ["b"]), depends(resolved_model, "b", ["a"])
    resolution = Resolution("dev", None, None, {}, models, (), ())
    (finding,) = check(resolution)
    assert (finding.code, finding.message) == ("dependency-cycle", "these models wait for each other: a -> b -> a")
    assert [code for code, _ in found(depends(resolved_model, "a", ["a"]))] == ["dependency-cycle"]


def test_a_retired_model_never_gets_ready(resolved_model: Model) -> None:
    models = depends(resolved_model, "a", ["b"]), depends(resolved_model, "b", stage="retired")
    assert [code for code, _ in found(*models)] == ["dependency-retired"]
