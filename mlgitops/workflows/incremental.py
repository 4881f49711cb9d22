"""Renders anew only the models and pipelines that changed, where what all of them share did not.

What changed is rendered as if there were nothing else, with what it names and what names it, and then put in the place
of what was there. A step template that changed has the pipelines that use it rendered, but a pipeline that changed not
the others that use its templates. Whatever is not plainly the same as rendering everything is left to that: a finding
that is an error, one in a file that all share, an object that two render, an overlay.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass, replace

import orjson

from mlgitops.errors import FindingsError
from mlgitops.finding import Finding, in_order
from mlgitops.manifest import identity
from mlgitops.render.rendering import Rendering, TargetRendering, from_json, to_json
from mlgitops.sources import Source
from mlgitops.sources.cache import Cache
from mlgitops.targets import owner_of
from mlgitops.workflows.fingerprint import Fingerprint, own_paths, owner

MOST = 500
"""Models and pipelines that are rendered apart from the others; beyond it all are."""


@dataclass(frozen=True, slots=True)
class Made:
    """A rendering, and what it was made from."""

    rendering: Rendering
    origin: Fingerprint


def renew(before: Made, origin: Fingerprint, source: Source, render: Callable[[Source], Rendering]) -> Rendering | None:
    """The rendering of ``source`` by ``render`` of what changed since ``before``; None where all has to be rendered."""
    if before.origin.shared != origin.shared:
        return None
    owners = _connected(_changed(before, origin), before.rendering.links)
    if len(owners) > MOST:
        return None
    try:
        part = render(_part(source, origin, before.rendering.environment, owners))
    except FindingsError:
        return None
    return _merged(before.rendering, part, owners)


@dataclass(frozen=True, slots=True)
class _Part:
    """Some files of a source, as a source."""

    commit: str
    dirty: bool
    content: Mapping[str, bytes]

    def files(self) -> Mapping[str, bytes]:
        return self.content


def _part(source: Source, origin: Fingerprint, environment: str, owners: Set[str]) -> _Part:
    """What all share, the step templates, and what is of some models and pipelines alone."""
    files = source.files()
    kept = {path for one in owners for path in own_paths(one, environment)}
    left = {path for path in origin.own if path not in kept and not _is_template(owner(path, environment))}
    held = {path: content for path, content in files.items() if path not in left}
    return _Part(source.commit, source.dirty, held)


def _changed(before: Made, origin: Fingerprint) -> set[str]:
    """The models, pipelines and step templates with a file that changed, came or went."""
    old, new = before.origin.own, origin.own
    paths = [path for path, digest in new.items() if old.get(path) != digest]
    paths += [path for path in old if path not in new]
    return {owner(path, before.rendering.environment) for path in paths}


def _connected(owners: Iterable[str], links: Mapping[str, tuple[str, ...]]) -> set[str]:
    """These, and all that they name or are named by, over any number of steps, but not by way of a step template."""
    beside: dict[str, list[str]] = defaultdict(list)
    for one, named in links.items():
        for other in named:
            beside[one] += [] if _is_template(other) else [other]
            beside[other].append(one)
    found: set[str] = set()
    ahead = list(owners)
    while ahead:
        one = ahead.pop()
        if one not in found:
            found.add(one)
            ahead += beside.get(one, ())
    return found


def _merged(before: Rendering, part: Rendering, owners: Set[str]) -> Rendering | None:
    """The part in the place of what ``before`` has of these models and pipelines; None where that might be wrong.

    Where ``before`` has some of the targets alone, so has the result.
    """
    environment = before.environment
    part = part.only(target.target for target in before.targets)
    old, new = (_by_sharing(one.findings, environment) for one in (before, part))
    targets = [_put(*pair, owners) for pair in zip(before.targets, part.targets, strict=True)]
    if old[True] != new[True] or any(target is None for target in targets):
        return None
    kept = [finding for finding in old[False] if not _is_anew(owner(finding.location.path, environment), owners)]
    links = {one: named for one, named in before.links.items() if one not in owners} | dict(part.links)
    return replace(
        part,
        targets=tuple(target for target in targets if target is not None),
        findings=tuple(in_order([*kept, *part.findings])),
        links=dict(sorted(links.items())),
    )


def _is_template(one: str) -> bool:
    return one.startswith("Step/")


def _is_anew(one: str, owners: Set[str]) -> bool:
    """Whether the part has this too: one of the owners, or any step template, all of which are read with every part."""
    return one in owners or _is_template(one)


def _by_sharing(findings: Iterable[Finding], environment: str) -> dict[bool, list[Finding]]:
    """Findings in files that all share, and the others."""
    found: dict[bool, list[Finding]] = {True: [], False: []}
    for finding in findings:
        found[not owner(finding.location.path, environment)].append(finding)
    return found


def _put(before: TargetRendering, part: TargetRendering, owners: Set[str]) -> TargetRendering | None:
    """A target's manifests with those of the part in their places; None where an object would be there twice."""
    manifests = [manifest for manifest in before.manifests if owner_of(manifest) not in owners]
    for manifest in part.manifests:
        this = identity(manifest)
        at = bisect_left(manifests, this, key=identity)
        if owner_of(manifest) not in owners or (at < len(manifests) and identity(manifests[at]) == this):
            return None
        manifests.insert(at, manifest)
    kept = [one for one in before.rollouts if one.owner not in owners]
    rollouts = sorted([*kept, *part.rollouts], key=lambda one: one.model)
    return replace(part, manifests=tuple(manifests), rollouts=tuple(rollouts))


class Kept:
    """The renderings in a cache, and of each environment the last one; nothing where there is no cache."""

    def __init__(self, cache: Cache | None) -> None:
        self._cache = cache

    def rendering(self, origin: Fingerprint) -> Rendering | None:
        """What was made of just this."""
        return self._held(origin.whole)

    def last(self, origin: Fingerprint) -> Made | None:
        """The last rendering with which this has in common what is shared."""
        text = self._cache.get(f"last-{origin.shared}") if self._cache else None
        if text is None:
            return None
        data = orjson.loads(text)
        rendering = self._held(data["rendering"])
        own = {path: bytes.fromhex(digest) for path, digest in data["own"].items()}
        return Made(rendering, Fingerprint(origin.shared, own)) if rendering else None

    def keep(self, made: Made) -> None:
        """Keeps a rendering, as the last one."""
        if self._cache:
            origin = made.origin
            self._cache.put(f"rendering-{origin.whole}", to_json(made.rendering))
            own = {path: digest.hex() for path, digest in origin.own.items()}
            last = {"rendering": origin.whole, "own": own}
            self._cache.put(f"last-{origin.shared}", orjson.dumps(last))

    def _held(self, whole: str) -> Rendering | None:
        text = self._cache.get(f"rendering-{whole}") if self._cache else None
        return from_json(text) if text is not None else None
