"""The controller on a real API: what it repairs and whom it fights, a cluster that says nothing, a leader deposed."""

from __future__ import annotations

import hmac
import http.client
import json
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.integration.kubernetes.faults.test_deposed import data
from tests.testbed import fleet
from tests.testbed.command import Command, Ran
from tests.testbed.control_plane import ADMIN
from tests.testbed.proxy import Exchange, FaultProxy, Request
from tests.testbed.scene import Scene
from tests.testbed.together import Together

pytestmark = pytest.mark.slow
together = Together()
"""Those that wait for most of their time."""
SECONDS = 90.0


class Controlled:
    """A scene that a controller looks after, with a directory for what that remembers."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.state = scene.root.with_name(f"{scene.root.name}-state")

    def arguments(self, *more: str) -> tuple[str, ...]:
        return ("controller", "--repository", str(self.scene.root), "--state", str(self.state), *more)

    def once(self, code: int = 0) -> Ran:
        ran = self.scene.run(*self.arguments("--once"))
        assert ran.code == code, ran.said
        return ran

    def commit(self, *objects: dict[str, Any]) -> str:
        self.scene.objects(*objects)
        return self.scene.commit()

    def reconcile(self, **block: Any) -> None:
        """What the environment says to the controller, from the next commit on."""
        path = self.scene.root / "environments/dev/environment.yaml"
        kept = path.read_text().partition("  reconcile:")[0]
        path.write_text(f"{kept}  reconcile: {json.dumps(block)}\n")

    def edit(self, name: str, value: str, manager: str) -> None:
        """Somebody else changes a ConfigMap."""
        path = f"/api/v1/namespaces/{self.scene.namespace}/configmaps/{name}?fieldManager={manager}"
        body = {"data": {"value": value}}
        self.scene.plane.api.request("PATCH", path, body, content_type="application/merge-patch+json")

    def remembered(self) -> str:
        """The commit of which the replicas' state says that it was applied; empty where it says nothing yet."""
        path = f"/api/v1/namespaces/{self.scene.namespace}/configmaps/mlgitops-controller"
        (target,) = json.loads(self.scene.plane.api.get(path)["data"]["state"])["targets"]
        return str((target["result"] or {}).get("applied", ""))

    def value(self, name: str) -> str:
        found = self.scene.plane.api.get(f"/api/v1/namespaces/{self.scene.namespace}/configmaps/{name}")
        return str(found["data"]["value"])

    def applied_commit(self) -> str:
        return str(self.scene.inventory()["metadata"]["annotations"]["mlgitops.dev/commit"])


@pytest.fixture
def controlled(scene: Scene) -> Controlled:
    return Controlled(scene)


def test_what_is_in_sync_is_compared_without_a_single_write(controlled: Controlled) -> None:
    head = controlled.commit(*data("1", "a", "b"))
    assert "1 target: 1 applied." in controlled.once().out
    assert controlled.applied_commit() == head
    with controlled.scene.recording() as recorded:
        assert "1 target: 1 in-sync." in controlled.once().out
        assert "1 target: 1 in-sync." in controlled.once().out
    assert recorded.counts() == {}


def test_what_somebody_took_from_us_is_taken_back_and_after_some_times_left_to_them_by_name(
    controlled: Controlled,
) -> None:
    controlled.commit(*data("1", "a", "b"))
    controlled.once()
    for number in range(3):
        controlled.edit("a", f"theirs-{number}", "autotuner")
        assert "1 applied" in controlled.once().out
        assert controlled.value("a") == "1"
    controlled.edit("a", "theirs-again", "autotuner")
    ran = controlled.once(code=1)
    assert "fighting  dev/here" in ran.out
    assert "data.value of " in ran.out
    assert "set by autotuner at " in ran.out
    assert controlled.value("a") == "theirs-again"


def test_fields_that_somebody_else_had_first_are_left_to_them_and_a_person_is_asked(controlled: Controlled) -> None:
    controlled.commit({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"other": "1"}})
    controlled.once()
    controlled.edit("a", "theirs", "autotuner")
    head = controlled.commit(*data("1", "a"))
    ran = controlled.once(code=1)
    assert "refused  dev/here" in ran.out
    assert "autotuner" in ran.out
    assert f"mlgitops apply --env dev --target here --revision {head[:12]} --force-conflicts" in ran.out
    assert controlled.value("a") == "theirs"


