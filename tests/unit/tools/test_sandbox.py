from __future__ import annotations

import stat
from pathlib import Path

import pytest

from mlgitops.errors import ToolError
from mlgitops.tools.sandbox import sandbox


def test_the_files_are_there_for_this_user_only_and_gone_afterwards() -> None:
    with sandbox({"a/b/c.yaml": b"x: 1", "d": b""}) as root:
        assert (root / "a/b/c.yaml").read_bytes() == b"x: 1"
        assert sorted(path.name for path in root.rglob("*") if path.is_file()) == ["c.yaml", "d"]
        assert stat.S_IMODE(root.stat().st_mode) == 0o700

    assert not root.exists()


def test_two_sandboxes_are_apart() -> None:
    with sandbox({"a": b"1"}) as one, sandbox({"a": b"2"}) as other:
        assert (one / "a").read_bytes() != (other / "a").read_bytes()


def test_it_is_gone_after_an_error_too() -> None:
    kept: list[Path] = []

    def fail() -> None:
        with sandbox({"a": b"1"}) as root:
            kept.append(root)
            raise ValueError("inside")

    with pytest.raises(ValueError, match="inside"):
        fail()
    assert not kept[0].exists()


def test_a_file_that_cannot_be_written_is_an_error_to_act_on() -> None:
    with pytest.raises(ToolError, match="could not be written"), sandbox({"a": b"", "a/b": b""}):
        pass


def test_where_no_directory_can_be_made_is_an_error_to_act_on(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As on a full disk, where Python finds no place for temporary files at all."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "full"))
    with pytest.raises(ToolError, match="could not be made"), sandbox({"a": b""}):
        pass
