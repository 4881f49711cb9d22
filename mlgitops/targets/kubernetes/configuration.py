"""How a cluster is reached: kubeconfig, context or the pod's own account, as the kubernetes package reads them.

A kubeconfig can name a program that is run for credentials. That is the user's own business where the file is the
user's own. A file within the project can come with anybody's change to it, so that there it is never run.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlgitops.errors import NotAuthorisedError, TargetError
from mlgitops.targets.kubernetes.plain import PlainConfiguration, plain

if TYPE_CHECKING:
    from kubernetes.client import Configuration

_PROGRAMS = ("exec", "auth-provider")
_LONGEST_REASON = 300


def load(settings: Mapping[str, Any], root: Path, *, unattended: bool = False) -> Configuration | PlainConfiguration:
    """The configuration for a Target's ``connection.kubernetes``, with fresh credentials, by the kubernetes package.

    A plain kubeconfig is read without it.

    ``unattended`` runs only credential plugins that ``execPlugins`` names. Raises ``TargetError`` and
    ``NotAuthorisedError``.
    """
    if not settings.get("inCluster"):
        found = plain(kubeconfig(settings.get("kubeconfig"), root), settings.get("context"))
        if found is not None:
            return found
    from kubernetes.client import Configuration
    from kubernetes.config import load_incluster_config, load_kube_config

    configuration = Configuration()
    with _wrapped():
        if settings.get("inCluster"):
            load_incluster_config(client_configuration=configuration)  # type: ignore[no-untyped-call]
            return configuration
        path = kubeconfig(settings.get("kubeconfig"), root)
        refused = _refused_program(path, settings, root, unattended)
        if refused:
            raise NotAuthorisedError(f"the kubeconfig wants to run '{refused[0]}'", help=refused[1])
        load_kube_config(  # type: ignore[no-untyped-call]
            path, settings.get("context"), client_configuration=configuration, persist_config=False
        )
    return configuration


def kubeconfig(path: str | None, root: Path) -> str:
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


def _refused_program(path: str, settings: Mapping[str, Any], root: Path, unattended: bool) -> tuple[str, str] | None:
    """The program that the kubeconfig would run although it must not, and what to do; None where all is well."""
    name = _program(path, settings.get("context"))
    if not name:
        return None
    inside = any(Path(part).resolve().is_relative_to(root.resolve()) for part in path.split(os.pathsep))
    if inside:
        return name, "A kubeconfig within the project may not run programs; keep it in the home directory."
    if unattended and name not in (settings.get("execPlugins") or ()):
        return name, "Name it in the target's connection.kubernetes.execPlugins to allow it."
    return None


def _program(path: str, context: str | None) -> str:
    """The name of the program that the context's user needs for credentials; empty where it needs none."""
    from kubernetes.config.kube_config import KubeConfigMerger

    merged = KubeConfigMerger(path).config  # type: ignore[no-untyped-call]
    chosen = merged["contexts"].get_with_name(context or merged["current-context"])["context"]
    user = merged["users"].get_with_name(chosen["user"], safe=True) if chosen.safe_get("user") else None
    found = user.value.get("user") if user else None
    given = {kind: found[kind] for kind in _PROGRAMS if kind in found} if isinstance(found, dict) else {}
    if "exec" in given:
        return os.path.basename(str((given["exec"] or {}).get("command", "exec")))  # noqa: PTH119
    return str((given["auth-provider"] or {}).get("name", "auth-provider")) if given else ""


@contextmanager
def _wrapped() -> Iterator[None]:
    import yaml
    from kubernetes.config import ConfigException

    try:
        yield
    except ConfigException as error:
        reason = str(error).partition("\n")[0][:_LONGEST_REASON]
        kind = NotAuthorisedError if reason.startswith("exec:") else TargetError
        raise kind(f"the cluster's configuration cannot be used: {reason}") from error
    except (OSError, yaml.YAMLError, AttributeError, TypeError, ValueError) as error:
        raise TargetError(
            f"the kubeconfig cannot be read: {type(error).__name__}", help="Try kubectl config view."
        ) from error
