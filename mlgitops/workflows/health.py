"""What an environment's file declares, such as its rules of health."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlgitops.errors import FindingsError
from mlgitops.plan.health import DeclaredRule
from mlgitops.spec.cel import compiled
from mlgitops.workflows.project import Opened

if TYPE_CHECKING:
    from mlgitops.spec.environment import EnvironmentSpec


def declared_rules(opened: Opened, environment: str) -> tuple[DeclaredRule, ...]:
    """The environment's ``spec.health``. Raises ``FindingsError`` where its file is wrong."""
    return rules_of(environment_spec(opened, environment))


def environment_spec(opened: Opened, environment: str) -> EnvironmentSpec:
    """What an environment's file says. Raises ``FindingsError`` where it is wrong."""
    from mlgitops.spec.document import load
    from mlgitops.spec.environment import Environment
    from mlgitops.spec.validation import validate

    path = f"environments/{environment}/environment.yaml"
    document = load(path, opened.source.files().get(path, b""))
    declared, findings = validate(Environment, document.data, document.written)
    if declared is None:
        raise FindingsError(findings)
    return declared.spec


def rules_of(spec: EnvironmentSpec) -> tuple[DeclaredRule, ...]:
    """An environment's rules of health, ready to be asked."""
    return tuple(
        DeclaredRule(rule.group, rule.kind, compiled(rule.ready), compiled(rule.failed) if rule.failed else None)
        for rule in spec.health
    )
