"""Doing a thing once, though an answer may be lost and other runs do the same at the same time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from mlgitops.forges import PullRequest
from mlgitops.forges.answer import NoAnswerError, RefusedError
from mlgitops.forges.text import hidden_marker, marked


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment of a pull request; ``is_ours`` is whether this token's user wrote it."""

    id: str
    body: str
    is_ours: bool


def open_once(create: Callable[[], int], find: Callable[[], PullRequest | None]) -> tuple[int, bool]:
    """The number of the one pull request, and whether it was made just now.

    Where the forge refuses to make one because it is there, or its answer was lost, the one that is there counts.
    """
    try:
        return create(), True
    except (RefusedError, NoAnswerError):
        found = find()
        if found is None:
            raise
        return found.number, False


def keep_oldest(number: int, open_numbers: Sequence[int], withdraw: Callable[[int], None]) -> int:
    """The oldest of several open pull requests of the same branch; ours is withdrawn where it is not that.

    For forges that let two runs at once open two. Every run comes to the same result, whatever the order.
    """
    oldest = min([number, *open_numbers])
    if oldest != number:
        withdraw(number)
    return oldest


def write_comment(
    comments: Iterable[Comment],
    marked_text: tuple[str, str, int],
    create: Callable[[str], None],
    rewrite: Callable[[str, str], None],
) -> None:
    """Writes the comment of a marker, or rewrites ours in place where its text is another.

    ``marked_text`` is the marker, the text, and the most characters of a comment.
    """
    marker, text, limit = marked_text
    body = marked(marker, text, limit)
    there = next((each for each in comments if each.is_ours and each.body.startswith(hidden_marker(marker))), None)
    if there is None:
        create(body)
    elif _plain(there.body) != _plain(body):
        rewrite(there.id, body)


def missing(wanted: Iterable[str], there: Iterable[str]) -> list[str]:
    """What is wanted and not there, by names that differ in more than case, in the order in which it is wanted."""
    known = {name.casefold() for name in there}
    return [name for name in dict.fromkeys(wanted) if name.casefold() not in known]


def _plain(body: str) -> str:
    return body.replace("\r\n", "\n").strip()
