"""What Git says in a soak: a bare repository, whoever pushes to it at random, and what should be there in the end."""

from __future__ import annotations

import json
import random
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.conftest import PROJECT_FILES

BRANCH = "main"
STEADY = 12
"""Models of an environment that are never removed, so that no prune is of more than half of an inventory."""
PASSING = 8
"""Models that come and go, and values beside them."""
FORGED = "forged"
"""How what only force-pushed commits have is called."""
WRONG = (
    "  scaling:\n    max: -3\n",
    "  scaling:\n    max: 3\n  scaling:\n    max: 4\n",
    "<<<<<<< HEAD\n",
    "  sxaling: {}\n",
)
"""What is put after a model's ``serving`` so that it is refused."""
_MODEL = PROJECT_FILES["environments/dev/models/iris.yaml"]


@dataclass
class Said:
    """What Git says of one environment: the version of each model, and the value of each ConfigMap."""

    models: dict[str, int] = field(default_factory=dict)
    values: dict[str, int] = field(default_factory=dict)
    namespace: str = ""
    wrong: str = ""
    """The model that is wrong now, and has to be mended before anything of the environment is used."""


class Branch:
    """The project ``shop`` with the environments and their targets; ``places`` has each target's context and namespace.

    ``said`` is what the branch says, ``edits`` counts what was done to it, ``removed`` are names that ever went.
    ``variables`` are Git's environment; this process's, if not given.
    """

    def __init__(
        self,
        root: Path,
        places: Mapping[str, Mapping[str, tuple[str, str]]],
        random: random.Random,
        variables: Mapping[str, str] | None = None,
    ) -> None:
        self.bare = root / "branch.git"
        self.said = {environment: Said() for environment in places}
        self.edits: dict[str, int] = {}
        self.removed: set[str] = set()
        self._work = root / "work"
        self._random = random
        self._variables = variables
        self._versions = 0
        for directory, how in ((self.bare, ["--bare"]), (self._work, [])):
            directory.mkdir(parents=True)
            self._git("init", "--quiet", f"--initial-branch={BRANCH}", *how, directory=directory)
        self._git("remote", "add", "origin", str(self.bare))
        for environment in places:
            self._begin(environment, places[environment])
        self._write("mlgitops.yaml", PROJECT_FILES["mlgitops.yaml"].replace("[dev]", json.dumps(list(places))))
        self.push()

    @property
    def head(self) -> str:
        """The last commit that is meant to be followed."""
        return self._git("rev-parse", "HEAD")

    @property
    def work(self) -> Path:
        """The work tree, for a person's commands."""
        return self._work

    def edit(self) -> None:
        """One random change by somebody who may; what is wrong in an environment is mended half of the time."""
        environment = self._random.choice(sorted(self.said))
        said = self.said[environment]
        if said.wrong:
            if self._random.random() < 0.5:
                return
            self._mend(environment)
        else:
            names = ("model added", "model changed", "model removed", "value added", "value changed", "value removed",
                     "model wrong")  # fmt: skip
            weights = (5, 6, 3, 4, 4, 2, 1)
            (what,) = self._random.choices(names, weights)
            self._count(what)
            self._do(environment, *what.split())
        self.push()

    def change(self, environment: str) -> None:
        """Everything that an environment has is another version from now on."""
        said = self.said[environment]
        for there in (said.models, said.values):
            there.update({name: self._next() for name in there})
        self._write_models(environment)
        self._write_values(environment)
        self.push()

    def mend(self) -> None:
        """Nothing is wrong any more."""
        for environment, said in self.said.items():
            if said.wrong:
                self._mend(environment)
        self.push()

    def push(self) -> None:
        """Commits what there is, and pushes it."""
        self._git("add", "--all")
        self._git("commit", "--quiet", "--allow-empty", "-m", "A change")
        self._git("push", "--quiet", "--force", "origin", BRANCH)

    def force(self) -> str:
        """Somebody rewrites the branch: back to before its head, half of the time with something else instead."""
        before = self.head
        self._git("reset", "--quiet", "--hard", "HEAD^")
        if self._random.random() < 0.5:
            self._count("forced elsewhere")
            for environment in self.said:
                self._write_model(environment, FORGED, 1)
            self._git("add", "--all")
            self._git("commit", "--quiet", "-m", "Forged")
        else:
            self._count("forced back")
        forced = self.head
        self._git("push", "--quiet", "--force", "origin", BRANCH)
        self._git("reset", "--quiet", "--hard", before)
        return forced

    def _do(self, environment: str, kind: str, what: str) -> None:
        said = self.said[environment]
        if kind == "value":
            self._change(said.values, f"value-{{}}-{environment}", what)
            self._write_values(environment)
            return
        if what == "wrong":
            said.wrong = self._random.choice(sorted(said.models))
            self._write_model(environment, said.wrong, said.models[said.wrong], self._random.choice(WRONG))
            return
        self._change(said.models, f"model-{{}}-{environment}", what)
        self._write_models(environment)

    def _change(self, there: dict[str, int], name: str, what: str) -> None:
        passing = [name.format(number) for number in range(STEADY, STEADY + PASSING)]
        now = [one for one in passing if one in there]
        if what == "changed":
            there[self._random.choice(sorted(there))] = self._next()
        elif what == "added" and len(now) < PASSING:
            there[self._random.choice([one for one in passing if one not in there])] = self._next()
        elif what == "removed" and now:
            gone = self._random.choice(now)
            del there[gone]
            self.removed.add(gone)

    def _next(self) -> int:
        self._versions += 1
        return self._versions

    def _mend(self, environment: str) -> None:
        said = self.said[environment]
        self._count("model mended")
        self._write_model(environment, said.wrong, said.models[said.wrong])
        said.wrong = ""

    def _begin(self, environment: str, places: Mapping[str, tuple[str, str]]) -> None:
        said = self.said[environment]
        said.models = {f"model-{number}-{environment}": 0 for number in range(STEADY)}
        said.values = {f"value-{number}-{environment}": 0 for number in range(STEADY)}
        for target, (context, namespace) in places.items():
            said.namespace = namespace
            connection = f"kubernetes: {{context: {context}, namespace: {namespace}}}\n  namespace: {namespace}"
            text = PROJECT_FILES["targets/here.yaml"].replace("name: here", f"name: {target}")
            self._write(f"targets/{target}.yaml", text.replace("directory:\n      path: clusters/here", connection))
        text = PROJECT_FILES["environments/dev/environment.yaml"].replace("name: dev", f"name: {environment}")
        text = text.replace("[here]", json.dumps(list(places)))
        reconcile = {"resync": "5s", "timeout": "20s", "deadline": "60s", "fights": {"repairs": 100, "within": "30s"}}
        self._write(f"environments/{environment}/environment.yaml", f"{text}  reconcile: {json.dumps(reconcile)}\n")
        overlay = {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization"}
        self._write(
            f"environments/{environment}/kustomization.yaml", json.dumps({**overlay, "resources": ["values.json"]})
        )
        self._write_models(environment)
        self._write_values(environment)

    def _write_models(self, environment: str) -> None:
        folder = self._work / f"environments/{environment}/models"
        for path in folder.glob("*.yaml"):
            path.unlink()
        for name, version in self.said[environment].models.items():
            self._write_model(environment, name, version)

    def _write_model(self, environment: str, name: str, version: int, wrong: str = "") -> None:
        text = _MODEL.replace("name: iris", f"name: {name}").replace("iris/1.0", f"{name}/1.{version}")
        text = text.replace('"1.0"', f'"1.{version}"')
        self._write(
            f"environments/{environment}/models/{name}.yaml", text.replace("  monitoring:\n", f"{wrong}  monitoring:\n")
        )

    def _write_values(self, environment: str) -> None:
        said = self.said[environment]
        items = [
            {
                "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": said.namespace},
                "data": {"value": str(value)},
            }
            for name, value in said.values.items()
        ]  # fmt: skip
        listed = {"apiVersion": "v1", "kind": "List", "items": items}
        self._write(f"environments/{environment}/values.json", json.dumps(listed))

    def _write(self, name: str, content: str) -> None:
        path = self._work / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)

    def _count(self, what: str) -> None:
        self.edits[what] = self.edits.get(what, 0) + 1

    def _git(self, *arguments: str, directory: Path | None = None) -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=directory or self._work, env=self._variables, capture_output=True, text=True,
            check=True,
        )  # fmt: skip
        return done.stdout.strip()
