"""The main job, start to end, on a copy of this repository's own environments. Needs no cluster.

Plans and applies both environments, changes a rendered file behind the tool's back, shows the drift, repairs it, and
says in plain words what happened. The copy is left in .cache/demo to look at.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COPY = ROOT / ".cache" / "demo"
PARTS = ("mlgitops.yaml", "targets", "models", "environments", "steps", "schemas")
WIDTH = 100


def main() -> int:
    """Walks through the steps; exits with 1 at the first that does not do what it should."""
    started = time.monotonic()
    copy_project()
    say("Every spec is checked. A finding names its file and line, and says what to do.")
    run("validate")
    for environment in ("dev", "prod"):
        say(f"What would change in {environment}? Each target, each model, each object. The plan is saved.")
        run("plan", "--env", environment, "-o", "text", "-o", "plan.json")
        say(f"That plan, and nothing else, is applied: the targets of {environment} become equal to Git.")
        run("apply", "plan.json", "--no-progress")
    say("Planned again: nothing is left to do, and the exit code says so too.")
    run("plan", "--detailed-exitcode")
    changed = edit_behind_the_tool()
    say(f"Somebody has just edited {changed} by hand: another number of replicas. The drift shows.")
    run("drift", expected=2)
    say("The drift is repaired, and it is gone.")
    run("drift", "--fix", "--yes")
    run("drift")
    say(
        f"Done in {time.monotonic() - started:.0f} s: both environments were planned and applied to their targets, a "
        f"change behind the tool's back was found and undone. The files are in {COPY.relative_to(ROOT)}/clusters."
    )
    return 0


def copy_project() -> None:
    """A fresh copy of the specs, in a Git repository of its own, so that manifests carry a commit."""
    shutil.rmtree(COPY, ignore_errors=True)
    COPY.mkdir(parents=True)
    for part in PARTS:
        source = ROOT / part
        copy = shutil.copytree if source.is_dir() else shutil.copy
        copy(source, COPY / part)
    git("init", "--quiet")
    git("add", "--all")
    git("-c", "user.name=demo", "-c", "user.email=demo@example.com", "commit", "--quiet", "-m", "The specs of the demo")


def git(*arguments: str) -> None:
    """Runs Git in the copy."""
    subprocess.run(["git", *arguments], cwd=COPY, check=True)


def edit_behind_the_tool() -> str:
    """Changes the number of replicas in the first rendered InferenceService; returns its path."""
    for path in sorted((COPY / "clusters").rglob("*.yaml")):
        text = path.read_text(encoding="utf-8")
        if "kind: InferenceService" in text and "maxReplicas: " in text:
            path.write_text(re.sub(r"maxReplicas: \d+", "maxReplicas: 99", text, count=1), encoding="utf-8")
            return path.relative_to(COPY).as_posix()
    raise SystemExit("the demo found no InferenceService to edit")


def say(words: str) -> None:
    """A step, in plain words."""
    print(f"\n{'─' * WIDTH}\n{words}\n", flush=True)


def run(*arguments: str, expected: int = 0) -> None:
    """Shows and runs a command; stops the demo where it ends otherwise than expected."""
    print(f"$ mlgitops {' '.join(arguments)}", flush=True)
    code = subprocess.run([sys.executable, "-m", "mlgitops", *arguments], cwd=COPY, check=False).returncode
    if code != expected:
        raise SystemExit(f"the demo stops: exit code {code}, not {expected}")


if __name__ == "__main__":
    sys.exit(main())
