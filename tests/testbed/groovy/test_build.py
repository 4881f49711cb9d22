"""Where Groovy comes from, without bringing it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.testbed.errors import TestbedError
from tests.testbed.groovy import build


def maven(tmp_path: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    program = tmp_path / "bin" / "mvn"
    program.parent.mkdir()
    program.write_text(
        f'#!/bin/sh\nfor word in "$@"; do case $word in -DoutputDirectory=*) to=${{word#*=}};; esac; done\n{script}\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    return {"XDG_CACHE_HOME": str(tmp_path / "cache"), "HOME": str(tmp_path), "PATH": str(program.parent)}


def test_without_maven_it_is_said_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(TestbedError, match="there is no mvn on PATH; install Maven"):
        build.jars({"HOME": str(tmp_path)})


def test_without_java_it_is_said_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(TestbedError, match="there is no java on PATH; install a Java"):
        build.java({"PATH": str(tmp_path)})


def test_another_jar_than_the_known_one_is_refused_and_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = maven(tmp_path, 'echo forged > "$to/groovy-4.0.24.jar"', monkeypatch)
    with pytest.raises(TestbedError, match="these are not the jars that are known"):
        build.jars(environment)
    assert not list((tmp_path / "cache").rglob("*.jar"))


def test_what_maven_says_is_told_where_it_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TestbedError, match="mvn failed: no such artefact"):
        build.jars(maven(tmp_path, "echo no such artefact; exit 1", monkeypatch))
