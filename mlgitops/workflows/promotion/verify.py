"""Verifies what a pull request claims: everything is worked out again from the merge that it would make.

Gates are those of the protected branch, never the pull request's own, so that nobody lets a release in by changing what
it must meet. Nothing here asks the forge.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from mlgitops.errors import FindingsError, MlgitopsError
from mlgitops.promotion.branch import Kind
from mlgitops.promotion.budget import within_budget
from mlgitops.promotion.claims import Checked, Verification, differences, gate_differences
from mlgitops.promotion.judgement import Judgement
from mlgitops.promotion.request import Request
from mlgitops.promotion.trailers import Trailers, parse
from mlgitops.response.evidence import is_evidence
from mlgitops.sources.commit import Commit
from mlgitops.spec.document import Document, load
from mlgitops.spec.release import Release
from mlgitops.tools import git_history, git_merge, git_objects, git_refs
from mlgitops.tools.git import Entry
from mlgitops.workflows.project import Opened
from mlgitops.workflows.promotion.base import Base, model_path, prefix_of, release_of
from mlgitops.workflows.promotion.expected import refused
from mlgitops.workflows.promotion.facts import judge_gates
from mlgitops.workflows.promotion.past import held_releases
from mlgitops.workflows.promotion.prepare import prepare
from mlgitops.workflows.promotion.proposal import Draft
from mlgitops.workflows.promotion.trail import stable_digest

_MODEL_FILE = re.compile(r"environments/([^/]+)/models/([^/]+)\.yaml")
_STABLE = "rollout.stable is not a release that {} has had before"
_CLAIM = "no commit of the pull request has a promotion's trailers about it"


@dataclass(frozen=True)
class Merge:
    """What merging ``head`` into the base would give: the files that change, None for those that go.

    ``messages`` are the commits that it brings, newest first.
    """

    base: Base
    head: str
    files: Mapping[str, bytes | None]
    messages: tuple[git_history.Message, ...]

    @cached_property
    def claims(self) -> list[tuple[git_history.Message, Trailers]]:
        """The newest claim about each model's file that changes, newest first.

        Trailers that are not valid claim nothing, and neither do those about a model that dropped out of its group.
        """
        found: dict[tuple[str, str], tuple[git_history.Message, Trailers]] = {}
        for message in self.messages:
            trailers = _claim_of(message)
            if trailers and model_path(trailers.target, trailers.model) in self.files:
                found.setdefault((trailers.model, trailers.target), (message, trailers))
        return list(found.values())

    def release(self, environment: str, model: str) -> Release | None:
        """The release once it is merged. Raises ``FindingsError``."""
        path = model_path(environment, model)
        content = self.files[path] if path in self.files else self.base.content(path)
        return release_of(load(path, content)) if content is not None else None


def verify(opened: Opened, revision: str, base: str, now: str) -> Verification:
    """Judges what merging ``revision`` into ``base`` would change about releases, at a time (RFC 3339).

    Raises ``SourceError`` for a commit that is not here, ``ToolError`` where the clone is shallow.
    """
    head = Commit(opened.root, revision)
    onto = base_at(opened, base)
    if git_history.is_ancestor(onto.git_dir, head.commit, onto.commit):
        return Verification(onto.commit, head.commit)
    tree = git_merge.merged_tree(onto.git_dir, onto.commit, head.commit)
    messages = git_history.between(onto.git_dir, onto.commit, head.commit)
    if not tree:
        branch = next((claim.branch for message in messages if (claim := _claim_of(message))), "")
        conflict = Checked("", "", branch=branch, problems=(f"it conflicts with {base}; promote again",))
        return Verification(onto.commit, head.commit, (conflict,))
    merge = Merge(onto, head.commit, _changed(onto, tree), tuple(messages))
    checked = [*_claimed(merge, now), *_unclaimed(merge)]
    return Verification(onto.commit, head.commit, tuple(checked))


def _claim_of(message: git_history.Message) -> Trailers | None:
    """What a commit claims; None where it claims nothing, or its trailers are not valid."""
    try:
        trailers = parse(message.text)
        return trailers if trailers and trailers.branch else None
    except ValueError:
        return None


def base_at(opened: Opened, revision: str) -> Base:
    """A commit of this repository as what a change starts from; no forge is asked."""
    project = Opened(opened.root, Commit(opened.root, revision), opened.cache)
    return Base(project, git_refs.common_directory(opened.root), prefix_of(opened.root), "", revision, {})


def _changed(base: Base, tree: str) -> dict[str, bytes | None]:
    """The project's files that differ between the base and a tree; a link has the content of nothing."""
    before, after = git_objects.files(base.git_dir, base.commit), git_objects.files(base.git_dir, tree)
    paths = [
        path
        for path in sorted({*before, *after})
        if path.startswith(base.prefix) and _identity(before.get(path)) != _identity(after.get(path))
    ]
    entries = {path: after.get(path) for path in paths}
    objects = {path: entry.object for path, entry in entries.items() if entry and entry.mode.startswith("100")}
    blobs = git_objects.blobs(base.git_dir, set(objects.values()))
    return {path.removeprefix(base.prefix): blobs[objects[path]] if path in objects else None for path in paths}


