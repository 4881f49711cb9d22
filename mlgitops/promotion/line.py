"""Whether a branch's first-parent line is the one that it always was, as far as the commits themselves tell. Pure.

What a merge brings that was merged elsewhere is what a branch is that was led around: an ordinary push of a merge whose
first parent is not what the branch was at. Its own merges are then on the side, each of another commit than the line's.
A pull request's branch that caught up has merged a commit of the line, and is in order.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property

Graph = dict[str, tuple[str, ...]]
"""The parents of every commit, first parent first; children come before their parents."""


@dataclass(frozen=True)
class Line:
    """The first-parent line up to ``head`` in all that is part of its history."""

    graph: Graph
    head: str

    @cached_property
    def commits(self) -> dict[str, None]:
        """The commits that the branch itself was at, newest first."""
        found = {self.head: None}
        commit = self.head
        while parents := self.graph[commit]:
            commit = parents[0]
            found[commit] = None
        return found

    @cached_property
    def brought(self) -> dict[str, str]:
        """The commits on the side, each with the one of the line that brought it."""
        found: dict[str, str] = {}
        for step in reversed(self.commits):
            waiting = list(self.graph[step][1:])
            while waiting:
                commit = waiting.pop()
                if commit not in found and commit not in self.commits:
                    found[commit] = step
                    waiting += self.graph[commit]
        return found

    @cached_property
    def beginnings(self) -> frozenset[str]:
        """Commits on the side that have no parent."""
        return frozenset(commit for commit in self.brought if not self.graph[commit])

    @cached_property
    def merges(self) -> tuple[tuple[str, str], ...]:
        """Merges on the side of what is not the line's, newest first, and what they merge."""
        return tuple(
            (commit, other)
            for commit in self.graph
            if commit in self.brought
            for other in self.graph[commit][1:]
            if other not in self.commits
        )

    def left_out(self, promotions: Collection[str]) -> dict[str, str]:
        """The steps that bring what merged a promotion elsewhere, each with the newest such merge."""
        found: dict[str, str] = {}
        holding = self._following(promotions)
        for commit, other in self.merges:
            step = self.brought[commit]
            if step not in found and other in holding and self._merges(commit, other, promotions):
                found[step] = commit
        return found

    def begun_again(self, touching: Collection[str]) -> dict[str, str]:
        """The steps that bring another beginning of what ``touching`` changed, each with that beginning."""
        return {
            self.brought[root]: root for root in self.beginnings if not self._following({root}).isdisjoint(touching)
        }

    def _merges(self, commit: str, other: str, promotions: Collection[str]) -> bool:
        before = set(self._aside(self.graph[commit][0]))
        return any(one in promotions and one not in before for one in self._aside(other))

    def _following(self, seeds: Collection[str]) -> set[str]:
        """Commits on the side that are among ``seeds``, or follow one of them there."""
        found: set[str] = set()
        for commit in reversed(self.graph):
            if commit in self.brought and (commit in seeds or not found.isdisjoint(self.graph[commit])):
                found.add(commit)
        return found

    def _aside(self, commit: str) -> Iterator[str]:
        """A commit and all before it that are on the side."""
        seen, waiting = {commit}, [commit]
        while waiting:
            at = waiting.pop()
            if at in self.brought:
                yield at
                waiting += [parent for parent in self.graph[at] if parent not in seen]
                seen.update(self.graph[at])
