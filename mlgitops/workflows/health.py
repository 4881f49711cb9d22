"""The rules of health that an environment declares."""

from __future__ import annotations

from mlgitops.errors import FindingsError
from mlgitops.plan.health import DeclaredRule
from mlgitops.spec.cel import compiled
from mlgitops.workflows.project import Opened


def declared_rules(opened: Opened, environment: str) -> tuple[DeclaredRule, ...]:
    """The environment's ``spec.health``. Raises ``FindingsError`` where its file is wrong."""
    from mlgitops.spec.document import load
    from mlgitops.spec.environment import Environment
    from mlgitops.spec.validation import validate

    path = f"environments/{environment}/environment.yaml"
    document = load(path, opened.source.files().get(path, b""))
    declared, findings = validate(Environment, document.data, document.written)
    if declared is None:
        raise FindingsError(findings)
    return tuple(
        DeclaredRule(rule.group, rule.kind, compiled(rule.ready), compiled(rule.failed) if rule.failed else None)
        for rule in declared.spec.health
    )
