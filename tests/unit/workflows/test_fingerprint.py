from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from mlgitops.workflows.fingerprint import fingerprint, program

FILES = {"mlgitops.yaml": b"a", "models/x.yaml": b"b"}


def test_the_same_content_has_the_same_fingerprint_in_whatever_order() -> None:
    assert fingerprint(FILES, "dev") == fingerprint(dict(reversed(FILES.items())), "dev")


@pytest.mark.parametrize(
    "files",
    [
        {**FILES, "mlgitops.yaml": b"c"},
        {**FILES, "more.yaml": b""},
        {"mlgitops.yaml": b"a"},
        {"mlgitops.yaml": b"a", "models/y.yaml": b"b"},
        {"mlgitops.yaml": b"b", "models/x.yaml": b"a"},
        {"mlgitops.yaml": b"amodels/x.yaml\x00b"},
        {"mlgitops.yaml": b"", "models/x.yaml": b"ab"},
    ],
)
def test_other_content_has_another(files: dict[str, bytes]) -> None:
    assert fingerprint(files, "dev") != fingerprint(FILES, "dev")


def test_another_environment_has_another() -> None:
    assert fingerprint(FILES, "dev") != fingerprint(FILES, "prod")


@pytest.fixture
def kustomize(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Makes a program of some content the kustomize that would run."""

    def choose(content: str) -> None:
        program = tmp_path / f"kustomize-{len(content)}"
        program.write_text(content)
        program.chmod(0o755)
        monkeypatch.setenv("MLGITOPS_KUSTOMIZE", str(program))

    return choose


@pytest.mark.parametrize("name", ["kustomization.yaml", "kustomization.yml", "Kustomization"])
def test_another_kustomize_counts_where_there_is_an_overlay_and_only_there(
    kustomize: Callable[[str], None], name: str
) -> None:
    overlaid = {**FILES, f"environments/dev/{name}": b"{}"}
    kustomize("#!/bin/sh\n")
    first, without, other = fingerprint(overlaid, "dev"), fingerprint(FILES, "dev"), fingerprint(overlaid, "prod")
    kustomize("#!/bin/sh\n#\n")
    assert fingerprint(overlaid, "dev") != first
    assert (fingerprint(FILES, "dev"), fingerprint(overlaid, "prod")) == (without, other)


def test_a_kustomize_that_is_not_there_is_a_fingerprint_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    overlaid = {**FILES, "environments/dev/kustomization.yaml": b"{}"}
    monkeypatch.setenv("MLGITOPS_KUSTOMIZE", "/nowhere/kustomize")
    assert fingerprint(overlaid, "dev") == fingerprint(overlaid, "dev")


def test_the_program_is_told_by_its_version_and_its_files() -> None:
    from mlgitops import __version__

    assert program().startswith(__version__)
    assert len(program()) == len(__version__) + 64
