"""A kubeconfig, and what it would have us do for its credentials: run a program, read a file, act as somebody else.

That is the user's own business where the file is the user's own. A file within the project can come with anybody's
change to it. So it runs nothing there, and reads nothing from elsewhere, which it could send to a server of its choice.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlgitops.errors import NotAuthorisedError, TargetError

_PROGRAMS = ("exec", "auth-provider")
_FILES = ("tokenFile", "client-certificate", "client-key")


@dataclass(frozen=True, slots=True)
class User:
    """What a context's user needs: a program by its name, files, and whom it acts as; empty where it needs none."""

    program: str = ""
    files: tuple[Path, ...] = ()
    acts_as: str = ""


def locate(path: str | None, root: Path) -> str:
    """The kubeconfig to read, perhaps several joined by a colon. Raises ``TargetError`` where there is none."""
    if path is None:
        found = os.environ.get("KUBECONFIG") or "~/.kube/config"
        names = os.pathsep.join(str(Path(name).expanduser()) for name in found.split(os.pathsep) if name)
    else:
        names = str(Path(path).expanduser() if path.startswith("~/") else root / path)
    if not any(Path(name).is_file() for name in names.split(os.pathsep)):
        raise TargetError(
            f"there is no kubeconfig {names}", help="Set KUBECONFIG, or connection.kubernetes.kubeconfig in the target."
        )
    return names


def user_of(path: str, context: str | None) -> User:
    """The user of a context, by the kubernetes package. Raises what the package raises for a file that is wrong."""
    from kubernetes.config.kube_config import KubeConfigMerger

    merged = KubeConfigMerger(path).config  # type: ignore[no-untyped-call]
    chosen = merged["contexts"].get_with_name(context or merged["current-context"])["context"]
    entry = merged["users"].get_with_name(chosen["user"], safe=True) if chosen.safe_get("user") else None
    found = entry.value.get("user") if entry else None
    if entry is None or not isinstance(found, dict):
        return User()
    folder = Path(entry.path or path).parent
    files = tuple(folder / str(found[name]) for name in _FILES if found.get(name))
    return User(_program(found), files, str(found.get("as") or ""))


def refuse(user: User, path: str, settings: Mapping[str, Any], root: Path, *, unattended: bool) -> None:
    """Raises ``NotAuthorisedError`` for what must not be done for its credentials, or cannot be."""
    inside = any(_is_within(Path(part), root) for part in path.split(os.pathsep))
    if inside and user.program:
        raise _refused(
            f"wants to run '{user.program}'",
            "A kubeconfig within the project may not run programs; keep it in the home directory.",
        )
    outside = [file for file in user.files if inside and not _is_within(file, root)]
    if outside:
        raise _refused(
            f"reads {outside[0]}",
            "A kubeconfig within the project may read nothing outside it; keep it in the home directory.",
        )
    if unattended and user.program and user.program not in (settings.get("execPlugins") or ()):
        raise _refused(
            f"wants to run '{user.program}'",
            "Name it in the target's connection.kubernetes.execPlugins to allow it.",
        )
    if user.acts_as and not settings.get("impersonate"):
        raise _refused(
            f"acts as '{user.acts_as}', which is not read from there",
            "Set connection.kubernetes.impersonate in the target.",
        )


def _refused(what: str, help: str) -> NotAuthorisedError:
    return NotAuthorisedError(f"the kubeconfig {what}", help=help)


def _is_within(path: Path, root: Path) -> bool:
    return path.resolve().is_relative_to(root.resolve())


def _program(user: Mapping[str, Any]) -> str:
    given = {kind: user[kind] for kind in _PROGRAMS if kind in user}
    if "exec" in given:
        return os.path.basename(str((given["exec"] or {}).get("command", "exec")))  # noqa: PTH119
    return str((given["auth-provider"] or {}).get("name", "auth-provider")) if given else ""
