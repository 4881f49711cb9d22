"""`mlgitops logs` on a real API server, which proxies to a kubelet that has no containers but says what they said."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.testbed.command import Ran
from tests.testbed.control_plane import ControlPlane
from tests.testbed.fleet import Fleet, blackhole
from tests.testbed.kubelet import Kubelet
from tests.testbed.proxy import Exchange
from tests.testbed.scene import Scene
from tests.testbed.waiting import wait_until

SERVES = {"serving.kserve.io/inferenceservice": "iris"}
SECONDS = 60
TOKEN = "ghp_" + "a1B2" * 9


@pytest.fixture
def kubelet(control_plane: ControlPlane) -> Iterator[Kubelet]:
    with Kubelet(control_plane) as running:
        yield running


@pytest.fixture
def scene(control_plane: ControlPlane, namespace: str, tmp_path: Path) -> Scene:
    """The small project with the model iris, applied to the test's namespace."""
    made = Scene(control_plane, tmp_path / "shop", namespace)
    made.models("iris")
    made.commit()
    made.applied()
    return made


def logs(scene: Scene, *more: str, kubeconfig: Path | None = None) -> Ran:
    return scene.run("logs", "iris", "--env", "dev", *more, kubeconfig=kubeconfig)


_LINE = re.compile(r"\S+  +(?:(?P<place>\S+)  )?(?P<voice>workload|reconciler|run) +(?P<who>\S+)  (?P<text>.*)")


def words(ran: Ran, voice: str) -> list[str]:
    """Who said what in that voice, in order."""
    said = map(_LINE.fullmatch, ran.out.splitlines())
    return [f"{one['who']} {one['text']}" for one in said if one is not None and one["voice"] == voice]


def test_pods_are_read_in_order_of_time_whichever_container_spoke(scene: Scene, kubelet: Kubelet) -> None:
    one = kubelet.pod(scene.namespace, "iris-predictor-0", SERVES, "kserve-container", "agent")
    other = kubelet.pod(scene.namespace, "iris-predictor-1", SERVES, "kserve-container")
    kubelet.pod(scene.namespace, "roses-predictor-0", {"serving.kserve.io/inferenceservice": "roses"})
    kubelet.say(one, "kserve-container", "loading")
    kubelet.say(other, "kserve-container", "loading too")
    kubelet.say(one, "agent", "passing on")
    kubelet.say(one, "kserve-container", "loaded")
    ran = logs(scene)
    assert (ran.code, ran.err) == (0, "")
    assert words(ran, "workload") == [
        "iris-predictor-0/kserve-container loading",
        "iris-predictor-1/kserve-container loading too",
        "iris-predictor-0/agent passing on",
        "iris-predictor-0/kserve-container loaded",
    ]
    assert ran.out.splitlines()[0].startswith("2026-01-01T00:00:01.000Z  workload")


def test_the_reconciler_tells_of_the_model_its_pods_and_who_applied_it(scene: Scene, kubelet: Kubelet) -> None:
    pod = kubelet.pod(scene.namespace, "iris-predictor-0", SERVES)
    unwell = (
        ("InferenceService", "iris"), ("InferenceService", "roses"), ("Pod", "iris-predictor-0"),
        ("ReplicaSet", "iris-predictor-6d4f8b7c9d"), ("ReplicaSet", "roses-predictor-6d4f8b7c9d"),
    )  # fmt: skip
    for kind, name in unwell:
        scene.plane.api.create(
            {
                "apiVersion": "v1", "kind": "Event", "metadata": {"name": f"{name}.1", "namespace": scene.namespace},
                "involvedObject": {"kind": kind, "name": name, "namespace": scene.namespace}, "type": "Warning",
                "reason": "Unwell", "message": f"about {kind}", "lastTimestamp": "2026-01-01T00:00:09Z",
            }
        )  # fmt: skip
    kubelet.report(pod, main={"state": {"waiting": {"reason": "ImagePullBackOff", "message": "no such image"}}})
    ran = logs(scene)
    said = words(ran, "reconciler")
    assert "InferenceService/iris Warning Unwell: about InferenceService" in said
    assert "Pod/iris-predictor-0 Warning Unwell: about Pod" in said
    assert "ReplicaSet/iris-predictor-6d4f8b7c9d Warning Unwell: about ReplicaSet" in said
    assert "Pod/iris-predictor-0 Warning ImagePullBackOff: container main waits: no such image" in said
    assert any(
        one.startswith(f"ConfigMap/{scene.inventory_name} ApplyFinished: apply finished: 1 objects") for one in said
    )
    assert "roses" not in ran.out
    assert (ran.code, kubelet.asked) == (0, []), "a container that never ran was asked for"


