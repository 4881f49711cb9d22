"""The order in which what waits for each other can be gone through. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping


def in_turn(needs: Mapping[str, Collection[str]]) -> tuple[list[str], list[str]]:
    """Names after all that they need, otherwise in the order given; and those that can never be reached, in order.

    These wait for each other, or for a name that is not there.
    """
    done: dict[str, None] = {}
    while ready := [name for name, needed in needs.items() if name not in done and all(n in done for n in needed)]:
        done.update(dict.fromkeys(ready))
    return list(done), sorted(needs.keys() - done.keys())


def last(needs: Mapping[str, Collection[str]]) -> list[str]:
    """Those that nobody else needs."""
    needed = {name for names in needs.values() for name in names}
    return [name for name in needs if name not in needed]
