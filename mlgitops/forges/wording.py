"""What a forge calls things, for messages that say what to do."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wording:
    """A forge's name, where it is, the scopes that its token needs, and where the token is looked for."""

    forge: str
    host: str
    repository: str
    scopes: str
    token: str
