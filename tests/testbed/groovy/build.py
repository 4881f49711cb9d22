"""A real Groovy, the language of Jenkins' files: two jars that Maven brings once into the user's cache."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from scripts.bootstrap import say
from tests.testbed.cache import fingerprint, home, made_once
from tests.testbed.errors import TestbedError

POM = Path(__file__).with_name("pom.xml")
COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"
KNOWN = {
    "groovy-4.0.24.jar": "38db8aa6f48b96aa11dd75745b96ab2991ddc9a09f5f3840fae704b84a588867",
    "groovy-json-4.0.24.jar": "e813df50d6544b90bbdc3552105be9a69758d9134e3b6990d882f35fca3c858f",
}
"""The SHA-256 of each jar, beside the versions in pom.xml."""
FETCH_SECONDS = 300.0


def jars(environment: Mapping[str, str]) -> Path:
    """The folder with Groovy's jars, which are brought if this user has not got them yet.

    Raises:
        TestbedError: there is no Java or no Maven, Maven failed, or a jar is not the one that is known.
    """
    made_from = fingerprint([POM.read_bytes(), *(digest.encode() for digest in KNOWN.values())])
    return made_once(home(environment) / f"groovy-{made_from}", _fetch)


def java(environment: Mapping[str, str]) -> str:
    """The Java that runs it. Raises ``TestbedError`` where there is none."""
    return _program("java", "a Java of version 11 or newer, such as Debian's default-jre-headless", environment)


def _fetch(directory: Path) -> None:
    maven = _program("mvn", "Maven, such as Debian's maven", None)
    say("bringing Groovy, once for every checkout")
    command = [maven, "-q", "-B", "-f", str(POM), COPY, f"-DoutputDirectory={directory}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=FETCH_SECONDS)
    if done.returncode:
        raise TestbedError(f"mvn failed: {(done.stdout + done.stderr)[-2000:]}")
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in directory.glob("*.jar")}
    if found != KNOWN:
        raise TestbedError(f"these are not the jars that are known: {found}")


def _program(name: str, what: str, environment: Mapping[str, str] | None) -> str:
    found = shutil.which(name, path=environment.get("PATH") if environment else None)
    if found is None:
        raise TestbedError(f"there is no {name} on PATH; install {what}")
    return found
