"""The shape of the package: who may import whom, which rooms are pure, how modules are named."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import importlinter.cli
import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "mlgitops"
PURE_ROOMS = ("spec", "check", "compile", "render", "plan", "promotion", "report", "scaffold", "page")
IMPURE_MODULES = {
    "asyncio", "getpass", "glob", "locale", "logging", "multiprocessing", "os", "platform", "random", "secrets",
    "select", "shutil", "signal", "socket", "sqlite3", "subprocess", "tempfile", "threading", "time",
}  # fmt: skip
PURE_PATHS = {"PurePath", "PurePosixPath"}
IMPURE_CALLS = {"open", "input", "print"}
CLOCK_METHODS = {"now", "today", "utcnow"}
VAGUE_NAMES = {"common", "helper", "helpers", "manager", "managers", "misc", "util", "utils"}


def modules(directory: Path) -> list[Path]:
    return sorted(directory.rglob("*.py"))


def imports(tree: ast.AST) -> Iterator[tuple[int, str, str]]:
    """Line, module and name (or "") of everything imported, also inside functions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.lineno, node.module or "", alias.name) for alias in node.names)


def impure_imports(tree: ast.AST) -> Iterator[str]:
    for line, module, name in imports(tree):
        outside = module.split(".")[0] in IMPURE_MODULES
        real_path = module == "pathlib" and name not in PURE_PATHS
        if outside or real_path:
            yield f"line {line} imports {module} {name}".rstrip()


def impure_calls(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=name)) if name in IMPURE_CALLS:
                yield f"line {node.lineno} calls {name}()"
            case ast.Call(func=ast.Attribute(attr=name)) if name in CLOCK_METHODS:
                yield f"line {node.lineno} reads the clock by .{name}()"


def impurities(source: str) -> list[str]:
    tree = ast.parse(source)
    return [*impure_imports(tree), *impure_calls(tree)]


def test_imports_keep_to_the_contracts(capsys: pytest.CaptureFixture[str]) -> None:
    status = importlinter.cli.lint_imports(config_filename=str(ROOT / "pyproject.toml"), cache_dir=None, no_cache=True)
    assert status == importlinter.cli.EXIT_STATUS_SUCCESS, capsys.readouterr().out


@pytest.mark.parametrize("room", PURE_ROOMS)
def test_a_pure_room_knows_no_clock_no_environment_and_no_files(room: str) -> None:
    found = {
        str(path.relative_to(ROOT)): wrong
        for path in modules(PACKAGE / room)
        if (wrong := impurities(path.read_text(encoding="utf-8")))
    }
    assert found == {}


@pytest.mark.parametrize(
    "source",
    [
        "import os",
        "import os.path",
        "from os import environ",
        "def f():\n    import time",
        "from pathlib import Path",
        "import pathlib",
        "open('x')",
        "print('x')",
        "datetime.now(UTC)",
        "datetime.date.today()",
    ],
)
def test_an_impure_line_is_noticed(source: str) -> None:
    assert impurities(source) != []


@pytest.mark.parametrize("source", ["from pathlib import PurePosixPath", "import orjson", "path.open", "f(open_=1)"])
def test_a_pure_line_is_left_alone(source: str) -> None:
    assert impurities(source) == []


def test_nothing_in_the_package_opens_urls() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in modules(PACKAGE)
        if "urllib" in (text := path.read_text(encoding="utf-8"))
        for line, module, name in imports(ast.parse(text))
        if module == "urllib.request" or (module, name) == ("urllib", "request")
    ]
    assert found == []


def test_no_module_has_a_name_that_could_hold_anything() -> None:
    named = [path.relative_to(ROOT).with_suffix("") for path in modules(PACKAGE)]
    vague = [str(path) for path in named if VAGUE_NAMES & {word for part in path.parts for word in part.split("_")}]
    assert vague == []
