"""The pod in which mlgitops runs in a cluster: one container of the restricted profile, and what is mounted. Pure.

Credentials are references to Secrets that somebody else makes:

    mlgitops-git         ``credentials``: lines of https://USER:TOKEN@HOST, or ``identity`` and ``known_hosts`` for SSH
    mlgitops-kubeconfig  ``config``: how the hub reaches its clusters
    mlgitops-webhook     ``secret``: what the forge signs its webhooks with
    mlgitops-notifications
                         the addresses of notifications, each under the name that its ``urlFrom`` says
    mlgitops-trust       ``allowed_signers`` or ``keyring``, in a ConfigMap, since public keys are no secret: whose
                         commits are followed, where they have to be signed

The service account's token is mounted into this one container, and not by the cluster's default, which would give it to
every container of the pod. kustomize, which is all that runs on the contents of a commit, gets none of the container's
environment and reads no file outside of the directory that it is given.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from mlgitops.manifest import Manifest
from mlgitops.render.install.installation import Installation, made

COMMAND = ["mlgitops"]
USER = 65534
STATE = "/var/lib/mlgitops"
"""The mirror of the repository, the cache, and what the controller remembers. Losing it costs time only, unless the
repository's host is away: without its mirror the controller knows of no commit."""
STATE_VOLUME, STATE_CLAIM = "state", "mlgitops-controller-state"
SECURITY_CONTEXT: dict[str, Any] = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "privileged": False,
    "readOnlyRootFilesystem": True,
}
POD_SECURITY_CONTEXT: dict[str, Any] = {
    "runAsNonRoot": True,
    "runAsUser": USER,
    "runAsGroup": USER,
    "fsGroup": USER,
    "seccompProfile": {"type": "RuntimeDefault"},
}
RESOURCES: dict[str, Any] = {
    # kustomize, which runs beside the controller, may take as much again as the controller at 10,000 objects.
    "requests": {"cpu": "200m", "memory": "512Mi", "ephemeral-storage": "1Gi"},
    "limits": {"memory": "2Gi", "ephemeral-storage": "4Gi"},
}
GIT, GIT_CONFIG = "mlgitops-git", "mlgitops-git-config"
KUBECONFIG, TRUST, WEBHOOK = "mlgitops-kubeconfig", "mlgitops-trust", "mlgitops-webhook"
NOTIFICATIONS = "mlgitops-notifications"
_TOKEN = "/var/run/secrets/kubernetes.io/serviceaccount"  # noqa: S105 - where every client looks for it
_TOKEN_SECONDS = 3607
"""As the cluster's own default has it; the kubelet renews a token at four fifths of its time."""
_READ_ONLY = 0o440
_ETC = "/etc/mlgitops"

_GIT_ENVIRONMENT = {
    "HOME": f"{STATE}/home",
    "TMPDIR": "/tmp",  # noqa: S108 - a volume of the pod's own
    "XDG_CONFIG_HOME": f"{_ETC}/config",
}
_ENVIRONMENT = {
    **_GIT_ENVIRONMENT,
    # Each thread's arena of glibc keeps what it once took, and there is a thread for each target that is worked on.
    "MALLOC_ARENA_MAX": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONUNBUFFERED": "1",
    "XDG_CACHE_HOME": f"{STATE}/cache",
}
WEBHOOK_FILE = f"{_ETC}/webhook/secret"
NOTIFICATIONS_FOLDER = f"{_ETC}/notifications"
TRUST_FILES = {"ssh": f"{_ETC}/trust/allowed_signers", "gpg": f"{_ETC}/trust/keyring"}
"""The file of the keys of each kind that can sign commits."""
POD_NAME = "POD_NAME"
"""The variable with the pod's name, which is that of a replica that shares its work."""

_GIT_CONFIG = f"""\
[credential]
    helper = store --file={_ETC}/git/credentials
[core]
    sshCommand = ssh -F none -i {_ETC}/git/identity -o IdentitiesOnly=yes -o BatchMode=yes \
-o StrictHostKeyChecking=yes -o UserKnownHostsFile={_ETC}/git/known_hosts
"""


def git_config(installation: Installation) -> Manifest:
    """Where Git finds its credentials, as a ConfigMap: it says where they are, and holds none."""
    return made(installation, "v1", "ConfigMap", "settings", GIT_CONFIG, data={"config": _GIT_CONFIG})


def own_kubeconfig(installation: Installation, context: str | None) -> Manifest:
    """A kubeconfig by which a Target's context, or the current one, is the cluster that the pod runs in."""
    name = context or "own"
    cluster = {"server": "https://kubernetes.default.svc", "certificate-authority": f"{_TOKEN}/ca.crt"}
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": name, "cluster": cluster}],
        "users": [{"name": name, "user": {"tokenFile": f"{_TOKEN}/token"}}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
        "current-context": name,
    }
    text = orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()
    return made(installation, "v1", "ConfigMap", "settings", KUBECONFIG, data={"config": text})


