"""Where the controllers come from and how they are reached, without building or running them."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
import yaml

from tests.testbed.certificates import Authority
from tests.testbed.controllers import build, nodes, webhooks
from tests.testbed.crds import sources
from tests.testbed.errors import TestbedError
from tests.testbed.modules import copy_to, downloaded
from tests.testbed.toolchain import Go

FAKE_GO = """\
#!/bin/sh
echo '{answer}'
"""


def fake_go(tmp_path: Path, answer: str) -> Go:
    program = tmp_path / "go"
    program.write_text(FAKE_GO.format(answer=answer))
    program.chmod(0o755)
    return Go(program, {})


def test_those_that_were_built_are_not_built_again(tmp_path: Path) -> None:
    environment = {"XDG_CACHE_HOME": str(tmp_path)}
    assert not build.are_there(environment)
    for controller in build.controllers().values():
        build.built(controller, environment).mkdir(parents=True)
    assert build.are_there(environment)
    place = build.built(build.controllers()["kserve"], environment)
    assert build.programs(environment)["kserve"] == build.Built(place / "kserve", place / "files")


def test_another_version_is_kept_elsewhere(tmp_path: Path) -> None:
    one = build.controllers()["kserve"]
    other = build.Controller(one.name, one.module, "v9.9.9", one.sum, one.package, one.keep)
    environment = {"XDG_CACHE_HOME": str(tmp_path)}
    assert build.built(one, environment) != build.built(other, environment)


def test_controllers_are_of_the_versions_whose_custom_resources_are_served() -> None:
    served = {(source.module, source.version) for source in sources().values()}
    of_ours = {(one.module, one.version) for one in build.controllers().values() if one.name != "kwok"}
    assert of_ours <= served


def test_a_module_of_another_hash_is_not_built(tmp_path: Path) -> None:
    go = fake_go(tmp_path, '{"Dir": "/nowhere", "Sum": "h1:other"}')
    with pytest.raises(TestbedError, match="has the hash h1:other"):
        downloaded(go, "example.com/module", "v1.0.0", "h1:known")


def test_a_module_that_cannot_be_had_is_named(tmp_path: Path) -> None:
    with pytest.raises(TestbedError, match=r"example.com/module@v1.0.0 could not be downloaded"):
        downloaded(fake_go(tmp_path, ""), "example.com/module", "v1.0.0", "h1:known")


def test_a_copy_of_a_read_only_module_can_be_written_to(tmp_path: Path) -> None:
    source = tmp_path / "source"
    (source / "cmd").mkdir(parents=True)
    (source / "cmd/main.go").write_text("package main\n")
    (source / "cmd/main.go").chmod(0o444)
    for folder in (source / "cmd", source):
        folder.chmod(0o555)
    copy_to(source, tmp_path / "copy")
    assert (tmp_path / "copy/cmd").stat().st_mode & 0o200
    assert (tmp_path / "copy/cmd/main.go").stat().st_mode & 0o200
    for folder in (source, source / "cmd"):
        folder.chmod(0o755)  # so that pytest can remove it


def test_webhooks_are_called_where_the_controller_listens() -> None:
    service = {"name": "webhook", "namespace": "system", "path": "/validate"}
    hooks = {"kind": webhooks.KINDS[1], "webhooks": [{"name": "one", "clientConfig": {"service": service}}]}
    authority = Authority("here")
    (found,) = webhooks.registered([{"kind": "Service"}, hooks], authority, 9443)
    called = found["webhooks"][0]["clientConfig"]
    assert called["url"] == "https://127.0.0.1:9443/validate"
    assert base64.b64decode(called["caBundle"]).decode() == authority.certificate


def test_a_pod_ends_as_a_test_says_and_not_by_itself(tmp_path: Path) -> None:
    for name in nodes.STAGES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(f"metadata: {{name: {Path(name).stem}}}\n")
    written = nodes.write_stages(tmp_path, tmp_path / "stages.yaml").read_text()
    stages = {one["metadata"]["name"]: one for one in yaml.safe_load_all(written)}
    assert set(stages) == {"pod-ready", "pod-delete", "pod-succeeds", "pod-fails"}
    for outcome in nodes.OUTCOMES:
        wanted = stages[f"pod-{outcome}"]["spec"]["selector"]["matchExpressions"]
        assert wanted[1]["values"] == [outcome]
