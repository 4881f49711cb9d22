"""What changes as unified diffs of YAML, an object at a time: the output of ``diff``. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from mlgitops.manifest import Identity, Manifest
from mlgitops.plan.change import ABSENT, FieldChange, Path
from mlgitops.plan.masking import masked
from mlgitops.report import inert
from mlgitops.report.style import Style
from mlgitops.spec.secrets import mask_line_of
from mlgitops.targets import manifest_yaml, without_stamp

_NOTHING = "/dev/null"


@dataclass(frozen=True, slots=True)
class Difference:
    """One object at one target: what is there ``before`` and what Git says ``after``; one of the two may be missing."""

    environment: str
    target: str
    identity: Identity
    before: Manifest | None = field(repr=False)
    after: Manifest | None = field(repr=False)


def text(differences: Iterable[Difference], style: Style, sides: tuple[str, str] = ("live", "git")) -> str:
    """The diffs by environment, target and object; empty where nothing differs. ``sides`` is what both are called.

    Values of Secrets are shown by the beginning of their digest, and what looks like a secret elsewhere as ``***``. The
    annotation that names the commit is left out. Reads like the output of ``diff -u``, but is for people, not for
    ``patch``: nothing in it can act on a terminal.
    """
    ordered = sorted(differences, key=lambda one: (one.environment, one.target, one.identity))
    return "".join(f"{line}\n" for one in ordered for line in _lines(one, style, sides))


def _lines(difference: Difference, style: Style, sides: tuple[str, str]) -> Iterator[str]:
    before, after = _yaml(difference.before, difference.after, 0), _yaml(difference.after, difference.before, 1)
    name = inert.line(f"{difference.environment}/{difference.target}/{difference.identity}")
    names = (f"{sides[0]}/{name}" if before else _NOTHING, f"{sides[1]}/{name}" if after else _NOTHING)
    for number, line in enumerate(difflib.unified_diff(before, after, *names, lineterm="")):
        yield style.bold(line) if number < 2 else _coloured(inert.line(line), style)


def _coloured(line: str, style: Style) -> str:
    return {"+": style.green, "-": style.red, "@": style.dim}.get(line[:1], str)(line)


def _yaml(manifest: Manifest | None, other: Manifest | None, side: int) -> list[str]:
    """The manifest as lines of YAML, without secrets; ``side`` is 0 for before and 1 for after."""
    if manifest is None:
        return []
    shown = _masked(manifest, (), without_stamp(manifest), ABSENT if other is None else without_stamp(other), side)
    lines = manifest_yaml.dump(shown).splitlines()
    return [mask_line_of(lines, index) for index in range(len(lines))]


def _masked(manifest: Manifest, path: Path, value: Any, other: Any, side: int) -> Any:
    """A value of a Secret as the plan shows it, key by key, so that a diff tells which one differs."""
    if isinstance(value, dict):
        others = other if isinstance(other, dict) else {}
        return {
            key: _masked(manifest, (*path, key), inner, others.get(key, ABSENT), side) for key, inner in value.items()
        }
    pair = (other, value) if side else (value, other)
    change = masked(manifest, FieldChange(path, *pair))
    return change.new if side else change.old