def test_what_a_container_said_before_it_was_restarted_is_read_and_why_it_ended(scene: Scene, kubelet: Kubelet) -> None:
    pod = kubelet.pod(scene.namespace, "iris-predictor-0", SERVES)
    ended = {"exitCode": 137, "reason": "OOMKilled", "finishedAt": "2026-01-01T00:00:02Z"}
    kubelet.say(pod, "main", "out of memory", previous=True)
    kubelet.report(pod, main={"restartCount": 1, "state": {"running": {}}, "lastState": {"terminated": ended}})
    kubelet.say(pod, "main", "once more", at="2026-01-01T00:00:03Z")
    ran = logs(scene)
    assert words(ran, "workload") == ["iris-predictor-0/main out of memory", "iris-predictor-0/main once more"]
    assert "Pod/iris-predictor-0 Warning OOMKilled: container main ended with exit code 137" in ran.out.replace(
        "  ", " "
    )


def test_runs_of_the_pipelines_that_train_it_and_their_pods_are_read(
    control_plane: ControlPlane, namespace: str, tmp_path: Path, kubelet: Kubelet
) -> None:
    scene = _with_pipeline(control_plane, namespace, tmp_path)
    assert scene.run("run", "iris-training", "--env", "dev", "--no-follow").code == 0
    path = f"/apis/argoproj.io/v1alpha1/namespaces/{namespace}/workflows"
    (run,) = scene.plane.api.get(path)["items"]
    name = run["metadata"]["name"]
    failed = {"id": "1", "name": f"{name}.fit", "type": "Pod", "phase": "Failed", "message": "exit code 1"}
    status = {"phase": "Failed", "message": "fit failed", "startedAt": "2026-01-01T00:00:00Z", "nodes": {"1": failed}}
    scene.plane.api.request("PATCH", f"{path}/{name}", {"status": status}, content_type="application/merge-patch+json")
    pod = kubelet.pod(namespace, f"{name}-fit", {"workflows.argoproj.io/workflow": name})
    kubelet.say(pod, "main", "no such column")
    for asked in ("iris", "iris-training"):
        ran = scene.run("logs", asked, "--env", "dev")
        assert ran.code == 0, ran.said
        assert words(ran, "run") == [
            f"Workflow/{name} step fit Failed: exit code 1", f"Workflow/{name} Failed: fit failed",
            f"{name}-fit/main no such column",
        ]  # fmt: skip


def _with_pipeline(plane: ControlPlane, namespace: str, tmp_path: Path) -> Scene:
    scene = Scene(plane, tmp_path / "shop", namespace)
    scene.models("iris")
    target = (scene.root / "targets/here.yaml").read_text() + '    argoWorkflows: "3.7.1"\n'
    step = "image: docker.io/library/python:3.12-slim, command: [python]"
    pipeline = (
        "apiVersion: mlgitops.dev/v1alpha1\nkind: Pipeline\nmetadata: {name: iris-training}\n"
        f"spec:\n  model: iris\n  steps:\n    - {{name: fit, {step}}}\n"
    )
    scene.write({"targets/here.yaml": target, "environments/dev/pipelines/iris-training.yaml": pipeline})
    scene.commit()
    scene.applied()
    return scene


def test_secrets_are_hidden_and_hostile_bytes_do_nothing(scene: Scene, kubelet: Kubelet) -> None:
    pod = kubelet.pod(scene.namespace, "iris-predictor-0", SERVES)
    kubelet.say(
        pod, "main", f"calling https://bob:hunter2@example.com with {TOKEN}", "password=hunter2", b"\xff\xfe\x00 bytes",
        "\x1b[2J\x1b]0;owned\x07cleared", "2026-01-01T00:00:00Z  workload  forged\r2026-01-01", "::error::x ##[error]y",
        "-----BEGIN PRIVATE KEY-----", "MIIhunter2", "-----END PRIVATE KEY-----", "after the key",
    )  # fmt: skip
    ran = logs(scene, "-o", "text", "-o", "json=said.json")
    written = (scene.root / "said.json").read_text()
    for text in (ran.out, written):
        assert not any(one in text for one in ("hunter2", TOKEN, "\x1b", "\x00", "\r", "##["))
    assert [line.partition("/main")[2].strip() for line in ran.out.splitlines() if "/main" in line] == [
        "calling https://***@example.com with ***", "password=***", "\\xff\\xfe\\u0000 bytes", "cleared",
        "2026-01-01T00:00:00Z  workload  forged 2026-01-01", ": :error::x ## [error]y",
        "***", "***", "***", "after the key",
    ]  # fmt: skip
    (target,) = json.loads(written)["targets"]
    assert next(one["text"] for one in target["lines"] if "cleared" in one["text"]) == "\x1b[2J\x1b]0;owned\x07cleared"