def test_what_does_not_become_ready_in_time_failed_until_it_does(controlled: Controlled) -> None:
    controlled.scene.models("iris")
    controlled.reconcile(timeout="2s")
    head = controlled.scene.commit()
    ran = controlled.once(code=1)
    assert "failed  dev/here" in ran.out
    assert f"{controlled.scene.namespace}/InferenceService/iris is not ready: " in ran.out
    assert controlled.applied_commit() == head
    assert "is not ready: " in controlled.once(code=1).out  # although there is nothing to write any more
    service = {"apiVersion": "serving.kserve.io/v1beta1", "kind": "InferenceService"}
    service["metadata"] = {"name": "iris", "namespace": controlled.scene.namespace}  # type: ignore[assignment]
    ready = [{"type": "Ready", "status": "True"}]
    controlled.scene.plane.api.set_status(service, {"conditions": ready, "observedGeneration": 1})
    assert "1 target: 1 in-sync." in controlled.once().out


@together
def test_a_cluster_that_says_nothing_holds_nobody(scene: Scene) -> None:
    controlled = Controlled(scene)
    with FaultProxy(scene.plane.apiserver, lambda request: lambda exchange: exchange.blackhole()) as proxy:
        Path(scene.environment["HOME"], "silent").write_bytes(scene.through(proxy).read_bytes())
        target = (scene.root / "targets/here.yaml").read_text()
        there = target.replace("here", "there").replace("kubernetes: {}", "kubernetes: {kubeconfig: ~/silent}")
        path = scene.root / "environments/dev/environment.yaml"
        scene.write({"targets/there.yaml": there})
        scene.write({"environments/dev/environment.yaml": path.read_text().replace("[here]", "[there, here]")})
        controlled.reconcile(deadline="20s")
        controlled.commit(*data("1", "a", "b"))
        started = time.monotonic()
        ran = controlled.once(code=1)
    lines = [json.loads(line) for line in ran.err.splitlines()]
    assert [(line["target"], line["message"]) for line in lines if "target" in line] == [
        ("here", "applied"), ("there", "failed"),
    ]  # fmt: skip
    assert "it took longer than 20s, and is left behind" in ran.out
    assert time.monotonic() - started < SECONDS


@contextmanager
def running(controlled: Controlled, state: str, *more: str, kubeconfig: Any = None) -> Iterator[tuple[Command, Any]]:
    """A replica that runs until the block ends, and its log."""
    scene, own = controlled.scene, f"{controlled.scene.root.name}-{state}"
    arguments = [
        "controller", "--repository", str(scene.root), "--state", str(scene.root.with_name(own)),
        "--leader-election", scene.namespace, "--interval", "1s", *more,
    ]  # fmt: skip
    said = scene.root.with_name(f"{own}-said")
    said.mkdir()
    command = Command(arguments, scene.root, scene.variables(kubeconfig), said)
    try:
        yield command, said / "err"
    finally:
        if command.poll() is None:
            command.send(signal.SIGCONT)
            command.send(signal.SIGTERM)
        ended = command.ended()
        assert ended.code == 143, ended.said


def until(condition: Any, log: Path | None = None) -> None:
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline, log.read_text() if log else "it did not come to pass"
        time.sleep(0.1)


@together
def test_a_leader_that_stood_still_writes_nothing_over_what_its_successor_applied(scene: Scene) -> None:
    controlled = Controlled(scene)
    names = [f"data-{number}" for number in range(20)]
    controlled.commit(*data("1", *names, "goes"))
    controlled.once()
    first: list[Command] = []
    stopped = threading.Event()

    def stop(exchange: Exchange) -> None:
        answer = exchange.forward()
        first[0].send(signal.SIGSTOP)
        stopped.set()
        exchange.reply(answer)

    def rule(request: Request) -> Any:
        is_object = request.mutating and "/configmaps/data-" in request.path
        return stop if is_object and not stopped.is_set() else None

    with FaultProxy(scene.plane.apiserver, rule) as proxy:
        kubeconfig = scene.plane.write_kubeconfig("leader", proxy.access(ADMIN))
        with running(controlled, "first", kubeconfig=kubeconfig) as (leader, log):
            first.append(leader)
            until(lambda: "this replica leads" in log.read_text())
            controlled.commit(*data("2", *names))
            assert stopped.wait(SECONDS)
            newer = controlled.commit(*data("3", *names, "goes"))
            with running(controlled, "second") as (_, other):
                until(lambda: controlled.applied_commit() == controlled.remembered() == newer)
                before = scene.state()
                with scene.recording() as recorded:
                    told = log.read_text().count("another one leads")
                    leader.send(signal.SIGCONT)
                    until(lambda: log.read_text().count("another one leads") > told, log)
                    time.sleep(3)
                    assert other.read_text().count("another one leads") == 1
    written = {key: count for key, count in recorded.counts().items() if "lease" not in str(key)}
    assert written == {}
    assert scene.state() == before
    assert {controlled.value(name) for name in names} == {"3"}


