"""What follows a drift job that puts its report into Git: a step that runs ``mlgitops evidence add --propose``. Pure.

It works in a clone of the repository, with arguments alone and no shell, as a pipeline's registration does.
"""

from __future__ import annotations

from typing import Any

from mlgitops.render.argo import retry_strategy
from mlgitops.render.container import SECURITY_CONTEXT, image, resource_requirements
from mlgitops.render.own_steps import FOLDER, RESOURCES
from mlgitops.render.registration_step import (
    CREDENTIALS_FILE,
    GIT_CONFIG_FILE,
    REPOSITORY,
    WORK,
    clone,
    git_config,
)
from mlgitops.spec.monitoring import Drift, DriftEvidence
from mlgitops.spec.resolved import ResolvedModel

REPORT_FILE = f"{FOLDER}/drift.json"
_RETRIES = 2


def templates(model: ResolvedModel, drift: Drift) -> list[dict[str, Any]]:
    """The two steps one after the other, and the second of them; nothing where the report is not to be proposed."""
    return [_steps(), _propose(model, drift.evidence)] if drift.evidence else []


def _steps() -> dict[str, Any]:
    """Where too few requests came to tell anything, there is nothing to propose."""
    said = "steps.compare.outputs.parameters"
    propose = {
        "name": "propose",
        "template": "propose",
        "when": f"{{{{{said}.measured}}}} == true",
        "arguments": {"parameters": [{"name": "report", "value": f"{{{{{said}.drift}}}}"}]},
    }
    return {"name": "watch", "steps": [[{"name": "compare", "template": "compare"}], [propose]]}


def _propose(model: ResolvedModel, evidence: DriftEvidence) -> dict[str, Any]:
    own, (folder, _, file) = image(model, evidence.image), CREDENTIALS_FILE.rpartition("/")
    login = {"secretName": evidence.credentials.secret, "items": [{"key": evidence.credentials.key, "path": file}]}
    mounts = [{"name": "work", "mountPath": WORK}, {"name": "login", "mountPath": folder, "readOnly": True}]
    return {
        "name": "propose",
        "inputs": {
            "parameters": [{"name": "report"}],
            "artifacts": [
                {"name": "report", "path": REPORT_FILE, "raw": {"data": "{{inputs.parameters.report}}"}},
                {"name": "git-config", "path": GIT_CONFIG_FILE, "raw": {"data": git_config(evidence.author)}},
            ],
        },
        "retryStrategy": retry_strategy(_RETRIES),
        "initContainers": [clone(own, evidence.repository)],
        "volumes": [{"name": "work", "emptyDir": {}}, {"name": "login", "secret": login}],
        "container": {
            "image": own,
            "command": ["mlgitops"],
            "args": _arguments(model, evidence),
            "env": [{"name": "HOME", "value": WORK}, {"name": "XDG_CONFIG_HOME", "value": FOLDER}],
            "resources": resource_requirements(model, RESOURCES),
            "securityContext": dict(SECURITY_CONTEXT),
            "volumeMounts": mounts,
        },
    }


def _arguments(model: ResolvedModel, evidence: DriftEvidence) -> list[str]:
    root = f"{REPOSITORY}/{evidence.path}" if evidence.path else REPOSITORY
    options = {"env": model.place.environment, "from": REPORT_FILE, "root": root}
    return ["evidence", "add", model.name, *(f"--{name}={value}" for name, value in options.items()), "--propose"]
