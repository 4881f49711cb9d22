"""A project on a real Gitea, a real API server and a real Prometheus, and a controller that follows its branch."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.lifecycle import drifting
from tests.integration.lifecycle.argo import VERSION, Argo
from tests.integration.lifecycle.platform import DEV, Platform
from tests.integration.lifecycle.project import project
from tests.integration.lifecycle.served import ServedModel
from tests.integration.lifecycle.walking import SECONDS, Walk, commands_of
from tests.testbed.command import Command
from tests.testbed.control_plane import ControlPlane
from tests.testbed.documented import block
from tests.testbed.gitea.fixtures import gitea
from tests.testbed.gitea.server import Gitea
from tests.testbed.gitea.team import Team
from tests.testbed.process import free_port
from tests.testbed.prometheus_server.fixtures import prometheus, prometheus_program
from tests.testbed.prometheus_server.server import Prometheus
from tests.testbed.ready import SERVICES
from tests.testbed.waiting import wait_until

PAGE = (Path(__file__).parents[3] / "docs/lifecycle.md").read_text(encoding="utf-8")
__all__ = ["gitea", "prometheus", "prometheus_program"]


class Scene:
    """``walk`` is the data scientist's, ``platform`` what stands in for a platform, ``controller`` the real one."""

    def __init__(self, team: Team, platform: Platform, prometheus: Prometheus, plane: ControlPlane, folder: Path):
        self.team, self.platform, self.prometheus = team, platform, prometheus
        self.served = ServedModel(team.ann.root / "work/model.joblib")
        self._plane, self._folder, self._kubeconfig = plane, folder, plane.kubeconfig
        self._place = f"127.0.0.1:{free_port()}"
        self._commands: list[Command] = []
        self._variables = self._made_variables()
        self.walk = Walk(team, team.ann, self._variables)

    def start_controller(self) -> None:
        """Starts the controller, with a token of its own at the forge."""
        said = self._folder / f"controller-{len(self._commands)}"
        said.mkdir()
        url = self.team.server.clone_url(self.team.repository)
        state = self._folder / "state"
        arguments = ("controller", "--repository", url, "--state", str(state), "--interval", "1s")
        more = ("--listen", self._place, "--open-pull-requests")
        variables = {**self.team.ci.environment, "KUBECONFIG": str(self._kubeconfig)}
        self._commands.append(Command((*arguments, *more), self._folder, variables, said))

    def stop_controller(self) -> None:
        """Has the controller end what is under way."""
        command = self._commands[-1]
        if command.poll() is None:
            command.send(signal.SIGTERM)
            command.ended()

    def drift(self) -> None:
        """Larger flowers are asked about, the drift job looks, and Prometheus raises the alert."""
        buckets, reference = self._folder / "buckets", self.team.ann.root / "work/reference.csv"
        drifting.log_larger_flowers(buckets / "logs/iris/requests.jsonl", reference)
        (buckets / "models/iris").mkdir(parents=True)
        shutil.copy(reference, buckets / "models/iris/1.1.csv")
        self.platform.load_rules()
        argo = self._argo({"s3://": f"{buckets}/"})
        drifting.look(self._plane.api, argo, self._folder / "run/tmp/drift.prom", self.platform.pushed)
        self.prometheus.wait_for('ALERTS{alertname="ModelDataDrift",alertstate="firing"}')
        self.stop_controller()  # it looks once a minute, and at once when it starts
        self.start_controller()

    def train(self) -> None:
        """Argo runs the Workflow that the merge has brought to dev."""
        name = {"namespace": DEV, "name": "iris-training-1"}
        asked = {"apiVersion": VERSION, "kind": "Workflow", "metadata": name}
        wait_until(lambda: self._plane.api.exists(asked), "the run to be asked for", SECONDS)
        url = self.team.server.clone_url(self.team.repository)
        self._argo({"https://git.example.com/flowers/shop.git": url}).run(**name)

    def services(self, namespace: str) -> list[str]:
        """The names of the InferenceServices that are there."""
        return [one["metadata"]["name"] for one in self._plane.api.get(SERVICES.format(namespace))["items"]]

    def events(self, namespace: str) -> set[str]:
        """Of what the Events there tell."""
        return {one["reason"] for one in self._plane.api.get(f"/api/v1/namespaces/{namespace}/events")["items"]}

    def _argo(self, places: dict[str, str]) -> Argo:
        """Its pods have their own files, and the code of the repository."""
        own = {f"/{name}/": f"{self._folder}/run/{name}/" for name in ("etc/mlgitops", "tmp", "work")}
        (self._folder / "run/tmp").mkdir(parents=True, exist_ok=True)
        code = self.team.ci.root
        variables = {**self.team.ci.environment, "PATH": self._variables["PATH"]}
        return Argo(self._plane.api, code, {**own, "/app/": f"{code}/", **places}, variables)

    def _made_variables(self) -> dict[str, str]:
        path = commands_of(self._folder / "bin", sys.executable)
        return {
            "PATH": f"{path}:{os.environ['PATH']}", "KUBECONFIG": str(self._kubeconfig), "COLUMNS": "120",
            "IRIS_DEV_URL": self.served.url, "MLGITOPS_CONTROLLER": f"http://{self._place}",
        }  # fmt: skip


@pytest.fixture
def scene(
    gitea: Gitea, control_plane: ControlPlane, prometheus: Prometheus, home: Path, tmp_path: Path
) -> Iterator[Scene]:
    """What the platform team has set up is in Git, and nothing runs yet but the controller."""
    team = Team(gitea, tmp_path, home / ".cache")
    team.begin(project(gitea, team.repository, prometheus.url, block(PAGE, "environments/prod/environment.yaml")))
    before = control_plane.checkpoint()
    with Platform(control_plane.api, prometheus) as platform:
        scene = Scene(team, platform, prometheus, control_plane, tmp_path)
        with scene.served:
            scene.start_controller()
            yield scene
            scene.stop_controller()
    control_plane.reset(before)
