"""The real controllers that tests run, each built once a user from its own project's pinned Go module."""

from __future__ import annotations

import shutil
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from scripts.bootstrap import say
from tests.testbed import cache, modules, toolchain

LIST = Path(__file__).with_name("controllers.toml")
ADDED = Path(__file__).with_name("exit_with_stdin.go")


@dataclass(frozen=True)
class Controller:
    """One entry of controllers.toml."""

    name: str
    module: str
    version: str
    sum: str
    package: str
    keep: tuple[str, ...]


@dataclass(frozen=True)
class Built:
    """A controller's program, and the folder that holds the kept files of its module under their own paths."""

    program: Path
    files: Path


def controllers() -> dict[str, Controller]:
    """Every entry of controllers.toml by its name."""
    listed = tomllib.loads(LIST.read_text())
    return {name: Controller(name, **{**entry, "keep": tuple(entry["keep"])}) for name, entry in listed.items()}


def programs(environment: Mapping[str, str]) -> dict[str, Built]:
    """All of them by name; those that this user has not got yet are built first, one after the other.

    Raises:
        TestbedError: a module is not the known one, or a build failed.
    """
    places = {controller: built(controller, environment) for controller in controllers().values()}
    if missing := {controller: place for controller, place in places.items() if not place.is_dir()}:
        with toolchain.provided() as go:
            for controller, place in missing.items():
                cache.made_once(place, partial(_build, go, controller))
    return {controller.name: Built(place / controller.name, place / "files") for controller, place in places.items()}


def are_there(environment: Mapping[str, str]) -> bool:
    """Whether all of them are built already."""
    return all(built(controller, environment).is_dir() for controller in controllers().values())


def built(controller: Controller, environment: Mapping[str, str]) -> Path:
    """Where one of them is kept once it is built."""
    name = cache.fingerprint((repr(controller).encode(), ADDED.read_bytes()))
    return cache.home(environment) / f"controller-{controller.name}-{name}"


def _build(go: toolchain.Go, controller: Controller, directory: Path) -> None:
    """Builds in a copy of the module, by its own go.mod, so that no two of them have to agree on a dependency."""
    source = directory / "source"
    modules.copy_to(modules.downloaded(go, controller.module, controller.version, controller.sum), source)
    shutil.copyfile(ADDED, source / controller.package / ADDED.name)
    say(f"building {controller.name} ({controller.module}@{controller.version}), once")
    gently = replace(go, program=Path(shutil.which("nice") or "nice"))
    flags = ["-v", "-trimpath", "-buildvcs=false", "-mod=readonly", "-ldflags", "-s -w"]
    output = ["-o", str(directory / controller.name), f"./{controller.package}"]
    gently.build(["-n", "10", str(go.program), "-C", str(source), "build", *flags, *output])
    for path in controller.keep:
        (directory / "files" / path).parent.mkdir(parents=True, exist_ok=True)
        (source / path).rename(directory / "files" / path)
    shutil.rmtree(source)
