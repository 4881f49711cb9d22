"""How much the aliases of a YAML text repeat, told before anything is made of it. Pure.

A few hundred bytes of aliases of aliases can stand for billions of values, which take all memory once they are written
out: as text, as JSON, or by a merge (``<<``).
"""

from __future__ import annotations

import yaml

MOST_REPEATED = 1 << 20
"""Characters and values that all aliases of a text may repeat."""


def repeats_too_much(text: str) -> bool:
    """Whether aliases repeat more than ``MOST_REPEATED``, or one stands inside what it repeats.

    Raises ``yaml.YAMLError`` where the text is no YAML.
    """
    sizes: dict[str | None, int] = {}
    begun: list[tuple[str | None, int]] = []
    size = repeated = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        match event:
            case yaml.AliasEvent(anchor=anchor):
                if any(anchor == outer for outer, _ in begun):
                    return True
                repeated += sizes.get(anchor, 0)
                size += sizes.get(anchor, 0)
            case yaml.ScalarEvent(anchor=anchor, value=value):
                sizes[anchor] = 1 + len(value)
                size += 1 + len(value)
            case yaml.CollectionStartEvent(anchor=anchor):
                begun.append((anchor, size))
                size += 1
            case yaml.CollectionEndEvent():
                anchor, before = begun.pop()
                sizes[anchor] = size - before
        if repeated > MOST_REPEATED:
            return True
    return False
