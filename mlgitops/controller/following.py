"""Follows a branch: where it is now, and what it says at that commit."""

from __future__ import annotations

import os
from pathlib import Path

from mlgitops import __version__
from mlgitops.controller.goals import Followed, Goals, goals, why
from mlgitops.controller.settings import Settings
from mlgitops.errors import MlgitopsError
from mlgitops.sources.cache import Cache, default_directory
from mlgitops.sources.mirror import Mirror
from mlgitops.tools.git_names import is_url
from mlgitops.workflows.project import Opened


class Following:
    """Follows the branch of the settings. ``root`` is the folder that relative paths of targets belong to."""

    def __init__(self, settings: Settings) -> None:
        self._mirror = Mirror(settings.state / "mirror", settings.repository, settings.branch, settings.trust)
        self._path = settings.path
        self._chosen = settings.chosen
        self._cache = Cache(default_directory(os.environ, __version__))
        self.root = _root(settings, self._mirror)

    def follow(self, before: Goals) -> Followed:
        """Asks where the branch is, and gives the goals at its commit; those of ``before`` where nothing moved.

        What could not be rendered for a reason that may pass, such as a full disk, is tried again.
        """
        refused, unread = None, ""
        try:
            advance = self._mirror.advance()
            commit, refused = advance.commit, advance.refused
        except MlgitopsError as error:
            commit, unread = self._mirror.accepted, why(error)
        if not commit or (commit == before.commit and not before.passing):
            return Followed(before, refused, unread)
        try:
            return Followed(self._goals(commit, before), refused, unread)
        except MlgitopsError as error:
            told = unread or f"commit {commit[:12]} cannot be used: {why(error)}"
            return Followed(before, refused, told, "" if unread else commit)

    def follows(self, commit: str, earlier: str) -> bool:
        """Whether a commit is another one or has it in its history."""
        return self._mirror.follows(commit, earlier)

    def opened(self, commit: str) -> Opened:
        """The project at a commit that was accepted. Raises ``MlgitopsError``."""
        return Opened(self.root, self._mirror.source(commit, self._path), self._cache)

    def _goals(self, commit: str, before: Goals) -> Goals:
        return goals(self.opened(commit), self._chosen, before)


def _root(settings: Settings, mirror: Mirror) -> Path:
    """The project in the repository itself where that is a work tree here, and else in the mirror."""
    here = Path(settings.repository).absolute() / settings.path
    is_here = not is_url(settings.repository) and (Path(settings.repository) / ".git").exists()
    return here if is_here else mirror.root / settings.path
