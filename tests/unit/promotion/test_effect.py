"""What a merge changes in what is rendered, and what that asks for."""

from __future__ import annotations

from decimal import Decimal

from mlgitops.capacity.footprint import Amounts, Delta
from mlgitops.manifest import Manifest
from mlgitops.plan.change import Action, Impact
from mlgitops.promotion.effect import effect
from mlgitops.promotion.judgement import Measured, MetricRow, compare
from mlgitops.render.rendering import Rendering, TargetRendering


def service(name: str, cpu: str = "1", replicas: int = 2, uri: str = "s3://m/1", **limits: str) -> Manifest:
    resources = {"requests": {"cpu": cpu, "memory": "1Gi"}, "limits": {"cpu": "9", **limits}}
    model = {"storageUri": uri, "resources": resources}
    labels = {
        "mlgitops.dev/project": "shop", "mlgitops.dev/environment": "prod", "mlgitops.dev/target": "aws",
        "mlgitops.dev/model": name,
    }  # fmt: skip
    predictor = {"minReplicas": replicas, "maxReplicas": 4, "model": model}
    return {
        "apiVersion": "serving.kserve.io/v1beta1", "kind": "InferenceService",
        "metadata": {"name": name, "namespace": "ml", "labels": labels}, "spec": {"predictor": predictor},
    }  # fmt: skip


def rendering(*manifests: Manifest, commit: str = "") -> Rendering:
    return Rendering("shop", "prod", (TargetRendering("aws", {}, manifests),), commit=commit)


def test_the_effect_is_what_differs_between_both() -> None:
    found = effect(rendering(service("a"), service("b")), rendering(service("a", uri="s3://m/2"), service("c")))
    changes = {change.identity.name: change.action for change in found.plan.targets[0].pending}
    assert changes == {"a": Action.UPDATE, "b": Action.DELETE, "c": Action.CREATE}
    assert found.impact is Impact.REMOVES
    assert [(one.identity.name, one.before is None, one.after is None) for one in found.objects] == [
        ("a", False, False), ("b", False, True), ("c", True, False),
    ]  # fmt: skip


def test_nothing_changes_where_both_are_the_same() -> None:
    found = effect(rendering(service("a"), commit="x"), rendering(service("a"), commit="y"))
    assert (found.plan.is_empty, found.impact, found.objects, found.resources) == (True, Impact.NONE, (), ())


def test_the_plans_digest_knows_no_commit_and_no_lines_but_every_value() -> None:
    before, after = rendering(service("a"), commit="x"), rendering(service("a", uri="s3://m/2"), commit="y")
    first = effect(before, after, lambda manifest, path: "file:1")
    assert first.plan_digest == effect(rendering(service("a")), after).plan_digest
    assert first.plan_digest != effect(before, rendering(service("a", uri="s3://m/3"))).plan_digest


def test_a_target_that_is_gone_is_emptied() -> None:
    found = effect(rendering(service("a")), Rendering("shop", "prod", ()))
    assert [change.action for change in found.plan.targets[0].pending] == [Action.DELETE]


def test_resources_are_counted_times_replicas() -> None:
    found = effect(rendering(service("a")), rendering(service("a", cpu="1500m", replicas=3, **{"nvidia.com/gpu": "1"})))
    ((target, changes),) = found.resources
    assert target == "aws"
    gib = Decimal(1024**3)
    assert changes == (
        Delta("cpu", Amounts(Decimal(2), Decimal(4)), Amounts(Decimal("4.5"), Decimal(6))),
        Delta("memory", Amounts(2 * gib, 4 * gib), Amounts(3 * gib, 4 * gib)),
        Delta("nvidia.com/gpu", Amounts(), Amounts(Decimal(3), Decimal(4))),
    )


def test_metrics_are_comparable_on_the_same_data_alone() -> None:
    mine, other = Measured({"accuracy": 0.9, "loss": 2.0}, "d", frozenset({"loss"})), Measured({"loss": 3.0}, "d")
    compared = compare(mine, other)
    assert compared.rows == (MetricRow("accuracy", 0.9, None), MetricRow("loss", 2.0, 3.0, lower=True))
    assert (compared.not_comparable, compared.rows[1].difference, compared.rows[1].better) == ("", -1.0, True)
    assert "different data" in compare(mine, Measured({"loss": 3.0}, "e")).not_comparable
    assert "does not say" in compare(mine, Measured({"loss": 3.0}, "")).not_comparable
    assert "of the running release" in compare(mine, None).not_comparable
    assert "of the proposed release" in compare(None, mine).not_comparable
    assert compare(None, None).rows == ()
