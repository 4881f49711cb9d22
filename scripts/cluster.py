"""A Kubernetes API on this machine to try mlgitops against: a real API server and etcd, with every custom resource.

    make cluster                                        runs it until Ctrl-C
    .venv/bin/python scripts/cluster.py --background    leaves it running
    .venv/bin/python scripts/cluster.py --stop          stops it

Nothing runs on it: there are no nodes and no operators, only the controllers that clean up. Its kubeconfig file is
.cache/cluster/kubeconfig. Nothing that the cluster held is left once it stops.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NoReturn

from scripts.bootstrap import say
from tests.testbed import build, crds, credentials, snapshots
from tests.testbed.control_plane import ADMIN, CONTEXT, ControlPlane
from tests.testbed.errors import TestbedError
from tests.testbed.waiting import wait_until

ROOT = Path(__file__).resolve().parent.parent
STATE = ROOT / ".cache" / "cluster"
KUBECONFIG = STATE / "kubeconfig"
PID = STATE / "pid"
LOG = STATE / "log"
STOP_SECONDS = 15.0
ADVICE = """\
Kubernetes {version} is running at {server}
with the custom resources of {names}.

In your shell:

    export KUBECONFIG={kubeconfig}
    kubectl api-resources

In targets/NAME.yaml, under spec:

    connection:
      kubernetes:
        context: {context}

Then `mlgitops plan` and `mlgitops apply` work on it. There are no nodes and no operators, so what is applied stays as
it is. {end}, and removes everything that was in it."""


def main() -> int:
    """Runs, leaves or stops the cluster; 0 where that was done, 1 where it could not be."""
    arguments = parse()
    try:
        if arguments.stop:
            return stop()
        if running := running_pid():
            say(f"a cluster is running already, as process {running}; `scripts/cluster.py --stop` ends it")
            return 1
        return leave_running(arguments.crds) if arguments.background else run(arguments.crds)
    except TestbedError as error:
        say(f"the cluster could not be started: {error}")
        return 1


def parse() -> argparse.Namespace:
    """The command line, understood."""
    parser = argparse.ArgumentParser(description="A Kubernetes API on this machine to try mlgitops against.")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--background", action="store_true", help="leave it running and return")
    what.add_argument("--stop", action="store_true", help="stop the one in the background")
    names = crds.sources()
    parser.add_argument(
        "--crds", nargs="+", choices=names, default=crds.newest(), metavar="NAME", help=f"of {', '.join(names)}"
    )
    return parser.parse_args()


def run(names: Sequence[str]) -> int:
    """Runs it until it is interrupted or told to end."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with contextlib.suppress(KeyboardInterrupt), this_process_named():
        programs = build.programs(os.environ)
        data = snapshots.with_crds(names, programs, os.environ)
        with ControlPlane(programs, data) as plane:
            serve(plane, names)
    say("the cluster has stopped; nothing of it is left")
    return 0


def serve(plane: ControlPlane, names: Sequence[str]) -> NoReturn:
    """Says how to use it, and waits for the signal that ends this."""
    if "kube-controller-manager" in plane.programs:
        plane.start_controllers()
    say(advice(plane, names))
    try:
        credentials.write_kubeconfig(KUBECONFIG, {CONTEXT: plane.apiserver.access(ADMIN)})
        while True:
            signal.pause()
    finally:
        KUBECONFIG.unlink(missing_ok=True)


@contextlib.contextmanager
def this_process_named() -> Iterator[None]:
    """While it runs, our process id is in .cache/cluster."""
    STATE.mkdir(parents=True, exist_ok=True)
    PID.write_text(str(os.getpid()))
    try:
        yield
    finally:
        PID.unlink(missing_ok=True)


def advice(plane: ControlPlane, names: Sequence[str]) -> str:
    """How to use it, to be pasted into a shell and a target's file."""
    end = "Ctrl-C stops it" if sys.stderr.isatty() else "`scripts/cluster.py --stop` stops it"
    return ADVICE.format(
        version=plane.api.get("/version")["gitVersion"],
        server=plane.apiserver.access(ADMIN).server,
        names=", ".join(names),
        kubeconfig=KUBECONFIG,
        context=CONTEXT,
        end=end,
    )


def leave_running(names: Sequence[str]) -> int:
    """Starts this script again on its own, shows what it says, and returns once its cluster can be used."""
    STATE.mkdir(parents=True, exist_ok=True)
    KUBECONFIG.unlink(missing_ok=True)  # it is there for good where a cluster was killed
    command = [sys.executable, __file__, "--crds", *names]
    with LOG.open("w") as log, LOG.open() as shown:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        while process.poll() is None and not KUBECONFIG.exists():
            time.sleep(0.2)
            print(shown.read(), end="", file=sys.stderr, flush=True)
        print(shown.read(), end="", file=sys.stderr, flush=True)
    return 0 if process.poll() is None else 1


def stop() -> int:
    """Stops the one that is running, however it was started."""
    pid = running_pid()
    if pid is None:
        say("no cluster is running")
        return 0
    os.kill(pid, signal.SIGTERM)
    wait_until(lambda: running_pid() is None, "the cluster to stop", STOP_SECONDS)
    return 0


def running_pid() -> int | None:
    """The process that runs this checkout's cluster; a file left by one that was killed does not count."""
    try:
        pid = int(PID.read_text())
        os.kill(pid, 0)
    except (OSError, ValueError):
        return None
    return pid


if __name__ == "__main__":
    sys.exit(main())
