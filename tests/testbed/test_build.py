"""Where the control plane's programs and the custom resources come from, without running any of them."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

from tests.testbed import build, cache, crds
from tests.testbed.errors import TestbedError

FAKE_GO = """\
#!/bin/sh
if [ "$1" = version ]; then echo "go version go1.99.0 linux/amd64"; exit 0; fi
echo '{answer}'
"""


def program(path: Path, text: str = "#!/bin/sh\n") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


def test_assets_named_by_the_user_come_first(tmp_path: Path) -> None:
    for name in build.NEEDED:
        program(tmp_path / "assets" / name)
        program(tmp_path / "path" / name)
    environment = {"KUBEBUILDER_ASSETS": str(tmp_path / "assets"), "PATH": str(tmp_path / "path")}
    assert build.programs(environment) == {name: tmp_path / "assets" / name for name in build.NEEDED}


def test_assets_that_lack_a_program_are_an_error_that_names_it(tmp_path: Path) -> None:
    program(tmp_path / "etcd")
    with pytest.raises(TestbedError, match="has no kube-apiserver; correct or unset it"):
        build.programs({"KUBEBUILDER_ASSETS": str(tmp_path)})


def test_programs_on_path_are_used(tmp_path: Path) -> None:
    for name in build.NEEDED:
        program(tmp_path / name)
    assert build.programs({"PATH": str(tmp_path)}) == {name: tmp_path / name for name in build.NEEDED}


def test_an_etcd_alone_on_path_is_not_enough(tmp_path: Path) -> None:
    program(tmp_path / "path" / "etcd")
    environment = {"PATH": str(tmp_path / "path"), "XDG_CACHE_HOME": str(tmp_path)}
    build.built(environment).mkdir(parents=True)
    assert build.programs(environment) == {name: build.built(environment) / name for name in build.PROGRAMS}


def test_several_at_once_make_a_directory_once(tmp_path: Path) -> None:
    made: list[Path] = []
    begun, go_on = threading.Event(), threading.Event()

    def make(directory: Path) -> None:
        begun.set()
        go_on.wait(10)
        made.append(directory)
        (directory / "file").write_text("whole")

    wanted = [threading.Thread(target=cache.made_once, args=(tmp_path / "target", make)) for _ in range(3)]
    for thread in wanted:
        thread.start()
    assert begun.wait(10)
    assert not (tmp_path / "target").exists()
    go_on.set()
    for thread in wanted:
        thread.join()
    assert len(made) == 1
    assert (tmp_path / "target" / "file").read_text() == "whole"


def test_a_failed_attempt_leaves_nothing_and_is_made_again(tmp_path: Path) -> None:
    def fail(directory: Path) -> None:
        (directory / "half").write_text("")
        raise TestbedError("out of luck")

    with pytest.raises(TestbedError, match="out of luck"):
        cache.made_once(tmp_path / "target", fail)
    assert [path.name for path in tmp_path.iterdir()] == ["target.lock"]
    assert cache.made_once(tmp_path / "target", lambda directory: (directory / "whole").touch()).is_dir()


def test_a_fingerprint_tells_where_one_part_ends() -> None:
    assert cache.fingerprint([b"ab", b"c"]) != cache.fingerprint([b"a", b"bc"])


def test_a_module_with_another_hash_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = json.dumps({"Dir": str(tmp_path), "Sum": "h1:another"})
    program(tmp_path / "bin" / "go", FAKE_GO.format(answer=answer))
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    with pytest.raises(TestbedError, match="has the hash h1:another"):
        crds.fetched({"XDG_CACHE_HOME": str(tmp_path / "cache")})


def test_an_unknown_component_is_refused_with_the_known_ones() -> None:
    with pytest.raises(TestbedError, match=r"has no kserve-9; it has kserve-0\.15,"):
        crds.definitions("kserve-9", {})


def test_the_version_built_is_the_one_that_the_module_requires() -> None:
    staging = {line.split()[-1] for line in (build.MODULE / "go.mod").read_text().splitlines() if "=>" in line}
    assert staging == {build.kubernetes_version().replace("v1.", "v0.", 1)}
