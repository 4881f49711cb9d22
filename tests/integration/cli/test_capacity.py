"""Quota, prices and budget at the command line: what is asked for, what it costs, and what is too much."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

IRIS = "environments/dev/models/iris.yaml"
PRICES = """\
  prices:
    currency: EUR
    perHour:
      onprem:
        source: internal rate card 7
        asOf: 2026-11-01
        resources: {cpu: 0.10, memory: 0.01}
"""


def add(path: Path, text: str) -> None:
    path.write_text(path.read_text() + text)


def scale(root: Path, least: int, most: int) -> None:
    """The bounds of the one model, which asks for one core and 2Gi."""
    path = root / IRIS
    head = path.read_text().split("  serving:")[0]
    path.write_text(f"{head}  serving:\n    format: sklearn\n    scaling: {{min: {least}, max: {most}}}\n")


@pytest.fixture
def root(project: Any) -> Path:
    made: Path = project()
    scale(made, 1, 3)
    return made


def test_a_plan_tells_what_is_asked_for_before_and_after_against_the_quota_and_what_it_costs(
    run: Any, root: Path
) -> None:
    add(root / "targets/here.yaml", "  quota: {cpu: 8, memory: 64Gi}\n")
    add(root / "mlgitops.yaml", PRICES)
    assert run(root, "apply", "--env", "dev", "--yes").code == 0
    scale(root, 2, 4)
    ran = run(root, "plan", "--env", "dev")
    assert ran.code == 0
    assert "    cpu: 1 → 2, at most 3 → 4, of 8\n" in ran.out
    assert "    memory: 2Gi → 4Gi, at most 6Gi → 8Gi, of 64Gi\n" in ran.out
    cost = "cost: 87.60 → 175.20 EUR a month, at most 262.80 → 350.40; prices of 2026-11-01, internal rate card 7"
    assert f"    {cost}\n" in ran.out
    (target,) = json.loads(run(root, "plan", "--env", "dev", "-o", "json").out)["targets"]
    account = target["account"]
    assert account["quota"] == {"cpu": "8", "memory": "68719476736"}
    assert account["resources"][0] == {
        "resource": "cpu",
        "before": {"least": "1", "most": "3", "jobs": "0"},
        "after": {"least": "2", "most": "4", "jobs": "0"},
    }
    assert account["cost"]["after"]["monthlyLeast"] == "175.200000000"
    told = run(root, "plan", "--env", "dev", "-o", "markdown").out
    assert "<summary><code>here</code> asks for</summary>" in told
    assert "  cpu: 1 → 2, at most 3 → 4, of 8\n" in told
    assert "Cost: <code>87.60 → 175.20 EUR a month, at most 262.80 → 350.40</code>" in told


def test_a_saved_plan_with_an_account_is_applied_and_one_whose_cost_was_changed_is_not(run: Any, root: Path) -> None:
    add(root / "mlgitops.yaml", PRICES)
    assert run(root, "plan", "--env", "dev", "-o", "json=plan.json").code == 0
    text = (root / "plan.json").read_text()
    (root / "plan.json").write_text(text.replace('"monthlyLeast": "87.6', '"monthlyLeast": "7.6'))
    ran = run(root, "apply", "plan.json")
    assert (ran.code, "the cost in its account is not that of its resources" in ran.err) == (1, True)
    (root / "plan.json").write_text(text)
    assert run(root, "apply", "plan.json").code == 0


def test_more_than_the_quota_is_an_error_where_it_is_certain_and_a_warning_where_it_is_possible(
    run: Any, root: Path
) -> None:
    add(root / "targets/here.yaml", "  quota: {cpu: 2}\n")
    ran = run(root, "validate")
    assert ran.code == 0
    assert "quota-may-be-exceeded" in ran.err + ran.out
    scale(root, 3, 3)
    for verb in (("validate",), ("plan", "--env", "dev"), ("apply", "--env", "dev", "--yes")):
        ran = run(root, *verb)
        assert (ran.code, "over-quota" in ran.out + ran.err) == (1, True)
    line = len((root / "targets/here.yaml").read_text().splitlines())
    assert f"targets/here.yaml:{line}:" in ran.err
    assert "dev asks target here for 3 of cpu with the fewest replicas, and its quota is 2" in ran.err


def test_a_model_that_changed_alone_is_held_against_the_quota_with_all_others(run: Any, root: Path) -> None:
    add(root / "targets/here.yaml", "  quota: {cpu: 3}\n")
    scale(root, 2, 2)
    rose = root / "environments/dev/models/rose.yaml"
    rose.write_text((root / IRIS).read_text().replace("iris", "rose").replace("min: 2, max: 2", "min: 1, max: 1"))
    assert run(root, "plan", "--env", "dev").code == 0
    rose.write_text(rose.read_text().replace("min: 1, max: 1", "min: 2, max: 2"))
    for verb in (("plan", "--env", "dev"), ("validate",)):
        ran = run(root, *verb)
        assert (ran.code, "for 4 of cpu with the fewest replicas" in ran.out + ran.err) == (1, True)


def test_a_job_that_the_overlays_cluster_queue_can_never_admit_is_an_error(run: Any, root: Path) -> None:
    files = {
        "kustomization.yaml": "resources: [queue.yaml, job.yaml]\n",
        "queue.yaml": "apiVersion: kueue.x-k8s.io/v1beta2\nkind: ClusterQueue\nmetadata: {name: all}\nspec:\n"
        "  resourceGroups:\n    - coveredResources: [cpu]\n      flavors:\n"
        "        - {name: any, resources: [{name: cpu, nominalQuota: 4}]}\n",
        "job.yaml": "apiVersion: batch/v1\nkind: Job\nmetadata: {name: fit}\nspec:\n  parallelism: 5\n  template:\n"
        "    spec: {containers: [{name: a, image: b, resources: {requests: {cpu: 1}}}], restartPolicy: Never}\n",
    }
    for name, text in files.items():
        (root / "environments/dev" / name).write_text(text)
    ran = run(root, "plan", "--env", "dev")
    told = "dev asks target here for 5 of cpu by a single job in Kueue's queue (Job/fit), and its quota is 4"
    assert (ran.code, told in ran.err) == (1, True)
    job = root / "environments/dev/job.yaml"
    job.write_text(job.read_text().replace("parallelism: 5", "parallelism: 4"))
    assert run(root, "plan", "--env", "dev").code == 0


def test_policy_decides_about_what_is_only_possible(run: Any, root: Path) -> None:
    add(root / "targets/here.yaml", "  quota: {cpu: 2}\n")
    project = root / "mlgitops.yaml"
    text = project.read_text()
    project.write_text(text + "  policy: {rules: {quota-may-be-exceeded: error}}\n")
    assert run(root, "validate").code == 1
    project.write_text(text + '  policy: {rules: {quota-may-be-exceeded: "off"}}\n')
    ran = run(root, "validate")
    assert (ran.code, "quota" in ran.out + ran.err) == (0, False)


def test_over_the_budget_dearer_is_blocked_and_cheaper_is_not(run: Any, root: Path) -> None:
    add(root / "mlgitops.yaml", PRICES)
    environment = root / "environments/dev/environment.yaml"
    text = environment.read_text()
    assert run(root, "apply", "--env", "dev", "--yes").code == 0
    environment.write_text(text + "  budget: {monthly: 100, level: block}\n")
    scale(root, 3, 3)
    ran = run(root, "validate")
    assert (ran.code, "over-budget" in ran.out + ran.err) == (0, True)
    ran = run(root, "plan", "--env", "dev")
    told = "262.80 of 100.00 EUR a month with the fewest replicas, +175.20 by this plan: over the budget, which blocks"
    assert f"Budget: {told}." in ran.out
    ran = run(root, "apply", "--env", "dev", "--yes")
    assert (ran.code, "and its budget is 100.00" in ran.err, "--allow-over-budget" in ran.err) == (1, True, True)
    assert run(root, "apply", "--env", "dev", "--yes", "--allow-over-budget").code == 0
    scale(root, 2, 3)
    assert run(root, "apply", "--env", "dev", "--yes").code == 0


def test_a_budget_that_only_warns_or_has_no_prices_stops_nothing_and_says_so(run: Any, root: Path) -> None:
    add(root / "environments/dev/environment.yaml", "  budget: {monthly: 1}\n")
    ran = run(root, "validate")
    assert (ran.code, "no price for cpu at here, memory at here" in ran.out + ran.err) == (0, True)
    add(root / "mlgitops.yaml", PRICES)
    assert run(root, "apply", "--env", "dev", "--yes").code == 0


@pytest.mark.parametrize("missing", ["source", "asOf"])
def test_prices_say_where_they_are_from_and_since_when(run: Any, root: Path, missing: str) -> None:
    kept = [line for line in PRICES.splitlines(keepends=True) if f" {missing}:" not in line]
    add(root / "mlgitops.yaml", "".join(kept))
    ran = run(root, "validate")
    assert (ran.code, "missing-field" in ran.out + ran.err) == (1, True)
