"""A project with changes that nobody has written."""

from __future__ import annotations

from collections.abc import Mapping

from mlgitops.sources.edited import Edited


class Given:
    """A source of some files."""

    commit = "c" * 40
    dirty = True

    def files(self) -> Mapping[str, bytes]:
        return {"a": b"1", "c": b"1"}


def test_changes_are_over_the_files_and_none_takes_one_away() -> None:
    edited = Edited(Given(), {"b": b"2", "c": None, "a": b"3"})
    assert list(edited.files().items()) == [("a", b"3"), ("b", b"2")]
    assert (edited.commit, edited.dirty) == ("c" * 40, False)