def test_a_leader_that_ends_is_succeeded_at_once_by_one_that_knows_what_it_knew(controlled: Controlled) -> None:
    controlled.commit(*data("1", "a"))
    with running(controlled, "first") as (leader, log):
        until(lambda: '"message":"applied"' in log.read_text())
        with running(controlled, "second") as (_, other):
            time.sleep(2)
            assert "this replica leads" not in other.read_text()
            ended = time.monotonic()
            leader.send(signal.SIGTERM)
            until(lambda: "this replica leads" in other.read_text())
            assert time.monotonic() - ended < 10
            head = controlled.commit(*data("2", "a"))
            until(lambda: controlled.applied_commit() == head)
            path = f"/api/v1/namespaces/{controlled.scene.namespace}/configmaps/mlgitops-controller"

            def state() -> Any:
                return json.loads(controlled.scene.plane.api.get(path)["data"]["state"])

            until(lambda: state()["targets"][0]["result"]["applied"] == head)
            assert state()["commit"] == head


def test_replicas_share_the_targets_and_one_takes_over_what_another_one_leaves(controlled: Controlled) -> None:
    scene, names = controlled.scene, [f"t{number}" for number in range(6)]
    for name, content in fleet.files(names).items():
        (scene.root / name).write_text(content)
    controlled.reconcile(resync="1s")
    scene.models("iris")
    scene.commit()
    both = '"replicas":["one","two"]'

    def applied(log: Path) -> set[str]:
        """The targets that a replica brought something to."""
        lines = [json.loads(line) for line in log.read_text().splitlines()]
        return {line["target"] for line in lines if line["message"] == "applied"}

    def inventories(commit: str) -> bool:
        files = [scene.root / f"clusters/{name}/.mlgitops/shop.dev.{name}/inventory" for name in names]
        return all(path.exists() and commit in path.read_text() for path in files)

    with running(controlled, "first", "--replica", "one") as (_, one):
        until(lambda: applied(one) == set(names), one)
        with running(controlled, "second", "--replica", "two") as (_, two):
            until(lambda: both in one.read_text() and both in two.read_text())
            one.write_text("")
            scene.models("iris", version="2.0")
            head = scene.commit()
            until(lambda: inventories(head) and applied(one) | applied(two) == set(names))
            assert applied(one) & applied(two) == set()
            assert applied(one)
            assert applied(two)
        until(lambda: one.read_text().count('"replicas":["one"]') == 1, one)
        scene.models("iris", version="3.0")
        head = scene.commit()
        until(lambda: inventories(head))


@together
def test_a_webhook_that_reaches_the_replica_that_waits_has_the_leader_look(scene: Scene) -> None:
    """The forge's deliveries come to any replica, and Git is asked once an hour otherwise."""
    controlled, secret = Controlled(scene), scene.root.with_name("secret")
    secret.write_text("a secret of the webhook")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controlled.commit(*data("1", "a"))
    with running(controlled, "first", "--interval=1h") as (_, log):
        until(lambda: '"message":"applied"' in log.read_text(), log)
        with running(controlled, "second", "--interval=1h", f"--listen=:{port}", f"--webhook-secret={secret}"):
            head = controlled.commit(*data("2", "a"))
            until(lambda: delivered(port, secret.read_bytes()) == 202)
            until(lambda: controlled.applied_commit() == head, log)
    path = f"/api/v1/namespaces/{controlled.scene.namespace}/configmaps/mlgitops-controller"
    assert set(controlled.scene.plane.api.get(path)["data"]) == {"state"}


def delivered(port: int, secret: bytes) -> int:
    """The status that a delivery is answered with; 0 where nobody listens."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    signature = hmac.new(secret, b"{}", "sha256").hexdigest()
    try:
        connection.request("POST", "/webhook", b"{}", {"X-Gitea-Signature": signature})
        return connection.getresponse().status
    except ConnectionError:
        return 0
    finally:
        connection.close()
