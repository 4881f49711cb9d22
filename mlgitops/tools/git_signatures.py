"""Who signed commits, judged by keys that are given: a file of allowed SSH keys, a keyring of GnuPG.

Git checks the signatures. What it leaves open is settled here: which kind of key signed (its word for an SSH key that
nobody allowed is the same as for a GPG key without an owner's trust), and whether an SSH key is still allowed today
(Git asks whether it was when the commit says it was made, which whoever holds an old key may write as he likes).
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mlgitops.errors import SourceError
from mlgitops.tools import git as git_program
from mlgitops.tools.git import git
from mlgitops.tools.git_objects import in_directory
from mlgitops.tools.process import Limits, run

SSH = "an SSH key"
GPG = "a GPG key"
OTHER = "a certificate"

_LIMITS = Limits(timeout=600, output=64 << 20)
_FORM = "--format=tformat:%H%x00%G?%x00%GF"  # not %GT, which has Git 2.39 crash where a key is missing
_HEADERS = (b"gpgsig ", b"gpgsig-sha256 ")
_KINDS = {
    b"-----BEGIN SSH SIGNATURE-----": SSH,
    b"-----BEGIN PGP SIGNATURE-----": GPG,
    b"-----BEGIN PGP MESSAGE-----": GPG,
}
_KEYRINGS = ("pubring.kbx", "pubring.gpg")
_LETTERS = {
    "B": "has a bad signature",
    "X": "has a signature that has expired",
    "Y": "is signed by a key that has expired",
    "R": "is signed by a key that was revoked",
    "E": "is signed by a key that is not trusted",
}


@dataclass(frozen=True, slots=True)
class Keys:
    """Whose signatures count.

    ``signers`` is a file of allowed SSH keys, as ``gpg.ssh.allowedSignersFile``. ``keyring`` is GnuPG's: its home
    directory, or a file of exported public keys; every key in it counts, whatever its owner's trust. Without either
    nobody's do.
    """

    signers: Path | None = None
    keyring: Path | None = None


@dataclass(frozen=True, slots=True)
class Signed:
    """A commit and ``problem``: why its signature does not count, as the end of a sentence; empty where it does."""

    commit: str
    problem: str


def signatures(git_dir: Path, base: str, head: str, keys: Keys) -> list[Signed]:
    """The commits on the first-parent way from ``base`` (not among them) to ``head``, oldest first.

    Without a ``base``, ``head`` alone. Raises ``SourceError`` where the keys cannot be read, and ``ToolError``.
    """
    with _Judge(git_dir, keys).ready() as judge:
        return [Signed(commit, judge.problem(*about)) for commit, about in judge.read(base, head)]


class _Judge:
    """Reads signatures with nothing but the given keys at hand."""

    def __init__(self, git_dir: Path, keys: Keys) -> None:
        self._git_dir = git_dir
        self._signers = _readable(keys.signers)
        self._keyring = _readable(keys.keyring)
        self._home = Path()
        self._valid: dict[str, bool] = {}

    @contextmanager
    def ready(self) -> Iterator[_Judge]:
        """With a home for GnuPG that holds the keyring, or none: never the user's own."""
        with tempfile.TemporaryDirectory(prefix="mlgitops-") as folder:
            self._home = Path(folder)
            if self._keyring and self._keyring.is_dir():
                self._home = _copied(self._keyring, self._home)
            elif self._keyring:
                _import(self._keyring, folder)
            yield self

    def read(self, base: str, head: str) -> list[tuple[str, tuple[str, str, Sequence[bytes]]]]:
        """Each commit, oldest first, with Git's letter, the key's fingerprint, and its signatures."""
        within = ["--end-of-options", head, f"^{base}"] if base else ["-1", "--end-of-options", head]
        settings = ["-c", f"gpg.ssh.allowedSignersFile={self._signers or '/dev/null'}"]
        for program in ("gpg.program=gpg", "gpg.openpgp.program=gpg", "gpg.ssh.program=ssh-keygen"):
            settings += ["-c", program]
        plain = ["--no-color", "--no-show-signature", "--no-patch", "--first-parent", "--reverse", _FORM]
        command = [*settings, "log", "-z", *plain, *within]
        environment = in_directory(self._git_dir) | {"GNUPGHOME": str(self._home)}
        words = git(command, self._git_dir, settings=environment, limits=_LIMITS).output.decode().split("\0")[:-1]
        lines = [words[at : at + 3] for at in range(0, len(words), 3)]
        contents = git_program.blobs(self._git_dir, {line[0] for line in lines}, in_directory(self._git_dir))
        return [(id, (letter, key, _signatures(contents[id], len(id)))) for id, letter, key in lines]

    def problem(self, letter: str, key: str, found: Sequence[bytes]) -> str:
        """Why a signature does not count; empty where it does."""
        if len(found) != 1:
            return "has several signatures" if found else "is not signed"
        kind = next((kind for start, kind in _KINDS.items() if found[0].startswith(start)), OTHER)
        asked = {SSH: self._signers, GPG: self._keyring}.get(kind)
        if asked is None:
            return f"is signed by {kind}, and none is trusted"
        if letter in _LETTERS:
            return _LETTERS[letter]
        if letter != "G" and (kind, letter) != (GPG, "U"):
            return f"is signed by a key that is not trusted ({key or 'unknown'})"
        if kind == SSH and not self._is_valid_today(key, found[0]):
            return f"is signed by a key that is not valid today ({key})"
        return ""

    def _is_valid_today(self, key: str, signature: bytes) -> bool:
        if key not in self._valid:
            with tempfile.NamedTemporaryFile(prefix="mlgitops-", suffix=".sig") as file:
                file.write(signature)
                file.flush()
                asked = ["-Y", "find-principals", "-s", file.name, "-f", str(self._signers)]
                self._valid[key] = _program(["ssh-keygen", *asked], Path(file.name).parent) == 0
        return self._valid[key]


