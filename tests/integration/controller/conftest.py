"""A controller that follows a real repository and keeps targets of files."""

from __future__ import annotations

import io
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml

from mlgitops.controller.goals import Chosen
from mlgitops.controller.log import Log
from mlgitops.controller.loop import Controller
from mlgitops.controller.requests import Request, Verb
from mlgitops.controller.running import opened, run_once
from mlgitops.controller.settings import Settings
from mlgitops.controller.state import Key, State, TargetState
from mlgitops.controller.store import DirectoryStore
from tests.conftest import PROJECT_FILES, ProjectFactory
from tests.testbed import fleet

SECONDS = 60.0
MODEL = PROJECT_FILES["environments/dev/models/iris.yaml"]


class Site:
    """A project in a repository, its targets, and a controller that runs once or for ever."""

    def __init__(self, root: Path, state: Path) -> None:
        self.root = root
        self.settings = Settings(str(root), state, interval=3600)
        self.lines = io.StringIO()
        self.log = Log(self.lines, time.time)
        self._reconcile: dict[str, Any] = {}

    # What is in Git

    def commit(self, files: Mapping[str, str | None] | None = None, message: str = "A change") -> str:
        """Commits everything, and before that writes files; None removes one. The commit's id."""
        for name, content in (files or {}).items():
            path = self.root / name
            if content is None:
                path.unlink()
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(content)
        self.git("add", "--all", "--", ":!clusters")
        self.git("commit", "--quiet", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")

    def git(self, *arguments: str) -> str:
        done = subprocess.run(["git", *arguments], cwd=self.root, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def targets(self, *names: str) -> None:
        """Makes these the environment's targets, from the next commit on."""
        for name, content in fleet.files(names).items():
            (self.root / name).write_text(content)
        self.reconcile(**self._reconcile)

    def reconcile(self, **block: Any) -> None:
        """What the environment says to the controller, from the next commit on."""
        self._reconcile = block
        path = self.root / "environments/dev/environment.yaml"
        data = yaml.safe_load(path.read_text())
        data["spec"]["reconcile"] = block
        path.write_text(yaml.safe_dump(data))

    def models(self, *names: str, version: str = "1.0") -> None:
        """Makes these the environment's models, from the next commit on."""
        folder = self.root / "environments/dev/models"
        for path in folder.iterdir():
            path.unlink()
        for name in names:
            content = MODEL.replace('"1.0"', f'"{version}"').replace("name: iris", f"name: {name}")
            (folder / f"{name}.yaml").write_text(content)

    # What it does

    def once(self, **changes: Any) -> State:
        """What one run came to."""
        return run_once(replace(self.settings, **changes), self.log)

    @contextmanager
    def running(self, **changes: Any) -> Iterator[Controller]:
        """A controller that runs for ever, in a thread of its own."""
        with opened(replace(self.settings, **changes), self.log) as controller:
            thread = threading.Thread(target=controller.run_forever, daemon=True)
            thread.start()
            try:
                yield controller
            finally:
                controller.stop()
                thread.join(SECONDS)
                assert not thread.is_alive()

    def ask(self, verb: Verb) -> None:
        """A person asks for something."""
        DirectoryStore(self.settings.state).ask(Request(verb, "dev"))

    # What it left

    def manifests(self, target: str = "here") -> dict[str, Any]:
        """What is at a target, by kind and name."""
        paths = sorted((self.root / "clusters" / target).glob("*/*.yaml"))
        found = (yaml.safe_load(path.read_text()) for path in paths)
        return {f"{one['kind']}/{one['metadata']['name']}": one for one in found}

    def service(self, target: str = "here", name: str = "iris") -> Path:
        """The file of an InferenceService."""
        (found,) = (self.root / "clusters" / target).glob(f"*/inferenceservice*_{name}.yaml")
        return found

    def applied_commit(self, target: str = "here") -> str:
        """The commit that the inventory says was applied."""
        path = self.root / f"clusters/{target}/.mlgitops/shop.dev.{target}/inventory"
        return str(orjson.loads(path.read_bytes())["commit"])

    def told(self) -> list[dict[str, Any]]:
        """The lines of the log."""
        return [orjson.loads(line) for line in self.lines.getvalue().splitlines()]


def of(state: State, target: str = "here") -> TargetState:
    """How a target stands."""
    return state.targets[Key("dev", target)]


def words(state: State) -> dict[str, str]:
    """The word of each target."""
    return {key.target: str(one.word) for key, one in state.targets.items()}


def until(condition: Callable[[], bool], seconds: float = SECONDS) -> None:
    """Waits for something to come to pass."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.02)


@pytest.fixture
def site(project: ProjectFactory, tmp_path: Path) -> Site:
    """The small project with one commit."""
    made = Site(project(), tmp_path / "state")
    made.git("init", "--quiet", "--initial-branch", "main")
    made.commit()
    return made


@pytest.fixture
def only_dev() -> Chosen:
    """The environment and the target of the small project, chosen by name."""
    return Chosen(("dev",), ("here",))
