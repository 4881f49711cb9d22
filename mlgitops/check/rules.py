"""All rules over an environment, and the levels that policy gives them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import PurePosixPath

from mlgitops.check import (
    batch,
    branches,
    capability,
    dependencies,
    drift,
    edge,
    external_secrets,
    graph_models,
    health,
    inference_graph,
    llm,
    monitoring,
    pipeline,
    progressive,
    promotion,
    quota,
    reconcile,
    relations,
    request_alerts,
    residency,
    responses,
    rollout_steps,
    secrets,
    serving,
    spot,
    step_templates,
    streaming,
    upkeep,
)
from mlgitops.finding import Finding, Severity
from mlgitops.spec.document import Document
from mlgitops.spec.project_files import did_you_mean
from mlgitops.spec.resolve import Resolution, all_resolved
from mlgitops.spec.resolved import Resolved, ResolvedModel, ResolvedPipeline

Rule = Callable[..., Iterator[Finding]]

FOR_MODELS: tuple[Rule, ...] = (
    serving.check,
    batch.check,
    streaming.check,
    llm.check,
    edge.check,
    inference_graph.check,
    progressive.check,
    rollout_steps.check,
    capability.check,
    monitoring.check,
    request_alerts.check,
    drift.check,
    upkeep.check,
    external_secrets.check,
)
FOR_PIPELINES: tuple[Rule, ...] = (pipeline.check, external_secrets.check)
POLICY_CODES: frozenset[str] = frozenset().union(
    *(
        module.POLICY_CODES
        for module in (
            serving,
            batch,
            streaming,
            capability,
            inference_graph,
            monitoring,
            pipeline,
            progressive,
            relations,
            rollout_steps,
            spot,
            residency,
            quota,
        )
    )
)
"""Codes whose level a Project or an Environment may change."""


def check(resolution: Resolution, documents: Iterable[Document]) -> list[Finding]:
    """Every finding about an environment, with the levels of its policy applied."""
    documents = list(documents)
    levels, findings = _levels(resolution, documents)
    found = [*_named(resolution), *relations.check(resolution), *dependencies.check(resolution)]
    found += graph_models.check(resolution)
    found += progressive.check_environment(resolution)
    found += rollout_steps.check_environment(resolution)
    found += external_secrets.check_environment(resolution)
    found += spot.check(resolution)
    found += residency.check(resolution, documents)
    found += responses.check(resolution, documents)
    found += step_templates.check(resolution)
    findings += [levelled for finding in found if (levelled := _at_level(finding, levels)) is not None]
    findings += quota.check(documents)
    findings += health.check(documents)
    findings += promotion.check(documents)
    findings += reconcile.check(documents)
    findings += branches.check(documents)
    findings += [f for document in documents for f in secrets.check(document)]
    return findings


def _named(resolution: Resolution) -> Iterator[Finding]:
    """Every finding about a model or pipeline, once. In a file that several share, it says for whom it was found."""
    whose: dict[Finding, list[str]] = {}
    for resolved in all_resolved(resolution):
        for finding in _of(resolved):
            own = PurePosixPath(finding.location.path).parts[0] == "environments" and finding.location.path.endswith(
                f"/{resolved.name}.yaml"
            )
            whose.setdefault(finding, []).extend([] if own else [f"{resolved.name} at {resolved.place.target}"])
    for finding, names in whose.items():
        yield dataclasses.replace(finding, message=finding.message + _for(names)) if names else finding


def _for(names: list[str]) -> str:
    return f" (for {names[0]})" if len(names) == 1 else f" (for {names[0]} and {len(names) - 1} more)"


def _of(resolved: Resolved) -> Iterator[Finding]:
    rules = FOR_MODELS if isinstance(resolved, ResolvedModel) else FOR_PIPELINES
    assert isinstance(resolved, ResolvedModel | ResolvedPipeline)
    for rule in rules:
        yield from rule(resolved)
    if isinstance(resolved, ResolvedModel):
        yield from progressive.of_stable(resolved, rules)


def capacity_levels(resolution: Resolution) -> dict[str, str]:
    """The levels that policy gives to findings about quotas and budgets, which are made from the rendering."""
    levels, _ = _levels(resolution, ())
    return {code: level for code, level in levels.items() if code in quota.POLICY_CODES}


def _levels(resolution: Resolution, documents: Iterable[Document]) -> tuple[Mapping[str, str], list[Finding]]:
    """The level of each rule, the environment's over the project's, and findings for codes that are no policy."""
    project = resolution.project.spec.policy.rules if resolution.project else {}
    own = resolution.spec.spec.policy.rules if resolution.spec else {}
    findings = []
    for document in documents:
        if document.data.get("kind") in ("Project", "Environment"):
            findings += list(_unknown_codes(document))
    return {**project, **own}, findings


def _unknown_codes(document: Document) -> Iterator[Finding]:
    rules: object = document.data
    for part in ("spec", "policy", "rules"):
        rules = rules.get(part) if isinstance(rules, dict) else None
    for code in rules if isinstance(rules, dict) else ():
        if code not in POLICY_CODES:
            yield document.finding(
                "unknown-rule", ("spec", "policy", "rules", code), f"there is no rule '{code}' whose level can change",
                help=f"one of: {', '.join(sorted(POLICY_CODES))}", key=True,
                suggestion=did_you_mean(code, POLICY_CODES),
            )  # fmt: skip


def _at_level(finding: Finding, levels: Mapping[str, str]) -> Finding | None:
    level = levels.get(finding.code) if finding.code in POLICY_CODES else None
    if level == "off":
        return None
    return dataclasses.replace(finding, severity=Severity(level)) if level else finding
