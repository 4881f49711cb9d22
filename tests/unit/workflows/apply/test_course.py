from __future__ import annotations

import pytest

from mlgitops.workflows.apply.course import Interruption
from mlgitops.workflows.wait import Clock


def test_a_sleep_is_as_long_as_it_is_to_be_and_ends_early_once_everything_is_to_stop() -> None:
    slept: list[float] = []
    interruption = Interruption()

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 30:
            interruption.stop()

    clock = interruption.noticed_by(Clock(lambda: sum(slept), sleep))
    clock.sleep(10.2)
    assert clock.now() == pytest.approx(10.2)
    assert max(slept) <= 1
    with pytest.raises(KeyboardInterrupt):
        clock.sleep(100)
    assert len(slept) == 30


def test_once_everything_is_to_stop_nothing_goes_on() -> None:
    interruption = Interruption()
    interruption.check()
    interruption.stop()
    with pytest.raises(KeyboardInterrupt):
        interruption.check()
    with pytest.raises(KeyboardInterrupt):
        interruption.noticed_by(Clock(lambda: 0.0, lambda seconds: pytest.fail("it slept"))).sleep(1)
