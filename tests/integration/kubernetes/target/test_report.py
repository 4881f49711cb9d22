"""What ``report --html`` shows of a real cluster, which it only reads."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.testbed.control_plane import ControlPlane
from tests.testbed.scene import Scene

BROKEN = {
    "conditions": [{"type": "Ready", "status": "False", "lastTransitionTime": "2026-01-01T00:00:00Z"}],
    "modelStatus": {"states": {"activeModelState": "", "targetModelState": "FailedToLoad"},
                    "transitionStatus": "BlockedByFailedLoad",
                    "lastFailureInfo": {"reason": "ModelLoadFailed", "message": "<script>alert(1)</script>"}},
}  # fmt: skip


@pytest.mark.kubernetes
@pytest.mark.integration
def test_what_failed_what_drifted_and_what_waits_are_on_the_page(
    control_plane: ControlPlane, namespace: str, tmp_path: Path
) -> None:
    scene = Scene(control_plane, tmp_path / "shop", namespace)
    scene.models("rose", "tulip")
    scene.commit()
    scene.applied()
    service = {"apiVersion": "serving.kserve.io/v1beta1", "kind": "InferenceService"}
    rose, tulip = ({**service, "metadata": {"namespace": namespace, "name": name}} for name in ("rose", "tulip"))
    control_plane.api.set_status(rose, BROKEN)
    path = f"{control_plane.api.path(tulip)}?fieldManager=kubectl-edit"
    body = {"spec": {"predictor": {"maxReplicas": 9}}}
    control_plane.api.request("PATCH", path, body, content_type="application/merge-patch+json")
    scene.models("rose", "tulip", "lily")
    scene.commit()
    with control_plane.audit.recording() as recorded:
        ran = scene.run("report", "--html", str(tmp_path / "site"))
    assert (ran.code, recorded.mutating()) == (0, [])
    data = json.loads((tmp_path / "site/data.json").read_text())
    running = {one["owner"]: one for one in data["environments"][0]["targets"][0]["running"]}
    assert running["Model/rose"]["health"]["state"] == "failed"
    assert (running["Model/tulip"]["drifted"], running["Model/lily"]["pending"]) == (True, True)
    first = (tmp_path / "site/index.html").read_text()
    for flags, name in (("failed", "rose"), ("drift", "tulip"), ("pending", "lily")):
        assert f'data-flags="{flags}' in first.split(f">{name}</a>")[0].rpartition("<tr")[2]
    page = (tmp_path / "site/models/rose.html").read_text()
    assert "ModelLoadFailed: &lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "maxReplicas" in (tmp_path / "site/models/tulip.html").read_text()
