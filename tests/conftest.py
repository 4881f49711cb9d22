"""What every test shares: a home of its own, a kustomize found from there, small projects, goldens, a real cluster."""

from __future__ import annotations

import difflib
import gc
import itertools
import os
import signal
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

import pytest
from hypothesis import settings

from mlgitops.errors import ToolMissingError
from mlgitops.tools import kustomize
from tests.testbed.fixtures import control_plane, namespace, programs, served_crds

__all__ = ["control_plane", "namespace", "programs", "served_crds"]

pytest_plugins = ["tests.testbed.messages.plugin"]

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as a shell's job in the background has it
    signal.signal(signal.SIGINT, signal.default_int_handler)

settings.register_profile("mlgitops", deadline=None, max_examples=50)  # no test asserts how long anything takes
settings.register_profile("thorough", settings.get_profile("mlgitops"), max_examples=500)
settings.load_profile("mlgitops")  # each run looks at other examples; --hypothesis-profile=thorough at more of them

gc.disable()  # until all tests are collected: of what that makes, nothing is garbage

GOLDENS = Path(__file__).parent / "goldens"
GIT_CONFIG = """\
[user]
    name = Test
    email = test@example.com
[init]
    defaultBranch = main
[commit]
    gpgSign = false
"""
PROJECT_FILES = {
    "mlgitops.yaml": """\
apiVersion: mlgitops.dev/v1alpha1
kind: Project
metadata:
  name: shop
spec:
  environments: [dev]
""",
    "targets/here.yaml": """\
apiVersion: mlgitops.dev/v1alpha1
kind: Target
metadata:
  name: here
spec:
  cloud: onprem
  connection:
    directory:
      path: clusters/here
  components:
    kserve: "0.16.0"
""",
    "environments/dev/environment.yaml": """\
apiVersion: mlgitops.dev/v1alpha1
kind: Environment
metadata:
  name: dev
spec:
  targets: [here]
  policy:
    rules:
      release-digest-missing: "off"
""",
    "environments/dev/models/iris.yaml": """\
apiVersion: mlgitops.dev/v1alpha1
kind: Model
metadata:
  name: iris
spec:
  release:
    version: "1.0"
    artifact:
      uri: s3://models/iris/1.0
  serving:
    format: sklearn
    runtime: kserve-sklearnserver
    scaling:
      max: 3
  monitoring:
    metrics: false
  governance:
    owner: shop@example.com
""",
}
"""A small project without any findings: one environment, a directory target, one model."""


REAL_PARTS = tuple(Path(__file__).parent / name for name in ("integration", "contract"))
LONG_FILES = frozenset(
    Path(__file__).parent / "unit" / name
    for name in (
        "jobs/test_comparison.py", "forges/test_local.py", "sources/test_mirror.py", "tools/test_python.py",
        "workflows/test_incremental.py", "controller/test_server.py", "spec/test_document.py",
    )
)  # fmt: skip
"""Unit tests of which none is slow, and all of a file take seconds."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests on real servers are run once more when they fail, and the run names each: it is a race to mend.

    Files with slow tests come first, so that no worker begins with one when the others are done. Tests on a cluster,
    which mostly wait, are spread among the others, which mostly compute, so that workers do both at the same time.
    """
    real = {path for path in {item.path for item in items} if any(path.is_relative_to(part) for part in REAL_PARTS)}
    for item in items:
        if item.path in real:
            item.add_marker(pytest.mark.flaky(reruns=1))
    slow = LONG_FILES | {item.path for item in items if item.get_closest_marker("slow")}
    waiting = {item.path for item in items if item.get_closest_marker("kubernetes")}
    paths = list(dict.fromkeys(item.path for item in items))
    turns: dict[Path, tuple[bool, float]] = {}
    for is_fast, waits in itertools.product((False, True), repeat=2):
        alike = [path for path in paths if (path not in slow, path in waiting) == (is_fast, waits)]
        turns |= {path: (is_fast, number / len(alike)) for number, path in enumerate(alike)}
    items.sort(key=lambda item: turns[item.path])


def pytest_collection_finish() -> None:
    """What is there by now stays to the end, so that no collection of garbage need look at it."""
    gc.freeze()
    gc.enable()


