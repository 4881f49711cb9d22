"""The registration: the last step of a run, which opens the pull request that brings the new release. Pure.

It runs ``mlgitops release`` in a clone of the repository, with arguments alone and no shell, under an account of its
own, which may nothing but report how it ended.
"""

from __future__ import annotations

from typing import Any

from mlgitops.manifest import Manifest
from mlgitops.render.argo import retry_strategy
from mlgitops.render.container import SECURITY_CONTEXT
from mlgitops.render.metadata import object_metadata
from mlgitops.render.own_steps import FOLDER, own_fields, own_image, release_version
from mlgitops.render.service_account import service_account_name
from mlgitops.render.step_container import inputs
from mlgitops.render.tags import in_template
from mlgitops.spec.outcome import Author, Registration
from mlgitops.spec.placeholders import REGISTRATION_STEP, output_uses
from mlgitops.spec.resolved import ResolvedPipeline

EVIDENCE_FILE = f"{FOLDER}/evidence.json"
CREDENTIALS_FILE = f"{FOLDER}/login/credentials"
GIT_CONFIG_FILE = f"{FOLDER}/git/config"
"""Where Git looks for it, by ``XDG_CONFIG_HOME``, which mlgitops hands on to Git (``tools/git.py``)."""
WORK = "/work"
REPOSITORY = f"{WORK}/repository"
_HELPER = f"store --file={CREDENTIALS_FILE}"
_RETRIES = 2
"""How often it is tried again: the same release gives the same pull request, however often it is asked for."""
_RELEASE = ("digest", "framework", "image", "source_commit", "data_digest", "reference", "trained_at")


def registration_name(resolved: ResolvedPipeline) -> str:
    """The account under which the release is proposed."""
    return f"{service_account_name(resolved)}-registration"


def account(resolved: ResolvedPipeline) -> Manifest:
    """The registration's account, which has no identity of the cloud."""
    metadata = object_metadata(resolved, registration_name(resolved), component="access")
    return {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata}


def template(resolved: ResolvedPipeline, registration: Registration) -> None:
    """Adds the template to the workflow whose context is open."""
    from hera.workflows import Container, Parameter, RawArtifact, models

    evidence = "{{inputs.parameters.evidence}}"
    brought = [RawArtifact(name="evidence", path=EVIDENCE_FILE, data=evidence)] if resolved.spec.evaluation else []
    Container(
        name=REGISTRATION_STEP,
        inputs=[
            *([Parameter(name="evidence")] if brought else []),
            *inputs(output_uses(registration)),
            RawArtifact(name="git-config", path=GIT_CONFIG_FILE, data=git_config(registration.author)),
            *brought,
        ],
        args=_release(resolved, registration),
        env=[models.EnvVar(name="HOME", value=WORK), models.EnvVar(name="XDG_CONFIG_HOME", value=FOLDER)],
        init_containers=[models.UserContainer.model_validate(clone(own_image(resolved), registration.repository))],
        volumes=_volumes(registration),
        service_account_name=registration_name(resolved),
        retry_strategy=models.RetryStrategy.model_validate(retry_strategy(_RETRIES)),
        **own_fields(resolved),
    )


def _release(resolved: ResolvedPipeline, registration: Registration) -> list[str]:
    """The arguments of ``mlgitops release``. None of them can be taken for an option, whatever a step left behind."""
    said = {name: getattr(registration, name) for name in _RELEASE}
    options = {
        "env": resolved.place.environment,
        "version": release_version(resolved),
        "artifact": in_template(registration.artifact),
        **{name.replace("_", "-"): in_template(text) for name, text in said.items() if text},
        "training-run": f"{resolved.place.namespace}/{{{{workflow.name}}}}",
        **({"evidence-from": EVIDENCE_FILE} if resolved.spec.evaluation else {}),
        "root": f"{REPOSITORY}/{registration.path}" if registration.path else REPOSITORY,
    }
    written = [f"--{name}={value}" for name, value in options.items()]
    return ["release", resolved.spec.model or "", *written, "--no-cache"]


def git_config(author: Author) -> str:
    """Git's settings: where the login is, and whom the commit is by."""
    return f'[credential]\n\thelper = {_HELPER}\n[user]\n\tname = "{author.name}"\n\temail = "{author.email}"\n'


def clone(image: str, repository: str) -> dict[str, Any]:
    """The container that clones, with the whole history: whether a version was used before is told from it."""
    mounts = [{"name": "work", "mountPath": WORK}, {"name": "login", "mountPath": CREDENTIALS_FILE.rpartition("/")[0]}]
    return {
        "name": "clone",
        "image": image,
        "command": ["git", "-c", f"credential.helper={_HELPER}"],
        "args": ["clone", "--quiet", "--", repository, REPOSITORY],
        "env": [{"name": "HOME", "value": WORK}, {"name": "GIT_TERMINAL_PROMPT", "value": "0"}],
        "securityContext": SECURITY_CONTEXT,
        "volumeMounts": mounts,
    }


def _volumes(registration: Registration) -> list[Any]:
    from hera.workflows import EmptyDirVolume, SecretVolume, models

    secret, file = registration.credentials, CREDENTIALS_FILE.rpartition("/")
    items = [models.KeyToPath(key=secret.key, path=file[2])]
    return [
        EmptyDirVolume(name="work", mount_path=WORK),
        SecretVolume(name="login", mount_path=file[0], secret_name=secret.secret, items=items, read_only=True),
    ]