def _claimed(merge: Merge, now: str) -> Iterator[Checked]:
    for message, claim in merge.claims:
        about = Checked(
            claim.model, claim.target, claim.change.value, commit=message.commit, branch=claim.branch,
            path=model_path(claim.target, claim.model),
        )  # fmt: skip
        try:
            yield _check(merge, message, claim, about, now)
        except FindingsError as error:
            first = error.findings[0]
            yield replace(about, problems=(f"it is not valid: {first.location}: {first.message}",))
        except MlgitopsError as error:
            yield replace(about, problems=(error.message,))


def _check(merge: Merge, message: git_history.Message, claim: Trailers, about: Checked, now: str) -> Checked:
    base = merge.base
    new = merge.release(claim.target, claim.model)
    if new is None:
        return replace(about, problems=("there is no release once it is merged",))
    request = _request(base, claim, new, merge)
    changes = {path: merge.files[path] for path in _paths_of(claim, new) if path in merge.files}
    draft = Draft(request, {path: content for path, content in changes.items() if content is not None})
    prepared = prepare(base, draft, now)
    found = parse(prepared.message)
    assert found is not None  # it was just written
    problems = [*refused(base, request, changes, now), *differences(claim, found)]
    if request.kind.changes_release:
        judged = Judgement(judge_gates(base, draft, message.time))
        problems += gate_differences(claim, within_budget(judged, draft.request.kind, prepared.effect.plan).gates)
    return replace(about, version=new.version, problems=tuple(problems), gates=prepared.judgement.gates)


def _request(base: Base, claim: Trailers, new: Release, merge: Merge) -> Request:
    content = base.content(model_path(claim.target, claim.model))
    old = release_of(load(model_path(claim.target, claim.model), content)) if content is not None else None
    stage = _stage(merge, claim) if claim.change is Kind.RETIRE else ""
    return Request(claim.change, claim.model, claim.source, claim.target, old, new, stage=stage, group=claim.group)


def _stage(merge: Merge, claim: Trailers) -> str:
    content = merge.files.get(model_path(claim.target, claim.model))
    spec = load("", content).data.get("spec") if content is not None else None
    lifecycle = spec.get("lifecycle") if isinstance(spec, dict) else None
    return str(lifecycle.get("stage", "")) if isinstance(lifecycle, dict) else ""


def _unclaimed(merge: Merge) -> Iterator[Checked]:
    """Releases and holds that change though nobody claims it, and what else a pull request with claims changes."""
    claimed = {(claim.model, claim.target) for _, claim in merge.claims}
    allowed = {path for _, claim in merge.claims for path in _allowed(merge, claim)}
    for path in merge.files:
        match = _MODEL_FILE.fullmatch(path)
        if match and (match[2], match[1]) not in claimed and _changes_release(merge, path):
            yield Checked(match[2], match[1], path=path, problems=(_CLAIM,))
        elif match and (match[2], match[1]) not in claimed and not _keeps_stable(merge, path, match[1], match[2]):
            yield Checked(match[2], match[1], path=path, problems=(_STABLE.format(match[1]),))
        elif claimed and path not in allowed and not _is_evidence(merge, path):
            yield Checked("", "", path=path, problems=("a promotion changes nothing but the release: leave it out",))


def _is_evidence(merge: Merge, path: str) -> bool:
    """Whether a file tells why the controller has opened the pull request: it is about a model that is claimed."""
    content = merge.files[path]
    return any(is_evidence(path, content, claim.target, claim.model) for _, claim in merge.claims)


def _allowed(merge: Merge, claim: Trailers) -> Iterable[str]:
    try:
        return _paths_of(claim, merge.release(claim.target, claim.model))
    except FindingsError:
        return _paths_of(claim, None)


def _paths_of(claim: Trailers, new: Release | None) -> list[str]:
    """The files that a change of a model may touch."""
    evidence = [f"environments/{claim.target}/{new.evidence}"] if new and new.evidence else []
    return [model_path(claim.target, claim.model), *evidence]


def _changes_release(merge: Merge, path: str) -> bool:
    """Whether a file's release block changes, or a hold that it had; what nobody can read counts as a change."""
    contents = (merge.base.content(path), merge.files[path])
    try:
        before, after = (load(path, content) if content is not None else None for content in contents)
        old, new = (release_of(document) if document else None for document in (before, after))
    except FindingsError:
        return True
    hold = _hold(before)
    return old != new or (new is not None and hold is not None and hold != _hold(after))


def _keeps_stable(merge: Merge, path: str, environment: str, model: str) -> bool:
    """Whether a file's stable release stays, goes, or is one that the environment has had; ``path`` can be read."""
    before, after = (
        stable_digest(load(path, content)) if content is not None else ""
        for content in (merge.base.content(path), merge.files[path])
    )
    return after in ("", before) or after in {held.digest for held in held_releases(merge.base, environment, model)}


def _hold(document: Document | None) -> object:
    spec = document.data.get("spec") if document else None
    return spec.get("hold") if isinstance(spec, dict) else None


def _identity(entry: Entry | None) -> tuple[str, str] | None:
    return (entry.object, entry.mode) if entry else None
