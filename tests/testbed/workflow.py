"""Runs a rendered WorkflowTemplate's containers here, as Argo would run them in pods: the same programs and arguments.

What stands in for a cluster: a folder for the file system of each pod, the mlgitops that is installed here for that of
the image, and any other program by its name on PATH. Templates that start other objects, or BuildKit, are not run.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.testbed.errors import TestbedError

FOLDERS = ("/etc/mlgitops", "/work", "/tmp/")
"""What of a pod's file system is given a place of its own here."""
BEGAN = dict(zip("YmdHMS", ("2026", "11", "24", "08", "00", "00"), strict=True))
PROGRAMS = {"mlgitops": [sys.executable, "-m", "mlgitops"], "python": [sys.executable]}


@dataclass
class Ended:
    """How a task ended, and the outputs that its container left behind."""

    code: int
    said: str
    outputs: dict[str, str] = field(default_factory=dict)


@dataclass
class Cluster:
    """Where workflows run: a folder, the Secrets of the namespace, and what every container's environment holds.

    ``addresses`` are put in the place of addresses that lead nowhere here; ``home`` holds files of the images' own.
    """

    folder: Path
    secrets: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    addresses: Mapping[str, str] = field(default_factory=dict)
    home: Mapping[str, str] = field(default_factory=dict)

    def run(self, workflow: Mapping[str, Any], name: str = "run-1") -> dict[str, Ended]:
        """Runs the tasks of a workflow's graph in order; those whose dependencies did not succeed are left out."""
        templates = {template["name"]: template for template in workflow["spec"]["templates"]}
        ended: dict[str, Ended] = {}
        waiting = {task["name"]: task for task in templates["main"]["dag"]["tasks"]}
        while ready := [n for n, task in waiting.items() if self._is_ready(task, ended)]:
            for task in (waiting.pop(n) for n in ready):
                pod = Pod(self, self.folder / name / task["name"], name)
                ended[task["name"]] = pod.run(templates[task["template"]], _given(task, ended))
        return ended

    def _is_ready(self, task: Mapping[str, Any], ended: Mapping[str, Ended]) -> bool:
        needed = filter(None, task.get("depends", "").split(" && "))
        return all(name in ended and ended[name].code == 0 for name in needed)


def _given(task: Mapping[str, Any], ended: Mapping[str, Ended]) -> dict[str, str]:
    """The arguments of a task, with the outputs of others in the place of their tags."""
    tags = {
        f"tasks.{name}.outputs.parameters.{output}": value
        for name, one in ended.items()
        for output, value in one.outputs.items()
    }
    parameters = task.get("arguments", {}).get("parameters", [])
    return {each["name"]: json.loads(_filled(json.dumps(each["value"]), tags)) for each in parameters}


def _filled(text: str, tags: Mapping[str, str]) -> str:
    """JSON text with simple tags replaced, each value escaped for the text in which its tag stands, as Argo does it.

    Raises:
        TestbedError: a tag is not known.
    """

    def value(match: re.Match[str]) -> str:
        if match[1] not in tags:
            raise TestbedError(f"there is nothing for {match[0]}; there are {', '.join(sorted(tags))}")
        return json.dumps(tags[match[1]])[1:-1]

    return re.sub(r"\{\{(.*?)\}\}", value, text)


@dataclass
class Pod:
    """One pod, whose files are in a folder."""

    cluster: Cluster
    folder: Path
    workflow: str

    def run(self, template: Mapping[str, Any], given: Mapping[str, str]) -> Ended:
        """Runs the init containers and the container of a template with these input parameters."""
        tags = {f"inputs.parameters.{name}": value for name, value in given.items()}
        tags |= {"workflow.name": self.workflow}
        tags |= {f"workflow.creationTimestamp.{part}": value for part, value in BEGAN.items()}
        own = self._placed(json.loads(_filled(json.dumps(template), tags)))
        self._prepare(own)
        for container in own.get("initContainers", ()):
            ended = self._container(container)
            if ended.code:
                return ended
        ended = self._container(own["container"])
        ended.outputs |= self._outputs(own)
        return ended

    def _placed(self, template: Any) -> Any:
        """The template with the pod's folders, and addresses, as they are here."""
        found = "|".join(map(re.escape, FOLDERS))
        text = re.sub(found, lambda match: f"{self.folder}{match[0]}", json.dumps(template))
        for address, real in self.cluster.addresses.items():
            text = text.replace(address, real)
        return json.loads(text)

    def _prepare(self, template: Mapping[str, Any]) -> None:
        for folder in FOLDERS:
            Path(f"{self.folder}{folder}").mkdir(parents=True, exist_ok=True)
        for name, content in self.cluster.home.items():
            Path(f"{self.folder}/work/{name}").write_text(content)
        for artifact in template.get("inputs", {}).get("artifacts", ()):
            _write(artifact["path"], artifact["raw"]["data"])
        mounts = {mount["name"]: mount["mountPath"] for mount in template["container"].get("volumeMounts", ())}
        for volume in template.get("volumes", ()):
            secret = volume.get("secret", {})
            for item in secret.get("items", ()):
                content = self.cluster.secrets[secret["secretName"]][item["key"]]
                _write(f"{mounts[volume['name']]}/{item['path']}", content)

    def _container(self, container: Mapping[str, Any]) -> Ended:
        command: list[str] = [*container["command"], *container.get("args", ())]
        own = {each["name"]: each["value"] for each in container.get("env", ()) if "value" in each}
        environment = {"PATH": os.environ["PATH"], **self.cluster.environment, **own}
        program = [*PROGRAMS.get(command[0], command[:1]), *command[1:]]
        done = subprocess.run(program, cwd=self.folder, env=environment, capture_output=True, text=True, check=False)
        return Ended(done.returncode, done.stdout + done.stderr)

    def _outputs(self, template: Mapping[str, Any]) -> dict[str, str]:
        wanted = template.get("outputs", {}).get("parameters", ())
        paths = {each["name"]: Path(each["valueFrom"]["path"]) for each in wanted}
        return {name: path.read_text() for name, path in paths.items() if path.exists()}


def _write(path: str, content: str) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(content)
