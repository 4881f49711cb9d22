"""Names that refer to something elsewhere: an identity of the Target, another step, another model. Pure."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterator

from mlgitops.check.findable import Findable
from mlgitops.finding import Finding
from mlgitops.spec.positions import Pointer
from mlgitops.spec.project_files import did_you_mean
from mlgitops.spec.resolved import Resolved

LONGEST_LIST = 10
"""How many known names a help line shows."""


def unknown_name(
    resolved: Findable, pointer: Pointer, kind: str, name: str, known: Collection[str], where: str = ""
) -> Finding:
    """The finding that ``name`` at ``pointer`` is no ``kind``, with what there is and the likely intended name.

    Its code is ``unknown-KIND``. ``where`` says where the name was looked for, such as ``target aws-dev``.
    """
    place = f" in {where}" if where else ""
    finding = resolved.finding(
        f"unknown-{kind}",
        pointer,
        f"there is no {kind.replace('-', ' ')} '{name}'{place}",
        help=_what_there_is(kind, known, place),
    )
    return dataclasses.replace(finding, suggestion=did_you_mean(name, known))


def unknown_identity(resolved: Resolved, pointer: Pointer, name: str | None) -> Iterator[Finding]:
    """A finding where the Target has no identity of that name."""
    known, target = resolved.place.spec.identities, f"target {resolved.place.target}"
    if name is not None and name not in known:
        yield unknown_name(resolved, pointer, "identity", name, known, target)


def _what_there_is(kind: str, known: Collection[str], place: str) -> str:
    if not known:
        return f"no {kind} is declared{place}"
    shown = ", ".join(sorted(known)[:LONGEST_LIST])
    return f"one of: {shown}" + (", …" if len(known) > LONGEST_LIST else "")
