from __future__ import annotations

import os
from pathlib import Path

import pytest

from mlgitops.errors import ToolError, ToolMissingError
from mlgitops.tools.kustomize import PINNED, Kustomize, find, pinned

SHOW = '#!/bin/sh\nfor one in "$@"; do echo "argument: $one"; done\n/usr/bin/env | /usr/bin/sort\n'


def program(path: Path, text: str = "#!/bin/sh\n") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


@pytest.fixture
def places(tmp_path: Path) -> dict[str, Path]:
    """A kustomize in every place where one is looked for."""
    return {
        "told": program(tmp_path / "own" / "my-kustomize"),
        "path": program(tmp_path / "bin" / "kustomize"),
        "pinned": program(tmp_path / "cache" / "mlgitops" / "kustomize" / PINNED / "kustomize"),
        "kubectl": program(tmp_path / "other" / "kubectl"),
    }


def test_places_are_tried_in_order(tmp_path: Path, places: dict[str, Path]) -> None:
    environment = {
        "MLGITOPS_KUSTOMIZE": str(places["told"]),
        "PATH": f"{tmp_path}/other:{tmp_path}/bin",
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
    }
    assert find(environment).program == places["told"]
    del environment["MLGITOPS_KUSTOMIZE"]
    for place in ("path", "pinned", "kubectl"):
        assert find(environment).program == places[place]
        places[place].unlink()
    with pytest.raises(ToolMissingError, match="kustomize was not found") as caught:
        find(environment)
    assert "MLGITOPS_KUSTOMIZE" in caught.value.help


def test_the_cache_is_in_the_home_unless_told_otherwise(tmp_path: Path) -> None:
    assert pinned({"HOME": "/h"}) == Path(f"/h/.cache/mlgitops/kustomize/{PINNED}/kustomize")
    assert pinned({"HOME": "/h", "XDG_CACHE_HOME": "/c"}) == Path(f"/c/mlgitops/kustomize/{PINNED}/kustomize")


def test_a_wrong_setting_is_an_error_rather_than_another_kustomize(tmp_path: Path, places: dict[str, Path]) -> None:
    environment = {"MLGITOPS_KUSTOMIZE": str(tmp_path / "gone"), "PATH": str(tmp_path / "bin")}

    with pytest.raises(ToolMissingError, match="which is not a program"):
        find(environment)


@pytest.mark.parametrize(("name", "verb"), [("kustomize", "build"), ("kubectl", "kustomize")])
def test_nothing_of_the_users_environment_and_no_loose_flag_reaches_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, verb: str
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "canary")
    root = tmp_path / "root"
    root.mkdir()

    said = Kustomize(program(tmp_path / name, SHOW)).build(root, "environments/-prod").decode()

    arguments = [line.partition(": ")[2] for line in said.splitlines() if line.startswith("argument: ")]
    assert arguments == [verb, "--load-restrictor=LoadRestrictionsRootOnly", f"{root}/environments/-prod"]
    assert "canary" not in said
    assert os.environ["HOME"] not in said
    assert "HOME=/nonexistent" in said
    assert "HTTPS_PROXY=http://127.0.0.1:9" in said


def test_a_failure_names_the_directory_and_hides_sandbox_and_secrets(tmp_path: Path) -> None:
    text = '#!/bin/sh\necho "Error: $2/../$3/own.yaml: bad value hunter22 in $3, \\"q\\\\\\"q\\"" >&2\nexit 1\n'
    kustomize = Kustomize(program(tmp_path / "kustomize", text))

    with pytest.raises(ToolError) as caught:
        kustomize.build(tmp_path, "environments/prod", hidden={"hunter22", "hunter2", 'q"q'})

    assert caught.value.message.startswith("kustomize failed with status 1 in environments/prod: Error: ")
    assert 'environments/prod/own.yaml: bad value *** in environments/prod, "***"' in caught.value.message
    assert str(tmp_path) not in caught.value.message


@pytest.mark.parametrize(
    "said",
    [
        '<\n\tmerging from generator &{0x136f0fc744e0 <nil>}: id "a" exists\n >\n',
        '"merging from generator &{0xc000abc123 <nil>}: id \\"a\\" exists"\n',
    ],
)
def test_what_kubectl_and_go_wrap_around_the_words_is_taken_off(tmp_path: Path, said: str) -> None:
    said = f'E1124 18:58:05.584533   20799 run.go:72] "command failed" err={said}'
    text = f"#!/bin/sh\n/bin/cat >&2 <<'END'\n{said}END\nexit 1\n"

    with pytest.raises(ToolError) as caught:
        Kustomize(program(tmp_path / "kubectl", text)).build(tmp_path, "")

    assert caught.value.message == 'kustomize failed with status 1 in .: Error: merging from generator: id "a" exists'


def test_the_version_is_what_it_says(tmp_path: Path) -> None:
    kubectl = program(tmp_path / "kubectl", '#!/bin/sh\necho \'{"kustomizeVersion": "v5.5.0"}\'\n')
    kustomize = program(tmp_path / "kustomize", "#!/bin/sh\necho v5.8.2\n")

    assert Kustomize(kubectl).version() == "v5.5.0"
    assert Kustomize(kustomize).version() == "v5.8.2"
