"""Health by a rule that an Environment declares, for kinds that we do not know. Expressions are in CEL."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mlgitops.manifest import Identity, Manifest
from mlgitops.plan.health.state import Health, failed, progressing, ready
from mlgitops.spec.cel import Expression


@dataclass(frozen=True, slots=True)
class DeclaredRule:
    """When objects of a kind are ready and when they have failed; ``failed`` may be left out."""

    group: str
    kind: str
    ready: Expression
    failed: Expression | None = None

    def health(self, manifest: Manifest) -> Health:
        """The health of an object: failed wins over ready."""
        if self.failed is not None and self.failed.holds(manifest):
            return failed(f"the environment's rule says so: {self.failed.text}")
        if self.ready.holds(manifest):
            return ready()
        return progressing(f"not yet: {self.ready.text}")


def rule_for(one: Identity, rules: Iterable[DeclaredRule]) -> DeclaredRule | None:
    """The first rule for an object's kind."""
    return next((rule for rule in rules if (rule.group, rule.kind) == (one.group, one.kind)), None)
