"""Files that are written where none were: all of them or none."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from mlgitops.errors import SourceError


def in_the_way(root: Path, paths: Iterable[str]) -> list[str]:
    """Those of the paths below ``root`` at which something is already, be it a link that leads nowhere."""
    return [path for path in paths if os.path.lexists(root / path)]


def create(root: Path, files: Mapping[str, str]) -> None:
    """Writes new files, with the folders that they are in. What was written goes again where one cannot be.

    Raises ``SourceError`` where something is in the way, a folder is a link, or the disk says no.
    """
    made: list[Path] = []
    try:
        _make_folder(root, made)
        for path, content in files.items():
            _make_folders(root, Path(path).parent, made)
            with (root / path).open("x", encoding="utf-8", newline="") as file:
                made.append(root / path)
                file.write(content)
    except OSError as error:
        _take_back(made)
        raise SourceError(
            f"{error.filename} cannot be written: {error.strerror}; nothing is left of it",
            help="Move away what is in its place, or see that you may write there, then run this again.",
        ) from error
    except BaseException:
        _take_back(made)
        raise


def _make_folders(root: Path, folder: Path, made: list[Path]) -> None:
    for part in (*reversed(folder.parents), folder):
        if part.parts and (root / part).is_symlink():
            raise SourceError(
                f"{root / part} is a link, so that files would be written elsewhere", help="Remove the link."
            )
        _make_folder(root / part, made)


def _make_folder(folder: Path, made: list[Path]) -> None:
    if not folder.exists():
        _make_folder(folder.parent, made)
        folder.mkdir()
        made.append(folder)


def _take_back(made: list[Path]) -> None:
    for path in reversed(made):
        if path.is_dir():
            path.rmdir()
        else:
            path.unlink()