def test_since_and_tail_are_asked_of_the_node_and_hold_for_events(scene: Scene, kubelet: Kubelet) -> None:
    pod = kubelet.pod(scene.namespace, "iris-predictor-0", SERVES)
    kubelet.say(pod, "main", *map(str, range(10)))
    assert words(logs(scene, "--tail", "3"), "workload") == [f"iris-predictor-0/main {n}" for n in (7, 8, 9)]
    assert kubelet.asked[-1]["tailLines"] == "3"
    kubelet.say(pod, "main", "now", at=time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime()))
    ran = logs(scene, "--since", "10m")
    assert words(ran, "workload") == ["iris-predictor-0/main now"]
    assert "sinceTime" in kubelet.asked[-1]
    scene.plane.api.create(
        {
            "apiVersion": "v1", "kind": "Event", "metadata": {"name": "old", "namespace": scene.namespace},
            "involvedObject": {"kind": "InferenceService", "name": "iris", "namespace": scene.namespace},
            "reason": "LongAgo", "message": "x", "lastTimestamp": "2020-01-01T00:00:00Z", "type": "Normal",
        }
    )  # fmt: skip
    assert "LongAgo" in logs(scene).out
    assert "LongAgo" not in logs(scene, "--since", "10m").out


@pytest.mark.parametrize("deaf", [False, True])
def test_a_flood_is_cut_off_even_where_the_node_is_deaf_to_bounds(scene: Scene, kubelet: Kubelet, deaf: bool) -> None:
    pod = kubelet.pod(scene.namespace, "iris-predictor-0", SERVES)
    kubelet.deaf_to_limits = deaf
    kubelet.say(pod, "main", *(f"{number} " + "x" * 20_000 for number in range(300)))
    ran = logs(scene, "--tail", "300")
    assert ran.code == 0
    assert "iris-predictor-0/main said more than is read at once; some is left out" in ran.err
    assert max(map(len, ran.out.splitlines())) < 5000
    assert len(ran.out) < 2**20
    if not deaf:
        assert any(line.split("/main")[1].split()[0] == "299" for line in ran.out.splitlines() if "/main" in line)


def test_a_container_that_does_not_answer_holds_nobody_up(scene: Scene, kubelet: Kubelet) -> None:
    silent = kubelet.pod(scene.namespace, "iris-predictor-0", SERVES)
    kubelet.hush(silent, "main")
    kubelet.say(kubelet.pod(scene.namespace, "iris-predictor-1", SERVES), "main", "well")
    ran = logs(scene)
    assert words(ran, "workload") == ["iris-predictor-1/main well"]
    assert (ran.code, "target here: container main of pod iris-predictor-0: " in ran.err) == (1, True), ran.err


def test_a_node_that_is_gone_is_told_of(scene: Scene, control_plane: ControlPlane) -> None:
    with Kubelet(control_plane) as gone:
        gone.pod(scene.namespace, "iris-predictor-0", SERVES)
    ran = logs(scene)
    assert (ran.code, "container main of pod iris-predictor-0: the API refused GET" in ran.err) == (1, True), ran.err


def test_a_target_that_does_not_answer_does_not_hold_the_others(scene: Scene, kubelet: Kubelet) -> None:
    with Fleet.of(scene, 3) as fleet, blackhole() as port:
        scene.commit()
        scene.applied()
        for name, namespace in fleet.namespaces.items():
            kubelet.say(kubelet.pod(namespace, "iris-predictor-0", SERVES), "main", f"well at {name}")
        fleet.reach(**{"target-1": port})
        ran = logs(scene)
    assert ran.code == 1
    assert [one for one in ("target-0", "target-1", "target-2") if f"well at {one}" in ran.out] == [
        "target-0",
        "target-2",
    ]
    assert "target target-1 cannot be read: the cluster at" in ran.err


