"""The loop is alive while cycles begin, and ready once Git was followed."""

from __future__ import annotations

from mlgitops.controller.pulse import Pulse


def test_a_loop_is_alive_while_cycles_begin_in_time() -> None:
    now = [100.0]
    pulse = Pulse(60, lambda: now[0])
    now[0] = 160.0
    assert pulse.not_alive() == ""
    now[0] = 161.0
    assert pulse.not_alive() == "no cycle began for 61 s, of at most 60 s"
    pulse.cycle_began()
    assert pulse.not_alive() == ""


def test_it_is_ready_once_git_was_followed_until_it_ends() -> None:
    pulse, other = Pulse(60, lambda: 0.0), Pulse(60, lambda: 0.0)
    other.stands_by()
    assert other.not_ready() == ""
    assert pulse.not_ready() == "Git was not followed yet"
    pulse.git_followed()
    assert pulse.not_ready() == ""
    pulse.ending()
    assert pulse.not_ready() == "the controller is ending"
    assert pulse.not_alive() == ""
