"""The digest of a model's files: the one that model-signing gives a directory, of whole files by SHA-256.

Each file is hashed by itself. The digests, as bytes and in the order of the files' paths (by parts, so that ``a/b``
comes before ``a.txt``), are hashed once more. Names do not count but for the order: a signature, which lists them,
binds them. A model of one file has the digest of its digest as well.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from mlgitops.errors import SourceError

_CHUNK = 1 << 20
_IGNORED = frozenset({".git", ".gitattributes", ".github", ".gitignore"})


def digest_of(files: Iterable[tuple[str, Iterable[bytes]]]) -> str:
    """The digest of files, each a path relative to the model and its content in parts."""
    each = {PurePosixPath(name).parts: _hashed(parts) for name, parts in files}
    whole = hashlib.sha256(b"".join(each[path] for path in sorted(each)))
    return f"sha256:{whole.hexdigest()}"


def directory_digest(root: Path) -> str:
    """The digest of a directory's files, or of one file.

    What belongs to Git is left out. Raises ``SourceError`` for links, which could lead anywhere, for what is no file,
    and where there is none.
    """
    try:
        paths = [root] if root.is_file() else sorted(root.rglob("*"))
        files = {_relative(path, root): path for path in paths if path == root or not _is_ignored(path, root)}
        odd = [path for path in files.values() if path.is_symlink() or not (path.is_file() or path.is_dir())]
        if odd:
            raise SourceError(f"{odd[0]} is a link or no file", help="Put the file itself there.")
        contents = {name: path for name, path in files.items() if path.is_file()}
        if not contents:
            raise SourceError(f"there is no file in {root}", help="Name the directory that holds the model's files.")
        return digest_of((name, _read(path)) for name, path in contents.items())
    except OSError as error:
        raise SourceError(
            f"{root} cannot be read: {error.strerror}", help="Name a directory that you may read."
        ) from error


def _relative(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix()


def _is_ignored(path: Path, root: Path) -> bool:
    return path.relative_to(root).parts[0] in _IGNORED


def _read(path: Path) -> Iterable[bytes]:
    with path.open("rb") as file:
        while part := file.read(_CHUNK):
            yield part


def _hashed(parts: Iterable[bytes]) -> bytes:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return digest.digest()