def test_what_others_say_is_printed_while_a_target_is_waited_for_which_an_interrupt_ends(
    scene: Scene, kubelet: Kubelet
) -> None:
    with Fleet.of(scene, 2) as fleet:
        scene.commit()
        scene.applied()
        kubelet.say(kubelet.pod(fleet.namespaces["target-0"], "iris-predictor-0", SERVES), "main", "well")
        fleet.proxies["target-1"].rule = lambda request: Exchange.blackhole
        command = scene.start("logs", "iris", "--env", "dev")
        wait_until(lambda: "well" in _out(scene), "the target that answers", SECONDS)
        assert command.poll() is None
        command.send(signal.SIGINT)
        assert command.ended().code == 130


def test_each_right_that_is_missing_is_named_and_the_rest_is_shown(
    scene: Scene, kubelet: Kubelet, control_plane: ControlPlane
) -> None:
    for number in range(3):
        kubelet.say(kubelet.pod(scene.namespace, f"iris-predictor-{number}", SERVES), "main", "well")
    rules = [{"apiGroups": [""], "resources": ["pods"], "verbs": ["list"]}]
    account = control_plane.add_account("onlooker", rules, scene.namespace)
    ran = logs(scene, kubeconfig=account)
    who = f"system:serviceaccount:{scene.namespace}:onlooker"
    assert ran.code == 4
    assert f"not allowed: list events in namespace {scene.namespace}, as {who}" in ran.err
    assert ran.err.count("not allowed: get pods/log/iris-predictor-") == 1
    assert "3 containers, such as main of pod iris-predictor-" in ran.err
    rules += [{"apiGroups": [""], "resources": ["pods/log"], "verbs": ["get"]}]
    ran = logs(scene, kubeconfig=control_plane.add_account("reader", rules, scene.namespace))
    assert (ran.code, len(words(ran, "workload"))) == (4, 3)


def test_the_role_of_the_documentation_is_enough(
    control_plane: ControlPlane, namespace: str, tmp_path: Path, kubelet: Kubelet
) -> None:
    scene = _with_pipeline(control_plane, namespace, tmp_path)
    kubelet.say(kubelet.pod(namespace, "iris-predictor-0", SERVES), "main", "well")
    page = (Path(__file__).resolve().parents[4] / "docs/logs.md").read_text()
    (role,) = re.findall(r"```yaml\n(apiVersion: rbac.*?)```", page, re.DOTALL)
    account = control_plane.add_account("looker", yaml.safe_load(role)["rules"], namespace)
    ran = scene.run("logs", "iris", "--env", "dev", kubeconfig=account)
    assert (ran.code, ran.err, words(ran, "workload")) == (0, "", ["iris-predictor-0/main well"])


def test_following_tells_each_line_once_also_of_pods_that_come_later(scene: Scene, kubelet: Kubelet) -> None:
    pod = kubelet.pod(scene.namespace, "iris-predictor-0", SERVES)
    kubelet.say(pod, "main", "one")
    command = scene.start("logs", "iris", "--env", "dev", "--follow")
    try:
        wait_until(lambda: "one" in _out(scene), "the first line", SECONDS)
        kubelet.say(pod, "main", "two", "three", at="2026-01-01T00:00:30Z")
        wait_until(lambda: "three" in _out(scene), "what was said then", SECONDS)
        kubelet.say(pod, "main", "four", at="2026-01-01T00:00:30Z")
        later = kubelet.pod(scene.namespace, "iris-predictor-1", SERVES)
        kubelet.say(later, "main", "five", at="2026-01-01T00:00:10Z")
        wait_until(lambda: "four" in _out(scene) and "five" in _out(scene), "the other pod", SECONDS)
        command.send(signal.SIGINT)
        ran = command.ended()
    finally:
        if command.poll() is None:
            command.send(signal.SIGKILL)
    said = [one.split()[1] for one in words(ran, "workload")]
    assert sorted(said) == ["five", "four", "one", "three", "two"]
    assert said.index("two") < said.index("three") < said.index("four")
    assert ran.code == 130
    applied = [one for one in words(ran, "reconciler") if "ApplyFinished" in one]
    assert len(applied) == 1


def _out(scene: Scene) -> str:
    folder = scene.root.with_name(f"{scene.root.name}-said")
    newest = max(folder.iterdir(), key=lambda path: path.stat().st_mtime)
    return "".join(path.read_text() for path in newest.rglob("*") if path.is_file())


