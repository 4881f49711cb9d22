"""An adapter whose surprises are errors of ours: an answer that is JSON, but not what the forge's documents promise."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from mlgitops.errors import ForgeError
from mlgitops.forges import CommitState, Forge, NewPullRequest, PullRequest, TextLimits


@dataclass(frozen=True, slots=True)
class CheckedForge:
    """``forge``, whose methods raise nothing but errors of ours. ``name`` is what it is called in messages."""

    forge: Forge
    name: str

    @property
    def limits(self) -> TextLimits:
        """The adapter's."""
        return self.forge.limits

    def find(self, branch: str) -> PullRequest | None:
        with self._shaped():
            return self.forge.find(branch)

    def open(self, request: NewPullRequest) -> PullRequest:
        with self._shaped():
            return self.forge.open(request)

    def update(
        self, number: int, title: str, body: str, labels: tuple[str, ...], reviewers: tuple[str, ...]
    ) -> PullRequest:
        with self._shaped():
            return self.forge.update(number, title, body, labels, reviewers)

    def comment(self, number: int, marker: str, text: str) -> None:
        with self._shaped():
            self.forge.comment(number, marker, text)

    def status(self, commit: str, context: str, state: CommitState, description: str, url: str) -> None:
        with self._shaped():
            self.forge.status(commit, context, state, description, url)

    def pull_request(self, number: int) -> PullRequest:
        with self._shaped():
            return self.forge.pull_request(number)

    def merge(self, number: int, head_commit: str) -> PullRequest:
        with self._shaped():
            return self.forge.merge(number, head_commit)

    @contextmanager
    def _shaped(self) -> Iterator[None]:
        try:
            yield
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            # What was read is not shown: it is the server's, and may be anything.
            raise ForgeError(
                f"{self.name} gave an answer of another form than it documents ({type(error).__name__})",
                help="Check forge.kind and forge.url; where both are right, this version of it is not supported.",
            ) from error
