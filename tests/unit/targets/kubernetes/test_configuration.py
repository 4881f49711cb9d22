from __future__ import annotations

import base64
import json
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from kubernetes.config import kube_config

from mlgitops.targets.kubernetes.configuration import load

THREADS = 8
CERTIFICATE = "-----BEGIN CERTIFICATE-----\nnot one\n-----END CERTIFICATE-----\n"


@pytest.fixture
def kubeconfig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A kubeconfig that is not plain, whose certificates the package writes to files of its own, slowly."""
    encoded = base64.b64encode(CERTIFICATE.encode()).decode()
    user = {"client-certificate-data": encoded, "client-key-data": encoded}
    cluster = {"server": "https://127.0.0.1:1", "certificate-authority-data": encoded}
    content = {
        "current-context": "a",
        "contexts": [{"name": "a", "context": {"cluster": "a", "user": "a"}}],
        "clusters": [{"name": "a", "cluster": cluster}],
        "users": [{"name": "a", "user": user}],
    }
    (tmp_path / "config").write_text(json.dumps(content))

    class Slow(dict[str, str]):
        """Notes the file's name, after which the package takes its time to write it."""

        def __setitem__(self, key: str, value: str) -> None:
            super().__setitem__(key, value)
            time.sleep(0.2)

    monkeypatch.setattr(kube_config, "_temp_files", Slow())
    return str(tmp_path / "config")


def test_certificates_that_several_targets_share_are_whole_for_each(kubeconfig: str) -> None:
    together = Barrier(THREADS)

    def read(_: int) -> list[str]:
        together.wait(20)
        found: Any = load({"kubeconfig": kubeconfig}, Path("/nowhere"))
        return [Path(name).read_text() for name in (found.ssl_ca_cert, found.cert_file, found.key_file)]

    with ThreadPoolExecutor(THREADS) as pool:
        assert list(pool.map(read, range(THREADS))) == [[CERTIFICATE] * 3] * THREADS