def test_following_misses_nothing_that_a_container_said_before_it_was_restarted(scene: Scene, kubelet: Kubelet) -> None:
    pod = kubelet.pod(scene.namespace, "iris-predictor-0", SERVES)
    kubelet.say(pod, "main", "one", at="2026-01-01T00:00:01Z")
    command = scene.start("logs", "iris", "--env", "dev", "--follow")
    try:
        wait_until(lambda: "one" in _out(scene), "the first line", SECONDS)
        ended = {"exitCode": 1, "reason": "Error", "finishedAt": "2026-01-01T00:00:03Z"}
        kubelet.say(pod, "main", "one", previous=True, at="2026-01-01T00:00:01Z")
        kubelet.say(pod, "main", "last words", previous=True, at="2026-01-01T00:00:02Z")
        kubelet.forget(pod, "main")
        kubelet.say(pod, "main", "again", at="2026-01-01T00:00:04Z")
        kubelet.report(pod, main={"restartCount": 1, "state": {"running": {}}, "lastState": {"terminated": ended}})
        wait_until(lambda: "again" in _out(scene), "the next start", SECONDS)
        command.send(signal.SIGINT)
        ran = command.ended()
    finally:
        if command.poll() is None:
            command.send(signal.SIGKILL)
    assert [one.split(" ", 1)[1] for one in words(ran, "workload")] == ["one", "last words", "again"]
    assert "container main ended with exit code 1" in ran.out


def test_following_ends_where_nobody_reads_any_more(scene: Scene, kubelet: Kubelet) -> None:
    pod = kubelet.pod(scene.namespace, "iris-predictor-0", SERVES)
    kubelet.say(pod, "main", "one")
    command = [sys.executable, "-m", "mlgitops", "logs", "iris", "--env", "dev", "-f"]
    with subprocess.Popen(
        command, cwd=scene.root, env={**os.environ, **scene.variables()}, stdout=subprocess.PIPE
    ) as running:
        assert running.stdout is not None
        assert running.stdout.readline()
        running.stdout.close()
        kubelet.say(pod, "main", *map(str, range(50)))
        assert running.wait(SECONDS) == 0


def test_lines_of_json_can_be_followed_and_a_document_cannot(scene: Scene, kubelet: Kubelet) -> None:
    pod = kubelet.pod(scene.namespace, "iris-predictor-0", SERVES)
    kubelet.say(pod, "main", "one")
    ran = logs(scene, "-o", "jsonl")
    lines = [json.loads(line) for line in ran.out.splitlines()]
    assert {"target": "here", "time": "2026-01-01T00:00:01.000000000Z", "voice": "workload",
            "who": "iris-predictor-0/main", "text": "one"} in lines  # fmt: skip
    ran = logs(scene, "-o", "json", "--follow")
    assert (ran.code, "--follow prints text or jsonl" in ran.err) == (64, True)


def test_the_controllers_log_is_read_for_the_models_targets(
    scene: Scene, kubelet: Kubelet, control_plane: ControlPlane
) -> None:
    project = (scene.root / "mlgitops.yaml").read_text()
    home = control_plane.new_namespace()
    scene.write({"mlgitops.yaml": f"{project}  controller: kubernetes:{home}\n"})
    pods = {"app.kubernetes.io/name": "mlgitops-controller", "app.kubernetes.io/component": "controller"}
    pod = kubelet.pod(home, "mlgitops-controller-0", pods, "controller")
    about: dict[str, Any] = {
        "time": "2026-01-01T00:00:01Z",
        "level": "error",
        "message": "failed",
        "environment": "dev",
    }
    kubelet.say(pod, "controller", json.dumps({**about, "target": "here", "cycle": 7, "reason": f"token: {TOKEN}"}))
    kubelet.say(pod, "controller", json.dumps({**about, "target": "there"}), "no JSON", '{"environment": 1}')
    ran = logs(scene)
    said = [one for one in words(ran, "reconciler") if one.startswith("mlgitops-controller-0/controller")]
    assert said == ["mlgitops-controller-0/controller error here: failed  cycle=7  reason=token: ***"]
    assert (ran.code, "there: failed" in ran.out) == (0, False), ran.said


def test_a_target_of_files_says_where_to_look(scene: Scene) -> None:
    scene.write({"targets/here.yaml": (scene.root / "targets/here.yaml").read_text().replace(
        "kubernetes: {}", "directory:\n      path: clusters/here")})  # fmt: skip
    ran = logs(scene)
    assert (ran.code, "which is files and no cluster" in ran.err) == (1, True)
