"""Git's objects: the files of a commit, and a new commit made without any work tree and without the user's index.

``git_dir`` is a repository's ``.git`` folder or a bare repository. What is written here changes no ref, so that nobody
sees it until ``git_refs`` moves a branch; what never gets that far is tidied by Git's own garbage collection.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from mlgitops.errors import ToolError
from mlgitops.tools import git as git_program
from mlgitops.tools import git_committer
from mlgitops.tools.git import Entry, entry, fed, git
from mlgitops.tools.sandbox import temporary_directory


@dataclass(frozen=True, slots=True)
class Author:
    """What a commit says besides its files: the message, and when it was made (RFC 3339; now where it is empty).

    ``parents`` are the commits that it follows, where they are not just the one whose files it changes. ``signed`` has
    it signed, by SSH or GPG as Git is configured, where ``commit.gpgSign`` is set. ``configured`` is a folder whose
    repository's settings count for that and for who commits, where they are not those of the one that is written to.
    """

    message: str
    time: str = ""
    parents: tuple[str, ...] = ()
    signed: bool = False
    configured: Path | None = None


def files(git_dir: Path, commit: str, folder: str = "") -> dict[str, Entry]:
    """Every file, link and submodule of a commit by its path, in a folder or in all; none where there is no commit.

    What is called ``folder`` but is none has the path ``folder``.
    """
    if not commit:
        return {}
    within = [folder] if folder else []
    arguments = ["ls-tree", "-r", "-l", "-z", "--full-tree", "--end-of-options", commit, *within]
    listed = git(arguments, git_dir, settings=in_directory(git_dir)).output
    entries = (entry(line) for line in listed.split(b"\0") if line)
    return {found.path: found for found in entries}


def blobs(git_dir: Path, objects: Collection[str]) -> dict[str, bytes]:
    """The contents of blobs by their object ids."""
    return git_program.blobs(git_dir, objects, in_directory(git_dir)) if objects else {}


def has_commit(git_dir: Path, commit: str) -> bool:
    """Whether the commit and its files are here."""
    arguments = ["cat-file", "-e", f"{commit}^{{tree}}"]
    return git(arguments, git_dir, accepted=(0, 1, 128), settings=in_directory(git_dir)).status == 0


def commit_time(git_dir: Path, commit: str, path: str) -> int:
    """When the last commit up to ``commit`` that changed the file was made, in seconds since 1970; 0 if none did."""
    arguments = ["log", "-1", "--format=%ct", "--end-of-options", commit, "--", path]
    return int(git(arguments, git_dir, settings=in_directory(git_dir)).output or 0)


def write_commit(git_dir: Path, parent: str, changes: Mapping[str, bytes | None], author: Author) -> str:
    """A new commit on ``parent`` (empty: on nothing) with files replaced, or removed where the content is None.

    Equal files, parent, author and time give the same commit. Empty where nothing would change. Raises ``ToolError``,
    also where a file stands in the way of a folder or the other way round.
    """
    _refuse_obstacles(git_dir, parent, [path for path, content in changes.items() if content is not None])
    tree = _write_tree(git_dir, parent, changes)
    if tree == _tree_of(git_dir, parent):
        return ""
    follows = author.parents or ((parent,) if parent else ())
    return commit_tree(git_dir, tree, replace(author, parents=follows))


def commit_tree(git_dir: Path, tree: str, author: Author) -> str:
    """A new commit of a tree (or of what another commit has, ``COMMIT^{tree}``) that follows the author's parents."""
    settings = in_directory(git_dir) | _dates(author.time)
    parents = [word for commit in author.parents for word in ("-p", commit)]
    options = git_committer.settings_of(author.configured)
    signing = ["-S"] if author.signed and git_committer.is_signing(git_dir, options) else []
    options += git_committer.identity(git_dir, options)
    arguments = [*options, "commit-tree", *signing, *parents, "-F", "-", tree]
    return fed(arguments, git_dir, author.message.encode(), settings | git_committer.keyring()).decode().strip()


def in_directory(git_dir: Path) -> dict[str, str]:
    """What makes Git take ``git_dir`` for the repository, whatever is around it."""
    return {"GIT_DIR": str(git_dir)}


def _refuse_obstacles(git_dir: Path, parent: str, written: list[str]) -> None:
    """Git's index would silently replace a file by the folder that has its name, and a folder by the file."""
    there = files(git_dir, parent)
    folders = {str(above) for path in there for above in PurePosixPath(path).parents}
    for path in written:
        obstacles = {str(above) for above in PurePosixPath(path).parents} & there.keys()
        if obstacles or path in folders:
            raise ToolError(
                f"{', '.join(obstacles) or path} is in the way of {path}", help="Remove it from the branch."
            )


def _write_tree(git_dir: Path, parent: str, changes: Mapping[str, bytes | None]) -> str:
    """The tree of ``parent`` with the changes, built in an index of its own."""
    blobs = _write_blobs(git_dir, [content for content in changes.values() if content is not None])
    absent = "0" * len(parent or "0" * 40)
    with temporary_directory() as folder:
        settings = in_directory(git_dir) | {"GIT_INDEX_FILE": f"{folder}/index"}
        git([*_PLAIN_INDEX, "read-tree", parent or "--empty"], git_dir, settings=settings)
        lines = (
            f"0 {absent}\t{path}\0" if content is None else f"100644 {blobs[content]}\t{path}\0"
            for path, content in sorted(changes.items())
        )
        fed([*_PLAIN_INDEX, "update-index", "-z", "--index-info"], git_dir, "".join(lines).encode(), settings)
        return git([*_PLAIN_INDEX, "write-tree"], git_dir, settings=settings).output.decode().strip()


# Settings of the user's that would put more beside an index than the index.
_PLAIN_INDEX = ("-c", "core.splitIndex=false", "-c", "core.sparseCheckout=false", "-c", "core.untrackedCache=false")


def _write_blobs(git_dir: Path, contents: list[bytes]) -> dict[bytes, str]:
    """Object ids by content; all are written by one process, which would otherwise be one each."""
    stream = bytearray(b"feature get-mark\n")
    for mark, content in enumerate(contents, start=1):
        stream += b"blob\nmark :%d\ndata %d\n%s\nget-mark :%d\n" % (mark, len(content), content, mark)
    written = fed(["fast-import", "--quiet"], git_dir, bytes(stream), in_directory(git_dir))
    return dict(zip(contents, written.decode("ascii").split(), strict=True))


def _tree_of(git_dir: Path, commit: str) -> str:
    if not commit:
        return ""
    arguments = ["rev-parse", "--verify", "--end-of-options", f"{commit}^{{tree}}"]
    return git(arguments, git_dir, settings=in_directory(git_dir)).output.decode().split()[-1]


def _dates(time: str) -> dict[str, str]:
    return {"GIT_AUTHOR_DATE": time, "GIT_COMMITTER_DATE": time} if time else {}
