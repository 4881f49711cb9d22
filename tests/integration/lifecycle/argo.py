"""Stands in for Argo: runs the steps of a Workflow that is at the cluster as programs, one after the other.

What a step is given and leaves, and the placeholders in its arguments, are as Argo has them; paths within containers
are folders of a run, and the code that an image would hold is a clone of the repository.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.testbed.api import Api

VERSION = "argoproj.io/v1alpha1"
_TAG = re.compile(r"\{\{([^}]+)\}\}")
_PERIODS = {"Y": "%Y", "m": "%m", "d": "%d", "H": "%H", "M": "%M", "S": "%S"}


class Argo:
    """``places`` are what absolute paths and addresses stand for here; ``code`` is where programs are run."""

    def __init__(self, api: Api, code: Path, places: Mapping[str, str], environment: Mapping[str, str]) -> None:
        self._api, self._code, self._places = api, code, places
        self._there = re.compile("|".join(map(re.escape, places)))
        self._environment = dict(environment)

    def run(self, namespace: str, name: str) -> None:
        """Runs a Workflow to its end, and says so in its status."""
        metadata = {"namespace": namespace, "name": name}
        workflow = {"apiVersion": VERSION, "kind": "Workflow", "metadata": metadata}
        live = self._api.read(workflow)
        made_from = {**metadata, "name": live["spec"]["workflowTemplateRef"]["name"]}
        template = self._api.read({"apiVersion": VERSION, "kind": "WorkflowTemplate", "metadata": made_from})
        self._steps(template["spec"], _of_the_run(live, template["spec"]))
        self._api.request("PATCH", self._api.path(workflow), {"status": _ended(live)}, content_type=_MERGE)

    def container(self, container: Mapping[str, Any], values: Mapping[str, str]) -> None:
        """Runs a container's command; it must end well."""
        command = [self._here(filled(one, values)) for one in (*container["command"], *container.get("args", ()))]
        done = subprocess.run(
            command, cwd=self._code, env=self._environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"

    def _steps(self, spec: Mapping[str, Any], values: dict[str, str]) -> None:
        templates = {one["name"]: one for one in spec["templates"]}
        for task in templates[spec["entrypoint"]]["dag"]["tasks"]:  # each comes after those that it waits for
            template = templates[task["template"]]
            given = task.get("arguments", {}).get("parameters", ())
            inputs = {f"inputs.parameters.{one['name']}": filled(one["value"], values) for one in given}
            self._step(template, {**values, **inputs})
            for one in template.get("outputs", {}).get("parameters", ()):
                left = Path(self._here(one["valueFrom"]["path"])).read_text()
                values[f"tasks.{task['name']}.outputs.parameters.{one['name']}"] = left

    def _step(self, template: Mapping[str, Any], values: Mapping[str, str]) -> None:
        for artifact in template.get("inputs", {}).get("artifacts", ()):
            path = Path(self._here(artifact["path"]))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(filled(artifact["raw"]["data"], values))
        for container in (*template.get("initContainers", ()), template["container"]):
            self.container(container, values)

    def _here(self, text: str) -> str:
        return self._there.sub(lambda there: self._places[there[0]], text)


def filled(text: str, values: Mapping[str, str]) -> str:
    """A text with the values of its placeholders."""
    return _TAG.sub(lambda tag: values[tag[1]], text)


def _of_the_run(live: Mapping[str, Any], spec: Mapping[str, Any]) -> dict[str, str]:
    """What a run knows from its beginning: its name, its time and its parameters."""
    began = datetime.fromisoformat(live["metadata"]["creationTimestamp"])
    given = [*spec.get("arguments", {}).get("parameters", ()), *live["spec"].get("arguments", {}).get("parameters", ())]
    return {
        "workflow.name": live["metadata"]["name"],
        **{f"workflow.creationTimestamp.{key}": began.strftime(form) for key, form in _PERIODS.items()},
        **{f"workflow.parameters.{one['name']}": one["value"] for one in given},
    }


_MERGE = "application/merge-patch+json"


def _ended(live: Mapping[str, Any]) -> dict[str, str]:
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"phase": "Succeeded", "startedAt": live["metadata"]["creationTimestamp"], "finishedAt": now}
