"""The programs of a control plane: those of this machine, else one Go program of ours, built once a user."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from scripts.bootstrap import say
from tests.testbed import cache, toolchain
from tests.testbed.errors import TestbedError

MODULE = Path(__file__).resolve().parent
PROGRAMS = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler")
NEEDED = ("etcd", "kube-apiserver")
ASSETS = "KUBEBUILDER_ASSETS"
VERSION_PACKAGE = "k8s.io/component-base/version"


def programs(environment: Mapping[str, str]) -> dict[str, Path]:
    """The programs by name, all of ``NEEDED`` at least.

    Those in ``$KUBEBUILDER_ASSETS`` if that is set, else those on PATH if both needed ones are there, else our own,
    which are built if this user has not got them yet: 6 to 9 minutes on two cores.

    Raises:
        TestbedError: the directory named by KUBEBUILDER_ASSETS lacks one, or the build failed.
    """
    if assets := environment.get(ASSETS):
        return _among_assets(Path(assets))
    if on_path := _on_path(environment):
        return on_path
    directory = cache.made_once(built(environment), _build)
    return {name: directory / name for name in PROGRAMS}


def built(environment: Mapping[str, str]) -> Path:
    """Where our own programs are kept once they are built."""
    sources = (MODULE / name for name in ("go.mod", "go.sum", "main.go"))
    return cache.home(environment) / f"programs-{cache.fingerprint(path.read_bytes() for path in sources)}"


def kubernetes_version() -> str:
    """The version of Kubernetes that is built, such as v1.34.2."""
    found = re.search(r"^\s*k8s\.io/kubernetes (v\S+)", (MODULE / "go.mod").read_text(), re.MULTILINE)
    assert found, "go.mod requires k8s.io/kubernetes"
    return found[1]


def _among_assets(assets: Path) -> dict[str, Path]:
    found = {name: assets / name for name in PROGRAMS if os.access(assets / name, os.X_OK)}
    if missing := [name for name in NEEDED if name not in found]:
        raise TestbedError(f"{ASSETS} names {assets}, which has no {' and no '.join(missing)}; correct or unset it")
    return found


def _on_path(environment: Mapping[str, str]) -> dict[str, Path]:
    paths = {name: shutil.which(name, path=environment.get("PATH", os.defpath)) for name in PROGRAMS}
    found = {name: Path(path) for name, path in paths.items() if path}
    return found if all(name in found for name in NEEDED) else {}


def _build(directory: Path) -> None:
    """One program, and a link to it under each of the names that it answers to."""
    with toolchain.provided() as go:
        say(f"building the test bed's Kubernetes {kubernetes_version()}: 6 to 9 minutes on two cores, once")
        output = directory / "testbed"
        arguments = ["-C", str(MODULE), "build", "-v", "-trimpath", "-buildvcs=false", "-mod=readonly"]
        go.build([*arguments, "-ldflags", _linker_flags(), "-o", str(output), "."])
    for name in PROGRAMS:
        (directory / name).symlink_to(output.name)


def _linker_flags() -> str:
    """Without a version the server reports v0.0.0-master, which clients cannot parse."""
    version = kubernetes_version()
    major, minor, _ = version.removeprefix("v").split(".")
    values = {"gitVersion": version, "gitMajor": major, "gitMinor": minor}
    return " ".join(["-s -w", *(f"-X {VERSION_PACKAGE}.{name}={value}" for name, value in values.items())])
