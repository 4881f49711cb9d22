from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from mlgitops.errors import ToolError, ToolMissingError
from mlgitops.tools.process import ERROR_TAIL, Completed, Limits, ToolTimeoutError, run

AMPLE = Limits(timeout=20, output=1 << 20)


def python(code: str, directory: Path, limits: Limits = AMPLE, environment: dict[str, str] | None = None) -> Completed:
    return run([sys.executable, "-I", "-c", code], directory=directory, environment=environment or {}, limits=limits)


def ended(pid: int) -> bool:
    """Whether a process is gone or only waits to be reaped by whoever adopted it."""
    status = Path(f"/proc/{pid}/stat")
    return not status.exists() or status.read_text().rpartition(")")[2].split()[0] == "Z"


def test_what_a_program_prints_and_its_status_are_returned(tmp_path: Path) -> None:
    completed = python("import sys; print('out'); print('why', file=sys.stderr); sys.exit(3)", tmp_path)

    assert (completed.status, completed.output, completed.errors) == (3, b"out\n", "why\n")
    assert completed.require(accepted=(0, 3)) is completed
    with pytest.raises(ToolError, match=r"failed with status 3:\nwhy"):
        completed.require()


def test_the_environment_is_exactly_what_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANARY_TOKEN", "secret")
    code = "import os; print(sorted(set(os.environ) - {'LC_CTYPE', '__CF_USER_TEXT_ENCODING'}))"

    assert python(code, tmp_path, environment={"GIVEN": "1"}).output == b"['GIVEN']\n"


def test_a_program_runs_in_its_directory_with_nothing_to_read(tmp_path: Path) -> None:
    completed = python("import os, sys; print(os.getcwd(), repr(sys.stdin.read()))", tmp_path)

    assert completed.output == f"{tmp_path.resolve()} ''\n".encode()


def test_arguments_never_reach_a_shell(tmp_path: Path) -> None:
    arguments = [sys.executable, "-I", "-c", "import sys; print(sys.argv[1:])", "; touch x", "$(touch y)"]

    completed = run(arguments, directory=tmp_path, environment={}, limits=AMPLE)

    assert completed.output == b"['; touch x', '$(touch y)']\n"
    assert list(tmp_path.iterdir()) == []


def test_a_program_that_takes_too_long_is_stopped_with_all_it_started(tmp_path: Path) -> None:
    shell = ["/bin/sh", "-c", "/bin/sleep 60 & echo $! > pid; /bin/sleep 60"]  # there sooner than a Python
    began = time.monotonic()

    with pytest.raises(ToolTimeoutError, match=r"did not end within 1\.5 s"):
        run(shell, directory=tmp_path, environment={}, limits=Limits(timeout=1.5, output=1 << 20))

    assert time.monotonic() - began < 10
    child = int((tmp_path / "pid").read_text())
    deadline = time.monotonic() + 5
    while not ended(child) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert ended(child)


def test_a_program_that_closes_its_pipes_and_goes_on_is_stopped(tmp_path: Path) -> None:
    with pytest.raises(ToolTimeoutError):
        python("import os, time; os.close(1); os.close(2); time.sleep(60)", tmp_path, Limits(timeout=0.5, output=10))


def test_a_program_that_prints_without_end_is_stopped(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="printed more than 100000 bytes"):
        python("while True: print('x' * 1000)", tmp_path, Limits(timeout=20, output=100_000))


def test_only_the_end_of_stderr_is_kept(tmp_path: Path) -> None:
    completed = python("import sys; sys.stderr.write('x' * 1_000_000 + 'the reason')", tmp_path)

    assert len(completed.errors) == ERROR_TAIL
    assert completed.errors.endswith("the reason")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can bound another process's memory")
def test_a_program_that_wants_too_much_memory_fails(tmp_path: Path) -> None:
    code = "import time; time.sleep(0.2); print(len(bytearray(256 << 20)))"

    assert python(code, tmp_path).status == 0
    assert "MemoryError" in python(code, tmp_path, Limits(timeout=20, output=100, memory=192 << 20)).errors


def test_a_program_that_is_killed_is_described_by_its_signal(tmp_path: Path) -> None:
    completed = python("import os; os.kill(os.getpid(), 9)", tmp_path)

    with pytest.raises(ToolError, match="was ended by signal 9"):
        completed.require()


@pytest.mark.parametrize("name", ["no-such-program", "not-executable"])
def test_a_program_that_cannot_be_started_is_missing(tmp_path: Path, name: str) -> None:
    (tmp_path / "not-executable").write_text("")

    with pytest.raises(ToolMissingError, match=f"{name} could not be started"):
        run([tmp_path / name], directory=tmp_path, environment={}, limits=AMPLE)


def test_no_file_descriptor_is_left_open(tmp_path: Path) -> None:
    before = len(list(Path("/dev/fd").iterdir()))
    for _ in range(5):
        python("print(1)", tmp_path)
        with pytest.raises(ToolError):
            python("print('x' * 100)", tmp_path, Limits(timeout=20, output=10))

    assert len(list(Path("/dev/fd").iterdir())) == before
