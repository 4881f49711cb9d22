from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from mlgitops.spec.target import DirectoryConnection, TargetSpec

SPEC: dict[str, Any] = {"cloud": "aws", "connection": {"directory": {"path": "clusters/aws"}}}


@pytest.mark.parametrize("path", ["clusters/aws", "out", "models-rendered", "a b", ".rendered", "clusters/models", "ä"])
def test_a_directory_of_its_own_is_taken(path: str) -> None:
    assert DirectoryConnection.model_validate({"path": path}).path == path


@pytest.mark.parametrize(
    "path",
    [
        "", ".", "..", "../x", "a/../../b", "a/..", "/abs", "\\a", "a\\b", "a\x00b", "a\nb", "models", "models/x",
        "./models", "Models", "targets", "environments/dev", "mlgitops.yaml", ".git", ".git/hooks", "a/.git", "x" * 256,
    ],
)  # fmt: skip
def test_a_directory_that_leads_elsewhere_is_refused(path: str) -> None:
    with pytest.raises(ValidationError):
        DirectoryConnection.model_validate({"path": path})


@pytest.mark.parametrize(
    "resource", ["nvidia.com/gpu", "nvidia.com/mig-1g.10gb", "amd.com/gpu", "gpu.intel.com/i915", "habana.ai/gaudi"]
)
def test_a_known_resource_is_an_accelerator(resource: str) -> None:
    spec = TargetSpec.model_validate({**SPEC, "accelerators": {"fast": {"resource": resource}}})
    assert spec.accelerators["fast"].resource == resource


@pytest.mark.parametrize("resource", ["cpu", "nvidia.com/mig-1g", "example.com/gpu", "nvidia.com/gpu "])
def test_another_resource_is_none(resource: str) -> None:
    with pytest.raises(ValidationError):
        TargetSpec.model_validate({**SPEC, "accelerators": {"fast": {"resource": resource}}})


@pytest.mark.parametrize("connection", [{}, {"directory": {"path": "a"}, "git": {}}, {"ftp": {}}])
def test_a_target_has_exactly_one_connection(connection: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        TargetSpec.model_validate({**SPEC, "connection": connection})


@pytest.mark.parametrize("cloud", ["azure", "onprem"])
def test_an_identity_that_is_associated_outside_is_for_clouds_that_can(cloud: str) -> None:
    with pytest.raises(ValidationError, match="workloadIdentity associated is for aws and gcp"):
        TargetSpec.model_validate({**SPEC, "cloud": cloud, "workloadIdentity": "associated"})