def volumes(installation: Installation, *, token: bool = True) -> list[dict[str, Any]]:
    """The volumes behind the mounts."""
    found = [
        *_state(installation),
        {"name": "tmp", "emptyDir": {"sizeLimit": "1Gi"}},
        # Optional, since a public repository needs none.
        _secret("git", GIT, optional=True),
        {"name": "git-config", "configMap": {"name": GIT_CONFIG}},
    ]
    if (source := kubeconfig(installation)) is not None:
        found.append(source)
    if installation.signed:
        found.append({"name": "trust", "configMap": {"name": TRUST}})
    if installation.webhook:
        found.append(_secret("webhook", WEBHOOK))
    if installation.notifications:
        found.append(_secret("notifications", NOTIFICATIONS))
    return [*found, _token()] if token else found


def _state(installation: Installation) -> list[dict[str, Any]]:
    """The volume of the state, but for a StatefulSet that keeps it: that makes one for each pod."""
    if not installation.state_size:
        return [{"name": STATE_VOLUME, "emptyDir": {"sizeLimit": "2Gi"}}]
    if installation.schedule:
        return [{"name": STATE_VOLUME, "persistentVolumeClaim": {"claimName": STATE_CLAIM}}]
    return []


def state_claim(installation: Installation) -> dict[str, Any]:
    """What is claimed of the cluster's usual storage, for one node at a time."""
    storage = {"storage": installation.state_size}
    return {"accessModes": ["ReadWriteOnce"], "resources": {"requests": storage}}


def kubeconfig(installation: Installation) -> dict[str, Any] | None:
    """The volume with the kubeconfig; None where no Target asks for one."""
    if all(cluster.is_own for cluster in installation.clusters):
        return None
    if installation.mode == "pull":
        return {"name": "kubeconfig", "configMap": {"name": KUBECONFIG}}
    return _secret("kubeconfig", KUBECONFIG)


def container(
    installation: Installation, arguments: Sequence[str], *, token: bool = True, **more: Any
) -> dict[str, Any]:
    """The container, which runs mlgitops with these arguments, with or without the account's token."""
    found = _git_mounts()
    variables = dict(_ENVIRONMENT)
    if kubeconfig(installation):
        found.append(_mount("kubeconfig", f"{_ETC}/kubeconfig"))
        variables["KUBECONFIG"] = f"{_ETC}/kubeconfig/config"
    if installation.signed:
        found.append(_mount("trust", f"{_ETC}/trust"))
    if installation.webhook:
        found.append(_mount("webhook", f"{_ETC}/webhook"))
    if installation.notifications:
        found.append(_mount("notifications", NOTIFICATIONS_FOLDER))
    if token:
        found.append(_mount("token", _TOKEN))
    own = {"name": "controller", "command": COMMAND, "args": list(arguments), **more}
    made = {**_container(installation, variables), **own, "volumeMounts": found}
    if installation.replicas:
        made["env"].append({"name": POD_NAME, "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}})
    return made


def git_container(installation: Installation, name: str, arguments: Sequence[str]) -> dict[str, Any]:
    """A container that runs Git, which sees nothing but the repository's credentials."""
    variables = {**_GIT_ENVIRONMENT, "GIT_ALLOW_PROTOCOL": "https:ssh", "GIT_TERMINAL_PROMPT": "0"}
    own = {"name": name, "command": ["git"], "args": list(arguments), "volumeMounts": _git_mounts()}
    return {**_container(installation, variables), **own}


def _container(installation: Installation, variables: Mapping[str, str]) -> dict[str, Any]:
    return {
        "image": installation.image,
        "imagePullPolicy": "IfNotPresent",
        "env": [{"name": name, "value": value} for name, value in sorted(variables.items())],
        "resources": RESOURCES,
        "securityContext": SECURITY_CONTEXT,
    }


def _git_mounts() -> list[dict[str, Any]]:
    """The state and temporary files, which alone can be written to, and what Git needs to be let in."""
    found = [_mount(STATE_VOLUME, STATE, writable=True), _mount("tmp", "/tmp", writable=True)]  # noqa: S108
    return [*found, _mount("git", f"{_ETC}/git"), _mount("git-config", f"{_ETC}/config/git")]


def _mount(name: str, path: str, *, writable: bool = False) -> dict[str, Any]:
    return {"name": name, "mountPath": path, **({} if writable else {"readOnly": True})}


def _secret(name: str, secret: str, *, optional: bool = False) -> dict[str, Any]:
    source: dict[str, Any] = {"secretName": secret, "defaultMode": _READ_ONLY}
    return {"name": name, "secret": {**source, "optional": True} if optional else source}


def _token() -> dict[str, Any]:
    """The account's token, the authority of the API server, and the namespace, where clients look for them."""
    namespace = {"path": "namespace", "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}}
    sources = [
        {"serviceAccountToken": {"path": "token", "expirationSeconds": _TOKEN_SECONDS}},
        {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
        {"downwardAPI": {"items": [namespace]}},
    ]
    return {"name": "token", "projected": {"sources": sources, "defaultMode": _READ_ONLY}}
