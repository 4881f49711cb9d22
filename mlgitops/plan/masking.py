"""Values of Secrets are never shown: only whether they are the same. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from mlgitops.manifest import Identity, Manifest, identity
from mlgitops.plan.change import ABSENT, FieldChange

_SHOWN = frozenset({"apiVersion", "kind", "type", "immutable"})
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"  # kubectl keeps the whole object in it


def is_secret(identity: Identity) -> bool:
    """Whether the object is a Secret, whose values are never shown or written to a plan file."""
    return identity.group == "" and identity.kind == "Secret"


def masked(manifest: Manifest, change: FieldChange) -> FieldChange:
    """The change of a manifest's field, with sensitive values hidden; all that shows is whether they are the same.

    Not even the beginning of a digest is shown, since a weak password can be guessed from it.
    """
    if not is_secret(identity(manifest)) or _is_shown(change):
        return change
    return replace(change, old=_hidden(change.old, change.new, "before"), new=_hidden(change.new, change.old, "after"))


def _is_shown(change: FieldChange) -> bool:
    first = change.path[0] if change.path else ""
    if first == "metadata":
        return _LAST_APPLIED not in change.path and not _holds_last_applied(change)
    return first in _SHOWN


def _holds_last_applied(change: FieldChange) -> bool:
    return any(isinstance(value, dict) and _LAST_APPLIED in value for value in (change.old, change.new))


def _hidden(value: Any, other: Any, side: str) -> Any:
    if value is ABSENT:
        return ABSENT
    return "(sensitive value)" if other is ABSENT or value == other else f"(sensitive value, {side})"
