"""``mlgitops registry alias`` and signed releases, with a fake of Kubeflow's Model Registry."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.kubeflow import FakeKubeflow
from tests.fakes.model_signing import signed_model
from tests.fakes.server import Fault

pytestmark = pytest.mark.integration

MODEL = "environments/dev/models/{}.yaml"


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeKubeflow]:
    """The registry that the environment's variables name."""
    with FakeKubeflow() as server:
        monkeypatch.setenv("MLGITOPS_MODEL_REGISTRY_URL", server.url)
        yield server


def registered(text: str, version: str) -> str:
    """A model's file whose release names a version in the registry."""
    return text.replace("  serving:\n", f"    registered: kubeflow:models:/flowers/{version}\n  serving:\n", 1)


def called(server: FakeKubeflow) -> str:
    value: str = server.model["customProperties"].get("mlgitops.alias.dev", {}).get("string_value", "")
    return value


def test_the_alias_goes_back_with_a_release(shop: Any, registry: FakeKubeflow, model_text: Callable[..., str]) -> None:
    for version, told in (("2", "is now called dev"), ("1", "is now called dev (before: version 2)")):
        shop.commit({MODEL.format("iris"): registered(model_text("dev", "2.0"), version)})
        ran = shop.run("registry", "alias", "--env", "dev")
        assert (ran.code, told in ran.out, called(registry)) == (0, True, version), ran.err
    sent = [one.method for one in registry.asked]
    assert shop.run("registry", "alias", "--env", "dev").code == 0
    assert [one.method for one in registry.asked].count("PATCH") == sent.count("PATCH")


def test_two_models_of_two_versions_are_refused_and_one_that_is_named_is_not(
    shop: Any, registry: FakeKubeflow, model_text: Callable[..., str]
) -> None:
    files = {"iris": "1", "rose": "2"}
    shop.commit({MODEL.format(name): registered(model_text("dev", "2.0", name), one) for name, one in files.items()})
    ran = shop.run("registry", "alias", "--env", "dev")
    assert (ran.code, "iris and rose in dev run versions 1 and 2 of flowers" in ran.err) == (1, True), ran.err
    assert called(registry) == ""
    assert shop.run("registry", "alias", "rose", "--env", "dev", "--alias", "dev").code == 0
    assert called(registry) == "2"


def test_a_registry_that_fails_is_told_and_exits_with_1(
    shop: Any, registry: FakeKubeflow, model_text: Callable[..., str]
) -> None:
    shop.commit({MODEL.format("iris"): registered(model_text("dev", "2.0"), "1")})
    registry.inject(Fault(status=500, body=b"{}", method="PATCH"))
    ran = shop.run("registry", "alias", "--env", "dev")
    assert (ran.code, "could not be called dev" in ran.err, called(registry)) == (1, True, ""), ran.err


def test_a_signed_version_comes_with_its_digest_and_signature(
    shop: Any, registry: FakeKubeflow, tmp_path: Path
) -> None:
    _, bundle, digest = signed_model({"model.pkl": b"2.0"})
    (tmp_path / "model.sig").write_text(bundle)
    asked = ("release", "iris", "--env", "dev", "--from", "kubeflow:models:/flowers@candidate", "--version", "3.0",
             "--artifact-signature", str(tmp_path / "model.sig"))  # fmt: skip
    refused = shop.run(*asked, "--digest", "sha256:" + "cd" * 32)
    assert (refused.code, "the digests of kubeflow:models:/flowers/1 differ" in refused.err) == (1, True)
    shop.promoted(*asked)
    assert f"digest: {digest}" in shop.file(MODEL.format("iris"))
    evidence = json.loads(shop.file("environments/dev/evidence/iris/3.0.json"))
    assert (evidence["artifactDigest"], json.loads(evidence["artifactSignature"])) == (digest, json.loads(bundle))
    assert shop.run("audit", "verify").code == 0
