"""Colours for a terminal: five ANSI styles, or none. Whether colours are wanted is decided by the caller."""

from __future__ import annotations

from dataclasses import dataclass

_RESET = "\x1b[0m"


@dataclass(frozen=True, slots=True)
class Style:
    """Styles text where ``enabled``, and gives it back as it is where not. Text that is empty stays empty."""

    enabled: bool

    def bold(self, text: str) -> str:
        """For headings and what is most important on a line."""
        return self._styled("1", text)

    def dim(self, text: str) -> str:
        """For what may be skipped: file positions, unchanged text."""
        return self._styled("2", text)

    def red(self, text: str) -> str:
        """For errors and removals."""
        return self._styled("31", text)

    def green(self, text: str) -> str:
        """For additions and success."""
        return self._styled("32", text)

    def yellow(self, text: str) -> str:
        """For warnings and changes."""
        return self._styled("33", text)

    def _styled(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}{_RESET}" if self.enabled and text else text
