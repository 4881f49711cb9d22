"""Prometheus' own server: this machine's, else one built once a user from its Go module, at promtool's version."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from scripts.bootstrap import say
from tests.testbed import cache, toolchain
from tests.testbed.errors import TestbedError

MODULE = Path(__file__).resolve().parent
PACKAGE = "github.com/prometheus/prometheus/cmd/prometheus"
BINARY = "PROMETHEUS"


def program(environment: Mapping[str, str]) -> Path:
    """The server named by ``$PROMETHEUS``, that on PATH, else ours, which is built if this user has not got it yet.

    Building takes 5 to 10 minutes on two cores, and seconds where promtool was built from the same module before.

    Raises:
        TestbedError: the variable names no program, or the build failed.
    """
    if named := environment.get(BINARY):
        if not os.access(named, os.X_OK):
            raise TestbedError(f"{BINARY} names {named}, which is not a program; correct or unset it")
        return Path(named)
    if found := shutil.which("prometheus", path=environment.get("PATH", os.defpath)):
        return Path(found)
    return cache.made_once(built(environment), _build) / "prometheus"


def built(environment: Mapping[str, str]) -> Path:
    """Where our own server is kept once it is built."""
    sources = (MODULE / name for name in ("go.mod", "go.sum"))
    return cache.home(environment) / f"prometheus-{cache.fingerprint(path.read_bytes() for path in sources)}"


def _build(directory: Path) -> None:
    with toolchain.provided() as go:
        say("building Prometheus: 5 to 10 minutes on two cores, once")
        nice = shutil.which("nice")
        gently = replace(go, program=Path(nice)) if nice else go
        before = ["-n", "10", str(go.program)] if nice else []
        quietly = replace(gently, environment={**go.environment, "CGO_ENABLED": "0"})
        flags = ["-v", "-trimpath", "-buildvcs=false", "-mod=readonly", "-ldflags", "-s -w"]
        quietly.build([*before, "-C", str(MODULE), "build", *flags, "-o", str(directory / "prometheus"), PACKAGE])