class ProjectFactory(Protocol):
    """Writes the small project into a folder of the test's own, and gives its root.

    ``files`` come on top, by path; ``None`` leaves a file of the small project out.
    """

    def __call__(self, files: Mapping[str, str | bytes | None] = ..., name: str = ...) -> Path: ...


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the one flag that writes the goldens anew."""
    parser.addoption("--update-goldens", action="store_true", help="write tests/goldens anew instead of comparing")


@pytest.fixture(scope="session")
def kustomize_binary() -> str:
    """The kustomize that tests run: MLGITOPS_KUSTOMIZE, else the pinned one, else what mlgitops finds; "" if none."""
    pinned = kustomize.pinned(os.environ)
    if pinned.is_file() and "MLGITOPS_KUSTOMIZE" not in os.environ:
        return str(pinned)
    try:
        return str(kustomize.find(os.environ).program)
    except ToolMissingError:
        return ""


class Homes:
    """Empty homes, one after the other; one that a test left as it was is the next test's too."""

    def __init__(self, root: Path, kustomize_binary: str) -> None:
        self._paths = (root / f"home-{number}" for number in itertools.count())  # mktemp would look at all of them
        self._kustomize = kustomize_binary
        self._state: list[tuple[str, int, int]] = []
        self.directory = root
        self.variables: dict[str, str] = {}

    def renew(self) -> None:
        """Makes ``directory`` an empty home, and ``variables`` its environment."""
        if self._state and state_of(self.directory) == self._state:
            return
        self.directory = next(self._paths)
        self.directory.mkdir(mode=0o700)
        self.variables = home_variables(self.directory, self._kustomize)
        self._state = state_of(self.directory)


def state_of(directory: Path) -> list[tuple[str, int, int]]:
    """What changes with whatever is done to a folder or to a file in it."""
    found = [("", directory.stat()), *((entry.name, entry.stat()) for entry in os.scandir(directory))]
    return [(name, stat.st_mode, stat.st_ctime_ns) for name, stat in found]


@pytest.fixture(scope="session")
def homes(kustomize_binary: str, tmp_path_factory: pytest.TempPathFactory) -> Homes:
    """The homes of this process."""
    return Homes(tmp_path_factory.getbasetemp(), kustomize_binary)


@pytest.fixture(autouse=True)
def home(homes: Homes, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home, so that no test reads or writes the user's own files, caches or Git settings."""
    homes.renew()
    for name, value in homes.variables.items():
        monkeypatch.setenv(name, value)
    return homes.directory


def home_variables(directory: Path, kustomize_binary: str) -> dict[str, str]:
    """The environment of a home in that directory, with who commits and nothing else."""
    (directory / ".gitconfig").write_text(GIT_CONFIG)
    variables = {
        "HOME": str(directory),
        "XDG_CACHE_HOME": str(directory / ".cache"),
        "XDG_CONFIG_HOME": str(directory / ".config"),
        "GIT_CONFIG_NOSYSTEM": "1",
    }
    return {**variables, "MLGITOPS_KUSTOMIZE": kustomize_binary} if kustomize_binary else variables


@pytest.fixture
def project(tmp_path: Path) -> ProjectFactory:
    """A factory: ``project({"environments/dev/models/iris.yaml": "..."})``."""

    def make(files: Mapping[str, str | bytes | None] | None = None, name: str = "shop") -> Path:
        root = tmp_path / name
        for path, content in {**PROJECT_FILES, **(files or {})}.items():
            if content is not None:
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                (root / path).write_bytes(content.encode() if isinstance(content, str) else content)
        return root

    return make


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """``golden(name, text)`` compares with tests/goldens/<name>; ``--update-goldens`` writes that file instead."""
    update = bool(request.config.getoption("--update-goldens"))
    return write_golden if update else compare_golden


def write_golden(name: str, text: str) -> None:
    """Makes ``text`` what tests compare with from now on."""
    path = GOLDENS / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="")


def compare_golden(name: str, text: str) -> None:
    """Fails with a unified diff where ``text`` is not the golden's, byte for byte."""
    path = GOLDENS / name
    if not path.exists():
        pytest.fail(f"there is no golden {name}; write it with `make goldens` and read it", pytrace=False)
    expected = path.read_bytes().decode()
    if text == expected:
        return
    diff = difflib.unified_diff(expected.splitlines(), text.splitlines(), f"goldens/{name}", "now", lineterm="", n=3)
    shown = "\n".join(diff) or "only the line ends differ"
    pytest.fail(f"{shown}\nIf the change is meant: `make goldens`.", pytrace=False)
