"""The cache: never wrong, never needed, never in the way."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlgitops.sources import cache as cache_module
from mlgitops.sources.cache import Cache, default_directory


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def entries(directory: Path) -> list[Path]:
    return sorted(directory.iterdir())


def test_what_is_put_is_got_by_its_key_also_in_another_run(directory: Path) -> None:
    Cache(directory).put("a", b"one")
    Cache(directory).put("b", b"")
    assert Cache(directory).get("a") == b"one"
    assert Cache(directory).get("b") == b""
    assert Cache(directory).get("c") is None
    Cache(directory).put("a", b"two")
    assert Cache(directory).get("a") == b"two"


def test_the_folder_is_for_its_owner_only(directory: Path) -> None:
    Cache(directory).put("a", b"one")
    assert directory.stat().st_mode & 0o777 == 0o700
    assert entries(directory)[0].stat().st_mode & 0o077 == 0


def test_an_entry_in_another_ones_place_is_ignored_and_removed(directory: Path) -> None:
    cache = Cache(directory)
    cache.put("a", b"one")
    (one,) = entries(directory)
    cache.put("b", b"two")
    (two,) = set(entries(directory)) - {one}
    shutil.copy(one, two)
    assert cache.get("b") is None
    assert entries(directory) == [one]
    assert cache.get("a") == b"one"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(st.data(), st.binary(min_size=1, max_size=50))
def test_a_poisoned_entry_is_never_got(directory: Path, data: st.DataObject, payload: bytes) -> None:
    cache = Cache(directory)
    cache.put("a", payload)
    (entry,) = entries(directory)
    content = entry.read_bytes()
    poisoned = data.draw(
        st.integers(0, len(content) - 1).map(lambda n: content[:n])
        | st.binary(max_size=100).map(lambda tail: content + b"x" + tail)
        | st.tuples(st.integers(0, len(content) - 1), st.integers(1, 255)).map(
            lambda at: content[: at[0]] + bytes([content[at[0]] ^ at[1]]) + content[at[0] + 1 :]
        )
    )
    entry.write_bytes(poisoned)
    assert cache.get("a") is None
    assert entries(directory) == []


def test_the_folder_may_be_deleted_at_any_time(directory: Path) -> None:
    cache = Cache(directory)
    cache.put("a", b"one")
    shutil.rmtree(directory)
    assert cache.get("a") is None
    cache.put("a", b"one")
    assert cache.get("a") == b"one"


def test_what_cannot_be_written_is_not_kept_and_leaves_nothing(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = Cache(directory)
    cache.put("a", b"one")

    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    cache.put("b", b"two")
    assert len(entries(directory)) == 1
    assert cache.get("b") is None


@pytest.mark.parametrize("place", ["/dev/null/cache", "/proc/cache"])
def test_a_place_that_cannot_be_made_is_no_error(place: str) -> None:
    cache = Cache(Path(place))
    cache.put("a", b"one")
    assert cache.get("a") is None


def test_no_directory_means_no_cache() -> None:
    cache = Cache(None)
    cache.put("a", b"one")
    assert cache.get("a") is None


def test_a_folder_that_others_may_write_to_is_not_used(directory: Path) -> None:
    cache = Cache(directory)
    cache.put("a", b"one")
    directory.chmod(0o770)
    assert cache.get("a") is None
    cache.put("b", b"two")
    assert len(entries(directory)) == 1


def test_a_link_in_the_folders_place_is_not_used(directory: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    directory.symlink_to(tmp_path / "elsewhere")
    Cache(directory).put("a", b"one")
    assert entries(tmp_path / "elsewhere") == []


def test_the_oldest_entries_go_when_there_are_too_many(directory: Path) -> None:
    cache = Cache(directory, max_bytes=1000)
    for number in range(9):
        cache.put(str(number), b"x" * 68)  # 100 bytes with the checksum
        for entry in entries(directory):
            if entry.stat().st_mtime > 1000:
                os.utime(entry, (number, number))
    assert len(entries(directory)) == 9
    cache.put("9", b"x" * 168)
    assert [number for number in range(10) if cache.get(str(number)) is None] == [0, 1, 2, 3]


def test_entries_of_earlier_runs_count(directory: Path) -> None:
    for number in range(30):
        Cache(directory, max_bytes=1000).put(str(number), b"x" * 68)
    assert sum(entry.stat().st_size for entry in entries(directory)) <= 1000


def test_an_entry_that_is_too_large_is_not_kept(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache_module, "MAX_ENTRY_BYTES", 3)
    Cache(directory).put("a", b"four")
    assert not directory.exists()


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"XDG_CACHE_HOME": "/x", "HOME": "/h"}, Path("/x/mlgitops/1.0")),
        ({"HOME": "/h"}, Path("/h/.cache/mlgitops/1.0")),
        ({"XDG_CACHE_HOME": "relative", "HOME": "/h"}, Path("/h/.cache/mlgitops/1.0")),
        ({"HOME": "relative"}, None),
        ({}, None),
    ],
)
def test_the_default_place_follows_the_desktop_convention(environment: dict[str, str], expected: Path | None) -> None:
    assert default_directory(environment, "1.0") == expected
