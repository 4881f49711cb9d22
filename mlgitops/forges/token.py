"""The token: read when it is first needed, shown to nobody.

It is in an environment variable, or Git's credential helpers know it. It is never an argument of a program, and neither
``repr`` nor ``str`` of anything here holds it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mlgitops.errors import NotAuthorisedError, ToolError
from mlgitops.forges.wording import Wording
from mlgitops.tools.git_credentials import password_for

HIDDEN = b"(hidden)"


@dataclass(slots=True)
class Token:
    """Where the token of one host comes from.

    ``names`` are environment variables, the first that is set counts; without any, Git is asked for ``url``.
    """

    names: tuple[str, ...]
    url: str
    environment: Mapping[str, str] = field(repr=False)
    _known: str = field(default="", repr=False)

    def reveal(self, wording: Wording) -> str:
        """The token itself, for a header. Raises ``NotAuthorisedError`` where there is none."""
        if not self._known:
            self._known = self._from_environment() or self._from_git()
        if not self._known:
            raise NotAuthorisedError(
                f"there is no token for {wording.forge} ({wording.host})",
                help=f"Set {' or '.join(self.names)} to a token with {wording.scopes}, or store it in a credential "
                "helper of Git's.",
            )
        if not (self._known.isascii() and self._known.isprintable()):
            raise NotAuthorisedError(
                f"the token in {wording.token} has characters that no token has",
                help="Set it to the token alone, without quotes, spaces or line ends.",
            )
        return self._known

    def hide(self, body: bytes) -> bytes:
        """What a server sent, without the token, should it have sent that back."""
        return body.replace(self._known.encode(), HIDDEN) if self._known else body

    def _from_environment(self) -> str:
        return next((found for name in self.names if (found := self.environment.get(name, "").strip())), "")

    def _from_git(self) -> str:
        try:
            return password_for(self.url)
        except ToolError:
            return ""
