"""Fields that Git leaves to others: ignore rules of an environment and of a manifest's own annotation. Pure.

An ignored field is neither compared nor applied to an object that is there. Where we still own it, its live value is
applied again: server-side apply removes what an owner no longer names. A new object gets the value that Git has.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mlgitops.manifest import ANNOTATION_RELEASE_DIGEST, LABEL_PREFIX, Identity, Manifest, identity
from mlgitops.plan.change import Path
from mlgitops.plan.kueue import kept_pointers
from mlgitops.progressive.exposure import POINTERS
from mlgitops.progressive.terms import Terms
from mlgitops.targets import Live
from mlgitops.targets.kubernetes.ownership import item_at, owners

_NOTHING = object()
ANNOTATION_IGNORE = LABEL_PREFIX + "ignore"
"""JSON pointers, separated by commas."""


@dataclass(frozen=True, slots=True)
class IgnoreRule:
    """For a kind, or one object of it: JSON pointers, and field managers whose fields are theirs alone.

    A pointer's part is a field, the index or the name of an item, or ``*`` for every item. Source: RFC 6901. Where
    ``release`` is given, only a live object that has that release counts, by its digest.
    """

    kind: str
    name: str = ""
    pointers: tuple[str, ...] = ()
    managers: tuple[str, ...] = ()
    release: str = ""

    def fits(self, one: Identity, found: Live | None) -> bool:
        """Whether the rule is about an object, which is live as ``found``."""
        if self.kind != one.kind or self.name not in ("", one.name):
            return False
        return not self.release or (found is not None and _release(found.manifest) == self.release)


def rules_from(declared: Iterable[Mapping[str, Any]], rollouts: Iterable[Terms] = ()) -> tuple[IgnoreRule, ...]:
    """The rules as an environment's spec has them, and those of rollouts that go by steps.

    How far a release is exposed there is nothing that Git says, and what somebody who applies must not turn back; but
    another release begins at no requests.
    """
    own = (
        IgnoreRule(rule["kind"], rule.get("name") or "", tuple(rule["pointers"]), tuple(rule["managers"]))
        for rule in declared
    )
    stepped = (IgnoreRule(*one.bearer, POINTERS[one.bearer[0]], (), one.release) for one in rollouts)
    return (*own, *stepped)


def _release(live: Manifest) -> str:
    return str((live["metadata"].get("annotations") or {}).get(ANNOTATION_RELEASE_DIGEST, ""))


def without_ignored(
    manifests: Iterable[Manifest], live: Mapping[Identity, Live], rules: Sequence[IgnoreRule]
) -> list[Manifest]:
    """The manifests as they are to be applied over what is there: without what is left to others."""
    return [_without(manifest, live.get(identity(manifest)), rules) for manifest in manifests]


def _without(manifest: Manifest, found: Live | None, rules: Sequence[IgnoreRule]) -> Manifest:
    own = (manifest["metadata"].get("annotations") or {}).get(ANNOTATION_IGNORE, "")
    fitting = [rule for rule in rules if rule.fits(identity(manifest), found)]
    pointers = [*filter(None, own.replace(" ", "").split(",")), *(p for rule in fitting for p in rule.pointers)]
    pointers += kept_pointers(identity(manifest), found.manifest) if found else ()
    managers = {manager for rule in fitting for manager in rule.managers}
    if found is None or not (pointers or managers):
        return manifest
    kept: Manifest = _kept((), manifest, found.manifest, tuple(map(_parts, pointers)), frozenset(managers))
    return kept


def suggestion(one: Identity, fields: Iterable[str]) -> list[str]:
    """The lines of an environment's spec that leave fields, written as the API writes them, to others."""
    pointers = ", ".join(pointer_of(field) for field in fields)
    return ["ignore:", f"  - kind: {one.kind}", f"    name: {one.name}", f"    pointers: [{pointers}]"]


def pointer_of(field: str) -> str:
    """The JSON pointer of a field as the API writes it: ``spec.containers[name="main"].image``.

    Keys of labels and annotations have dots themselves, so that what follows these words is one key.
    """
    map_of_keys = re.match(r"\.?(.*?\b(?:annotations|labels|nodeSelector|matchLabels))\.(.+)$", field)
    before, key = (map_of_keys[1], map_of_keys[2]) if map_of_keys else (field, "")
    parts = [name or item for name, item in re.findall(r"([^.\[\]]+)|\[([^\]]*)\]", before)]
    named = [part.partition("=")[2].partition(",")[0].strip('"') if "=" in part else part for part in parts]
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in [*named, *filter(None, [key])])


def _parts(pointer: str) -> tuple[str, ...]:
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in pointer.removeprefix("/").split("/"))


def _kept(
    path: Path, value: Any, live: Manifest, pointers: tuple[tuple[str, ...], ...], managers: frozenset[str]
) -> Any:
    """A value of the manifest without what is ignored in it."""
    if isinstance(value, dict):
        items = ((key, (*path, key), inner, key) for key, inner in value.items())
        return dict(_members(items, live, pointers, managers))
    if isinstance(value, list):
        named = ((index, (*path, _item_part(item, index)), item, index) for index, item in enumerate(value))
        return [inner for _, inner in _members(named, live, pointers, managers)]
    return value


def _members(
    items: Iterable[tuple[Any, Path, Any, str | int]],
    live: Manifest,
    pointers: tuple[tuple[str, ...], ...],
    managers: frozenset[str],
) -> Iterator[tuple[Any, Any]]:
    for key, path, inner, part in items:
        following = tuple(p[1:] for p in pointers if p and _means(p[0], part, inner))
        if () in following or (managers and _is_theirs(live, path, inner, managers)):
            if _is_ours(live, path) and (held := _value_at(live, path)) is not _NOTHING:
                yield key, held
        else:
            yield key, _kept(path, inner, live, following, managers) if following or managers else inner


def _means(pointed: str, part: str | int, inner: Any) -> bool:
    if isinstance(part, str):
        return pointed == part
    return pointed in ("*", str(part)) or (isinstance(inner, dict) and inner.get("name") == pointed)


def _item_part(item: Any, index: int) -> str | int:
    name = item.get("name") if isinstance(item, dict) else None
    return f"[{name}]" if isinstance(name, str) else index


def _is_theirs(live: Manifest, path: Path, value: Any, managers: frozenset[str]) -> bool:
    """Whether a single value, or a list as a whole, is owned by one of the managers."""
    if isinstance(value, dict):
        return False
    return any(owner.manager in managers for owner in owners(live, path))


def _is_ours(live: Manifest, path: Path) -> bool:
    """Whether we own a field. In a file, for which nobody keeps owners, everything is ours."""
    return not live["metadata"].get("managedFields") or any(owner.is_us for owner in owners(live, path))


def _value_at(value: Any, path: Path) -> Any:
    """The value at a path; ``_NOTHING`` where there is none."""
    for part in path:
        if isinstance(value, dict):
            value = value.get(part, _NOTHING)
        else:
            found = item_at(value, part) if isinstance(value, list) else None
            value = _NOTHING if found is None else found
    return value
