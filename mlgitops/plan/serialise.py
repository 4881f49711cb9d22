"""A plan as JSON, to be applied later or elsewhere. Pure functions over bytes; write the file with mode 0600.

The file has all that apply needs, but never a Secret: of that it keeps the digest, and applying such a plan from the
file is refused (``guards.withheld``). Reading is strict: an unknown version, a missing, unknown or wrongly typed field,
or a manifest that is another object than its change says, is an error.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import orjson

from mlgitops.errors import MlgitopsError
from mlgitops.manifest import Identity, Manifest, identity
from mlgitops.plan.account_json import from_json as from_account
from mlgitops.plan.account_json import spending_from_json, spending_to_json
from mlgitops.plan.account_json import to_json as to_account
from mlgitops.plan.change import ABSENT, Action, Change, FieldChange, Impact, Plan, TargetPlan
from mlgitops.plan.copies import copies
from mlgitops.plan.masking import is_secret
from mlgitops.targets import Conflict, content_digest

FORMAT_VERSION = "1.4"
_ABSENT = {"absent": True}
_Item = TypeVar("_Item")


def dumps(plan: Plan) -> bytes:
    """The plan's file. Equal plans have equal bytes."""
    return orjson.dumps(to_json(plan), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def to_json(plan: Plan) -> dict[str, Any]:
    """The plan as plain JSON data, for its file and for ``-o json``."""
    return {
        "formatVersion": FORMAT_VERSION,
        "version": plan.version,
        "project": plan.project,
        "environment": plan.environment,
        "commit": plan.commit,
        "renderedDigest": plan.rendered_digest,
        "selection": list(plan.selection),
        "leftOut": plan.left_out,
        "spending": spending_to_json(plan.spending),
        "targets": [_target(target) for target in plan.targets],
    }


def _target(target: TargetPlan) -> dict[str, Any]:
    return {
        "target": target.target,
        "connection": dict(target.connection),
        "inventoryVersion": target.inventory_version,
        "settled": target.settled,
        "released": [one._asdict() for one in target.released],
        "error": target.error,
        "account": to_account(target.account),
        "copies": [one._asdict() for one in copies(target)],
        "changes": [_change(change) for change in target.changes],
    }


def _change(change: Change) -> dict[str, Any]:
    return {
        "object": change.identity._asdict(),
        "action": change.action.value,
        "owner": change.owner,
        "impact": change.impact.value,
        "fields": [_field(field) for field in change.fields],
        "desired": _desired(change),
        "liveDigest": change.live_digest,
        "liveVersion": change.live_version,
        "explained": [_field(field) for field in change.explained],
        "conflicts": [{"field": one.field, "manager": one.manager} for one in change.conflicts],
        "refused": change.refused,
    }


def _desired(change: Change) -> Manifest | None:
    if change.desired is not None and is_secret(change.identity):
        return {"withheld": content_digest(change.desired)}
    return change.desired


def _field(field: FieldChange) -> dict[str, Any]:
    return {"path": list(field.path), "old": _value(field.old), "new": _value(field.new), "source": field.source,
            "reason": field.reason}  # fmt: skip


def _value(value: Any) -> Any:
    return _ABSENT if value is ABSENT else value


def loads(content: bytes, name: str = "the plan") -> Plan:
    """The plan in a file's content; ``name`` is the file's name. Raises ``MlgitopsError`` for anything else."""
    try:
        document = orjson.loads(content)
        if not isinstance(document, dict) or "formatVersion" not in document:
            raise ValueError("it has no formatVersion")
        if document["formatVersion"] != FORMAT_VERSION:
            raise ValueError(f"its formatVersion is {document['formatVersion']!r}, and only {FORMAT_VERSION} is known")
        return _read_plan(document)
    except ValueError as error:
        reason = "it is not JSON" if isinstance(error, orjson.JSONDecodeError) else str(error)
        raise MlgitopsError(
            f"{name} is not a plan: {reason}", help="Make it anew: mlgitops plan --env ENV -o plan.json"
        ) from error


def _read_plan(node: Any) -> Plan:
    keys = "version project environment commit renderedDigest selection leftOut spending targets"
    fields = _fields(node, f"formatVersion {keys}")
    return Plan(
        project=_text(fields["project"]),
        environment=_text(fields["environment"]),
        commit=_text(fields["commit"]),
        rendered_digest=_text(fields["renderedDigest"]),
        targets=_items(fields["targets"], _read_target),
        selection=_items(fields["selection"], _text),
        left_out=_typed(fields["leftOut"], int),
        version=_text(fields["version"]),
        spending=spending_from_json(fields["spending"]),
    )


def _read_target(node: Any) -> TargetPlan:
    fields = _fields(node, "target connection inventoryVersion settled released error account copies changes")
    target = TargetPlan(
        target=_text(fields["target"]),
        connection=_typed(fields["connection"], dict),
        inventory_version=_text(fields["inventoryVersion"]),
        changes=_items(fields["changes"], _read_change),
        released=_items(fields["released"], _read_identity),
        settled=_typed(fields["settled"], bool),
        error=_text(fields["error"]),
        account=from_account(fields["account"]),
    )
    if fields["copies"] != [one._asdict() for one in copies(target)]:
        raise ValueError("its copies are not those of its changes")
    return target


def _read_change(node: Any) -> Change:
    keys = "object action owner impact fields desired liveDigest liveVersion explained conflicts refused"
    fields = _fields(node, keys)
    one = _read_identity(fields["object"])
    return Change(
        identity=one,
        action=Action(fields["action"]),
        owner=_text(fields["owner"]),
        impact=Impact(fields["impact"]),
        fields=_items(fields["fields"], _read_field),
        desired=_read_desired(fields["desired"], one),
        live_digest=_text(fields["liveDigest"]),
        live_version=_text(fields["liveVersion"]),
        explained=_items(fields["explained"], _read_field),
        conflicts=_items(fields["conflicts"], _read_conflict),
        refused=_text(fields["refused"]),
    )


def _read_identity(node: Any) -> Identity:
    fields = _fields(node, "group kind namespace name")
    return Identity(*(_text(fields[key]) for key in Identity._fields))


def _read_desired(node: Any, one: Identity) -> Manifest | None:
    if node is None or list(_typed(node, dict)) == ["withheld"]:
        return None
    try:
        same = identity(node) == one
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{one} is not a manifest") from error
    if not same:
        raise ValueError(f"the manifest of {one} is another object's")
    return dict(node)


def _read_field(node: Any) -> FieldChange:
    fields = _fields(node, "path old new source reason")
    path, source, reason = _items(fields["path"], _part), _text(fields["source"]), _text(fields["reason"])
    return FieldChange(path, _read_value(fields["old"]), _read_value(fields["new"]), source, reason)


def _read_conflict(node: Any) -> Conflict:
    fields = _fields(node, "field manager")
    return Conflict(_text(fields["field"]), _text(fields["manager"]))


def _part(node: Any) -> str | int:
    return node if type(node) is int else _text(node)


def _read_value(node: Any) -> Any:
    return ABSENT if node == _ABSENT else node


def _fields(node: Any, names: str) -> dict[str, Any]:
    expected = set(names.split())
    given = set(_typed(node, dict))
    if given != expected:
        raise ValueError(f"fields are missing or unknown: {', '.join(sorted(map(str, given ^ expected)))}")
    return dict(node)


def _items(node: Any, read: Callable[[Any], _Item]) -> tuple[_Item, ...]:
    return tuple(read(item) for item in _typed(node, list))


def _text(node: Any) -> str:
    return _typed(node, str)


def _typed(node: Any, expected: type[_Item]) -> _Item:
    """The value itself, where it is exactly of the type (True is no number)."""
    if type(node) is not expected:
        raise ValueError(f"a {expected.__name__} is expected instead of a {type(node).__name__}")
    return node
