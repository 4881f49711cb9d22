from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from mlgitops.workflows.fingerprint import fingerprint, own_paths, owner, program

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


@pytest.mark.parametrize(
    "path",
    ["models/x.yaml", "environments/dev/models/x.y.yaml", "environments/dev/pipelines/x.yaml", "steps/x/1.0.yaml"],
)
def test_a_file_is_among_those_of_its_owner(path: str) -> None:
    assert path in own_paths(owner(path, "dev"), "dev")


@pytest.mark.parametrize(
    "path",
    [
        "models/x.yml",
        "models/a/x.yaml",
        "models/.yaml",
        "environments/prod/models/x.yaml",
        "targets/x.yaml",
        "x.yaml",
        "steps/x.yaml",
        "steps/x/a.yaml",
    ],
)
def test_other_files_have_no_owner(path: str) -> None:
    assert owner(path, "dev") == ""


def test_evidence_and_what_other_environments_run_do_not_count_without_an_overlay() -> None:
    others = {
        **FILES, "environments/dev/environment.yaml": b"", "environments/prod/environment.yaml": b"",
        "environments/dev/evidence/x/1.json": b"", "environments/prod/models/x.yaml": b"",
    }  # fmt: skip
    before = fingerprint(others, "dev")
    for path in ("environments/dev/evidence/x/1.json", "environments/prod/models/x.yaml"):
        assert fingerprint({**others, path: b"other"}, "dev") == before
        overlaid = {**others, "environments/dev/kustomization.yaml": b"{}"}
        assert fingerprint({**overlaid, path: b"other"}, "dev") != fingerprint(overlaid, "dev")
    del others["environments/prod/environment.yaml"]
    assert fingerprint({**others, "environments/prod/models/x.yaml": b"other"}, "dev") != fingerprint(others, "dev")
