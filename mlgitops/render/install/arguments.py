"""The command line of the controller in a pod, as ``mlgitops controller`` takes it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlgitops.render.install.installation import Installation, Signature
from mlgitops.render.install.network import PORT
from mlgitops.render.install.pod import NOTIFICATIONS_FOLDER, POD_NAME, STATE, TRUST_FILES, WEBHOOK_FILE

_KEYS: Mapping[Signature, str] = {"ssh": "--allowed-signers", "gpg": "--keyring"}


def arguments(installation: Installation) -> list[str]:
    """What the installed controller is told: each option with its value in one word."""
    return [
        "controller",
        f"--repository={installation.url}",
        f"--branch={installation.branch}",
        *_project(installation),
        *(f"--env={name}" for name in installation.environments),
        *(f"--target={name}" for name in installation.targets),
        *_manner(installation),
    ]


def once(installation: Installation, repository: str, branch: str, environment: str, target: str) -> list[str]:
    """What brings one target to the head of a branch, waits until it is ready, and fails where it is held back."""
    return [
        "controller",
        "--once",
        "--detailed-exitcode",
        f"--repository={repository}",
        f"--branch={branch}",
        *_project(installation),
        f"--env={environment}",
        f"--target={target}",
    ]


def _project(installation: Installation) -> Iterator[str]:
    if installation.root:
        yield f"--path={installation.root}"
    yield from (f"{_KEYS[kind]}={TRUST_FILES[kind]}" for kind in installation.signed)
    if installation.trust_since:
        yield f"--trust-since={installation.trust_since}"
    yield f"--state={STATE}"


def _manner(installation: Installation) -> Iterator[str]:
    """Replicas agree on a leader; a run of the CronJob remembers in the same place what the next one has to know."""
    yield f"--leader-election={installation.namespace}"
    if installation.notifications:
        yield f"--notification-urls={NOTIFICATIONS_FOLDER}"
    if installation.pull_requests:
        yield "--open-pull-requests"
    if installation.schedule:
        yield "--once"
        return
    if installation.replicas:
        yield f"--replica=$({POD_NAME})"
    yield f"--listen=:{PORT}"
    if installation.webhook:
        yield f"--webhook-secret={WEBHOOK_FILE}"
