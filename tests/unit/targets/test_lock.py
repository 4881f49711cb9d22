from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from mlgitops.errors import TargetError
from mlgitops.targets.lock import hold


def test_a_second_holder_is_refused_and_told_who_holds_it(tmp_path: Path) -> None:
    with (
        hold(tmp_path / "lock"),
        pytest.raises(TargetError, match=f"holds the target: process {os.getpid()} on "),
        hold(tmp_path / "lock"),
    ):
        pass
    with hold(tmp_path / "lock"):
        assert (tmp_path / "lock").read_text().startswith(f"process {os.getpid()} on ")
    assert (tmp_path / "lock").read_text() == ""


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")  # fork beside the threads of a test runner
def test_the_lock_of_a_dead_process_is_taken_over(tmp_path: Path) -> None:
    child = os.fork()
    if child == 0:
        try:
            with hold(tmp_path / "lock"):
                os.kill(os.getpid(), signal.SIGKILL)
        finally:
            os._exit(1)
    os.waitpid(child, 0)
    assert f"process {child} on " in (tmp_path / "lock").read_text()
    with hold(tmp_path / "lock"):
        assert f"process {os.getpid()} on " in (tmp_path / "lock").read_text()


def test_a_lock_that_another_host_left_is_not_taken_over(tmp_path: Path) -> None:
    (tmp_path / "lock").write_text("process 1 on another-host\n")
    with pytest.raises(TargetError, match="process 1 on another-host") as refused, hold(tmp_path / "lock"):
        pass
    assert f"remove {tmp_path / 'lock'}" in refused.value.help
    assert (tmp_path / "lock").read_text() == "process 1 on another-host\n"
