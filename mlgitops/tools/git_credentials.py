"""Passwords that Git's credential helpers keep: asked for on standard input, so that no argument names anything."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from mlgitops.tools.git import fed


def password_for(url: str) -> str:
    """The password that a helper keeps for a host; empty where none knows it. Nobody is asked at a terminal.

    Raises ``ToolError`` where no helper answers.
    """
    parts = urlsplit(url)
    wanted = f"protocol={parts.scheme}\nhost={parts.netloc}\npath={parts.path.lstrip('/')}\n\n"
    # Outside any repository, so that no repository's own settings choose the helper.
    answer = fed(["credential", "fill"], Path("/"), wanted.encode())
    lines = (line.partition("=") for line in answer.decode("utf-8", "replace").splitlines())
    return next((value for name, _, value in lines if name == "password"), "")
