"""KServe itself takes an LLMInferenceService as it is rendered, runs vLLM's pods and makes its route."""

from __future__ import annotations

from collections.abc import Callable

from tests.testbed.control_plane import ControlPlane

ASKED = ("--env", "dev", "--target", "gcp-dev", "--model", "smollm2-large")

Run = Callable[..., tuple[int, str, str]]


def test_a_language_model_becomes_ready_and_a_second_plan_says_no_changes(cluster: ControlPlane, run: Run) -> None:
    code, said, wrong = run("apply", *ASKED, "--yes", "--timeout", "2m", "--no-progress")
    assert code == 0, said + wrong
    place = {"name": "smollm2-large", "namespace": "models-dev"}
    live = cluster.api.read(
        {"apiVersion": "serving.kserve.io/v1alpha2", "kind": "LLMInferenceService", "metadata": place}
    )
    assert {one["type"] for one in live["status"]["conditions"] if one["status"] != "True"} == set()
    (pod,) = cluster.api.get("/api/v1/namespaces/models-dev/pods")["items"]
    assert pod["spec"]["nodeName"] in ("targets-gcp-dev-t4", "targets-gcp-prod-t4")
    code, said, _ = run("plan", *ASKED, "--detailed-exitcode")
    assert (code, "No changes." in said) == (0, True), said
    assert run("drift", *ASKED)[0] == 0
