"""How a cluster is reached: kubeconfig, context or the pod's own account, as the kubernetes package reads them."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import urllib3

from mlgitops.errors import NotAuthorisedError, TargetError
from mlgitops.targets.kubernetes import kubeconfig
from mlgitops.targets.kubernetes.plain import PlainConfiguration, plain

if TYPE_CHECKING:
    from kubernetes.client import Configuration

_LONGEST_REASON = 300
_WRITTEN_SECONDS = 1.0


def load(settings: Mapping[str, Any], root: Path, *, unattended: bool = False) -> Configuration | PlainConfiguration:
    """The configuration for a Target's ``connection.kubernetes``, with fresh credentials, by the kubernetes package.

    A plain kubeconfig is read without it.

    ``unattended`` runs only credential plugins that ``execPlugins`` names. Raises ``TargetError`` and
    ``NotAuthorisedError``.
    """
    if settings.get("inCluster"):
        return _in_cluster()
    path = kubeconfig.locate(settings.get("kubeconfig"), root)
    found = plain(path, settings.get("context"))
    if found is not None:
        return found
    with _wrapped("Try kubectl config view."):
        user = kubeconfig.user_of(path, settings.get("context"))
        kubeconfig.refuse(user, path, settings, root, unattended=unattended)
        return _loaded(path, settings.get("context"), user.program)


def _in_cluster() -> Configuration:
    from kubernetes.client import Configuration
    from kubernetes.config import load_incluster_config

    configuration = Configuration()
    with _wrapped("inCluster is for a pod with a service account; elsewhere name a context or a kubeconfig."):
        load_incluster_config(client_configuration=configuration)  # type: ignore[no-untyped-call]
    return configuration


def _loaded(path: str, context: str | None, program: str) -> Configuration:
    """The package's own reading. A ``program`` that fails it only logs, and would go on as nobody."""
    from kubernetes.client import Configuration
    from kubernetes.config import load_kube_config

    configuration = Configuration()
    with _heard() as said:
        load_kube_config(  # type: ignore[no-untyped-call]
            path, context, client_configuration=configuration, persist_config=False
        )
    if program and not (configuration.api_key or configuration.cert_file):
        reason = " ".join(" ".join(said).split())[:_LONGEST_REASON]
        raise NotAuthorisedError(
            f"the program '{program}' gave no credentials" + (f": {reason}" if reason else ""),
            help="Run it by itself, or log in again.",
        )
    _await_files(configuration)
    if not configuration.verify_ssl:  # insecure-skip-tls-verify: who wrote it knows, without a warning a request
        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
    return configuration


def _await_files(configuration: Configuration) -> None:
    """Waits for certificates that another thread is about to write: the package shares its files before they are full.

    As late as kubernetes 37, its ``_create_temp_file_with_content`` remembers a file's name and only then writes it.
    """
    given = (configuration.ssl_ca_cert, configuration.cert_file, configuration.key_file)
    deadline = time.monotonic() + _WRITTEN_SECONDS
    for path in (Path(name) for name in given if name):
        while path.is_file() and not path.stat().st_size and time.monotonic() < deadline:
            time.sleep(0.01)


@contextmanager
def _heard() -> Iterator[list[str]]:
    """What the package logs meanwhile in this thread, which else it would print."""
    said: list[str] = []

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.thread == threading.get_ident():
                said.append(record.getMessage())

    listener = Listener(logging.ERROR)
    logging.getLogger().addHandler(listener)
    try:
        yield said
    finally:
        logging.getLogger().removeHandler(listener)


@contextmanager
def _wrapped(help: str) -> Iterator[None]:
    import yaml
    from kubernetes.config import ConfigException

    try:
        yield
    except ConfigException as error:
        reason = str(error).partition("\n")[0][:_LONGEST_REASON]
        raise TargetError(f"the cluster's configuration cannot be used: {reason}", help=help) from error
    except (OSError, yaml.YAMLError, AttributeError, TypeError, ValueError) as error:
        raise TargetError(f"the kubeconfig cannot be read: {type(error).__name__}", help=help) from error
