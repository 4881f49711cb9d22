"""A step that packages code into an image: BuildKit without root, in one container, with no daemon. Pure.

What BuildKit needs is said in its ``docs/rootless.md`` and ``examples/kubernetes/job.rootless.yaml``: user 1000, who is
in the image; neither seccomp nor AppArmor, which forbid the mounts within a user namespace; ``newuidmap``, which gains
capabilities as it starts, so that these may be neither dropped nor kept from being gained. It is never privileged.
"""

from __future__ import annotations

from typing import Any

from mlgitops.manifest import Manifest
from mlgitops.render.argo import retry_strategy
from mlgitops.render.container import environment, image
from mlgitops.render.metadata import object_metadata
from mlgitops.render.service_account import service_account_name
from mlgitops.render.step_container import inputs, resource_fields
from mlgitops.render.tags import in_template
from mlgitops.spec.build import BUILT_OUTPUTS, Build
from mlgitops.spec.pipeline import Step
from mlgitops.spec.placeholders import output_uses
from mlgitops.spec.quantities import seconds
from mlgitops.spec.resolved import ResolvedPipeline

SECURITY_CONTEXT: dict[str, Any] = {
    "runAsUser": 1000,
    "runAsGroup": 1000,
    "seccompProfile": {"type": "Unconfined"},
    "appArmorProfile": {"type": "Unconfined"},
}
"""Refused by the Pod Security Standards' "baseline" and "restricted" profiles, which docs/pipeline-steps.md says."""

PROGRAM = r"""
destination=$1
shift
case $destination in *[!-._/:@a-zA-Z0-9]*) echo "this is no image: $destination" >&2; exit 2;; esac
buildctl-daemonless.sh build "$@" --output "type=image,name=$destination,push=true" --metadata-file /tmp/metadata.json
digest=$(sed -n 's/.*"containerimage\.digest": *"\(sha256:[0-9a-f]*\)".*/\1/p' /tmp/metadata.json)
test -n "$digest" || { echo "BuildKit names no digest" >&2; exit 1; }
printf %s "$digest" > /tmp/digest
printf %s "$destination@$digest" > /tmp/image
"""
"""Run by the image's shell, always the same: what users write are its arguments, and never part of it."""

_HOME = "/home/user"


def build_name(resolved: ResolvedPipeline) -> str:
    """The account of steps that build, so that no Dockerfile gets at the cloud's identity."""
    return f"{service_account_name(resolved)}-build"


def account(resolved: ResolvedPipeline) -> Manifest:
    """That account, which has no identity of the cloud."""
    metadata = object_metadata(resolved, build_name(resolved), component="access")
    return {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata}


def template(resolved: ResolvedPipeline, step: Step, build: Build, memoize: Any) -> None:
    """Adds the template to the workflow whose context is open."""
    from hera.workflows import Container, Parameter, models

    Container(
        name=f"step-{step.name}",
        inputs=inputs(output_uses(step)),
        outputs=[Parameter(name=name, value_from=models.ValueFrom(path=f"/tmp/{name}")) for name in BUILT_OUTPUTS],  # noqa: S108
        image=in_template(image(resolved, step.image)),
        command=["sh", "-euc", PROGRAM, "build"],
        args=[in_template(text) for text in (build.destination, *_arguments(build))],
        env=[models.EnvVar.model_validate(one) for one in _environment(step, build)],
        security_context=models.SecurityContext.model_validate(SECURITY_CONTEXT),
        volumes=_volumes(build),
        service_account_name=build_name(resolved),
        retry_strategy=models.RetryStrategy.model_validate(retry_strategy(step.retries)) if step.retries else None,
        active_deadline_seconds=seconds(step.timeout) if step.timeout else None,
        memoize=memoize,
        **resource_fields(resolved, step.resources),
    )


def _arguments(build: Build) -> list[str]:
    folder = f":{build.path}" if build.path else ""
    secret = ["--secret", "id=GIT_AUTH_TOKEN,env=GIT_AUTH_TOKEN"] if build.git_token else []
    options = {
        "context": f"{build.repository}#{build.revision}{folder}",
        "filename": build.dockerfile,
        **{f"build-arg:{name}": value for name, value in sorted(build.args.items())},
    }
    given = [word for name, value in options.items() for word in ("--opt", f"{name}={value}")]
    return ["--progress", "plain", "--frontend", "dockerfile.v0", *given, *secret]


def _environment(step: Step, build: Build) -> list[dict[str, Any]]:
    """Each ``RUN`` is in the container's own process namespace, since an unprivileged one can mount no other /proc."""
    token = build.git_token
    reference = {"secretKeyRef": {"name": token.secret, "key": token.key}} if token else {}
    return [
        *environment(step.env, in_template),
        {"name": "BUILDKITD_FLAGS", "value": "--oci-worker-no-process-sandbox"},
        {"name": "DOCKER_CONFIG", "value": f"{_HOME}/.docker"},
        *([{"name": "GIT_AUTH_TOKEN", "valueFrom": reference}] if reference else []),
    ]


def _volumes(build: Build) -> list[Any]:
    from hera.workflows import EmptyDirVolume, SecretVolume, models

    state = EmptyDirVolume(name="buildkit", mount_path=f"{_HOME}/.local/share/buildkit")
    if (login := build.registry_login) is None:
        return [state]
    items = [models.KeyToPath(key=login.key, path="config.json")]
    folder = f"{_HOME}/.docker"
    return [state, SecretVolume(name="login", mount_path=folder, secret_name=login.secret, items=items, read_only=True)]
