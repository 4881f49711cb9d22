"""Whether what is rendered from an imported spec is the object that it was imported from. Pure.

Compared is what a user of the object would notice: its kind, name, namespace, labels, annotations and specification,
not what the API writes by itself. Quantities are equal where their amounts are, and named items of lists in any order.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from mlgitops.compile.imported import is_users
from mlgitops.compile.notes import HELPS, is_empty
from mlgitops.compile.written import Where, Written
from mlgitops.finding import Finding, Severity
from mlgitops.spec.positions import Pointer
from mlgitops.spec.quantities import amount
from mlgitops.spec.source_text import excerpt_of

LONGEST = 60
"""Characters of a value that a message shows."""
MOST_ADDED = 12
"""Fields that a message about what is added names."""
_AMOUNTS = ("requests", "limits")
_RENAMED = {"RawDeployment": "Standard", "Serverless": "Knative"}
"""Values that KServe 0.16 has other names for (``pkg/constants/constants.go``)."""
_HELPS = {
    **HELPS,
    "serviceAccountName": "mlgitops makes an account for each model; serving.identity names its rights in the cloud",
    "namespace": "the environment or the Target says in which namespace its models run",
    "version": "the runtime says which version it serves; release.framework keeps it for people",
    "serving.kserve.io/deploymentMode": "the Target's serving.deploymentMode says how models run there",
    "imagePullSecrets": "give the namespace's service accounts the Secret, or use the Target's registries",
}
_HELP = "write it in the environment's kustomization.yaml as a patch, or do without"


class Difference(NamedTuple):
    """A field whose value is another one, or is only on one side, where the other is None."""

    pointer: Pointer
    given: Any
    rendered: Any


def differences(given: Mapping[str, Any], rendered: Mapping[str, Any]) -> list[Difference]:
    """Where the object ``rendered`` differs from the one ``given``; a TrainJob's name, which has a digest, apart."""
    found = _between(_noticed(given), _noticed(rendered), ())
    return [one for one in found if given.get("kind") != "TrainJob" or one.pointer != ("metadata", "name")]


def findings(found: Sequence[Difference], written: Written, where: Where) -> Iterator[Finding]:
    """A finding for each field that is not carried over, at its place in the source, and one for all that are added."""
    added = [one for one in found if one.given is None]
    for one in found:
        if one.given is not None:
            yield _not_carried(one, written, where)
    if added:
        named = [f"{_dotted(one.pointer)}: {_shown(one)}" for one in added[:MOST_ADDED]]
        more = f" and {len(added) - MOST_ADDED} more" if len(added) > MOST_ADDED else ""
        location = written.locate(where)
        yield Finding(
            "import-adds", f"what is rendered of {where.named} also says {'; '.join(named)}{more}", location,
            Severity.WARNING, excerpt=written.excerpt(location.line),
            help="compare it with mlgitops diff before it is applied; the spec sets what is not wanted so",
        )  # fmt: skip


def _not_carried(one: Difference, written: Written, where: Where) -> Finding:
    place = where.at(*one.pointer)
    location = written.locate(place)
    told = "is not carried over" if one.rendered is None else f"would become {_text(one.rendered, one.pointer)}"
    help = next((_HELPS[part] for part in reversed(one.pointer) if part in _HELPS), _HELP)
    return Finding(
        "import-not-carried", f"{_dotted(one.pointer)} of {where.named} {told}", location, Severity.ERROR,
        ".".join(map(str, place.pointer)), written.excerpt(location.line), help,
    )  # fmt: skip


def _noticed(manifest: Mapping[str, Any]) -> dict[str, Any]:
    metadata = manifest.get("metadata") or {}
    kept = {field: metadata.get(field) for field in ("name", "namespace")}
    labels = {key: value for key, value in (metadata.get("labels") or {}).items() if _counts(key)}
    annotations = {key: value for key, value in (metadata.get("annotations") or {}).items() if _counts(key)}
    return {
        "metadata": {**kept, "labels": labels, "annotations": annotations},
        "spec": manifest.get("spec") or {},
    }


def _counts(key: str) -> bool:
    """Whether a label or annotation says something to the platform or to the user, and not only of who manages it."""
    return is_users(key) or key.startswith(("serving.kserve.io/", "autoscaling.knative.dev/", "kueue.x-k8s.io/"))


def _between(given: Any, rendered: Any, at: Pointer) -> Iterator[Difference]:
    if is_empty(given) and is_empty(rendered):
        return
    if isinstance(given, Mapping) and isinstance(rendered, Mapping):
        for key in dict.fromkeys((*given, *rendered)):
            yield from _between(given.get(key), rendered.get(key), (*at, key))
    elif isinstance(given, list) and isinstance(rendered, list) and _named([*given, *rendered]):
        yield from _items(given, rendered, at)
    elif isinstance(given, Mapping) and is_empty(rendered):
        for key, value in given.items():
            yield from _between(value, None, (*at, key))
    elif not _same(given, rendered, at):
        yield Difference(at, None if is_empty(given) else given, None if is_empty(rendered) else rendered)


def _items(given: list[Any], rendered: list[Any], at: Pointer) -> Iterator[Difference]:
    others = {one["name"]: one for one in rendered}
    for index, one in enumerate(given):
        if (other := others.pop(one["name"], None)) is None:
            yield Difference((*at, index), one, None)
        else:
            yield from _between(one, other, (*at, index))
    yield from (Difference((*at, len(given) + index), None, one) for index, one in enumerate(others.values()))


def _named(items: list[Any]) -> bool:
    return all(isinstance(one, Mapping) and isinstance(one.get("name"), str) for one in items)


def _same(given: Any, rendered: Any, at: Pointer) -> bool:
    if is_empty(given) or is_empty(rendered):
        return False
    if any(part in _AMOUNTS for part in at):
        try:
            return amount(str(given)) == amount(str(rendered))
        except (AttributeError, KeyError):  # no quantity that can be read
            return str(given) == str(rendered)
    if isinstance(given, str) and isinstance(rendered, str):
        return _RENAMED.get(given, given) == _RENAMED.get(rendered, rendered)
    return type(given) is type(rendered) and given == rendered


def _dotted(pointer: Pointer) -> str:
    return ".".join(map(str, pointer))


def _shown(one: Difference) -> str:
    return _text(one.rendered, one.pointer)


def _text(value: Any, pointer: Pointer) -> str:
    """A value on one line, without what may be a secret."""
    if "env" in pointer:
        return "another value"
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True)
    shown = excerpt_of([" ".join(text.split())], 1)
    return shown if len(shown) <= LONGEST else shown[: LONGEST - 1] + "…"