def _readable(path: Path | None) -> Path | None:
    """The path from the root, where it can be read. Raises ``SourceError``."""
    if path is None:
        return None
    try:
        next(path.iterdir(), None) if path.is_dir() else path.read_bytes()
    except OSError as error:
        raise _unreadable(path, error) from error
    return path.absolute()


def _unreadable(path: Path, error: OSError) -> SourceError:
    return SourceError(
        f"the trusted keys in {path} cannot be read: {error.strerror}",
        help="name a file of keys that is there; without it no commit is accepted",
    )


def _signatures(commit: bytes, digits: int) -> list[bytes]:
    """What stands in the headers of a commit that sign its object id, which has so many digits."""
    header = _HEADERS[digits != 40]
    head = re.sub(rb"\n ", b"\0", commit.partition(b"\n\n")[0])
    lines = (line for line in head.split(b"\n") if line.startswith(header))
    return [line.removeprefix(header).replace(b"\0", b"\n") + b"\n" for line in lines]


def _copied(keyring: Path, home: Path) -> Path:
    """A home with the same keys: GnuPG writes beside them, which in a mounted volume it could not.

    The keyring itself, where GnuPG keeps its keys in another way.
    """
    files = [keyring / name for name in _KEYRINGS if (keyring / name).is_file()]
    try:
        for file in files:
            shutil.copyfile(file, home / file.name)
    except OSError as error:
        raise _unreadable(keyring, error) from error
    return home if files else keyring


def _import(keys: Path, home: str) -> None:
    options = ["--batch", "--no-tty", "--quiet", "--no-autostart", "--homedir", home]
    if _program(["gpg", *options, "--import", str(keys)], Path(home)):
        raise SourceError(f"{keys} holds no GPG keys", help="write it by gpg --export --armor KEY...")


def _program(command: Sequence[str], directory: Path) -> int:
    return run(command, directory=directory, environment=git_program.environment(), limits=_LIMITS).status
