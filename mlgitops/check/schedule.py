"""Rules about schedules: cron expressions as Argo's controller reads them, and time zones. Pure.

Argo reads cron by robfig/cron, whose weekdays are 0 (Sunday) to 6 and which takes names of months and weekdays. Time
zones are known to the operating system only, so that here the form and the area are looked at, and not the city.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from mlgitops.finding import Finding
from mlgitops.spec.cron import problem
from mlgitops.spec.positions import Pointer
from mlgitops.spec.project_files import did_you_mean
from mlgitops.spec.resolved import Resolved
from mlgitops.spec.versions import at_least

_AREAS = (
    "Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Etc", "Europe", "Indian", "Pacific",
)  # fmt: skip
_ZONE = re.compile(r"(?P<area>[A-Za-z]+)(/[A-Za-z][-+A-Za-z0-9_]*){1,2}", re.ASCII)


def check(
    resolved: Resolved, pointer: Pointer, crons: Sequence[str], timezone: Pointer, zone: str
) -> Iterator[Finding]:
    """Findings about the list of cron expressions at ``pointer`` and the time zone at ``timezone``."""
    for index, cron in enumerate(crons):
        if wrong := problem(cron):
            yield resolved.finding("invalid-cron", (*pointer, index), f"'{cron}': {wrong}",
                                   help="five fields: minute hour day month weekday, such as 30 3 * * 1-5")  # fmt: skip
    argo = resolved.place.spec.components.argo_workflows
    if len(crons) > 1 and argo is not None and not at_least(argo, "3.6"):
        yield resolved.finding(
            "component-too-old", pointer, f"several schedules need Argo Workflows 3.6; this target has {argo}",
            help="give one cron expression, or upgrade",
        )  # fmt: skip
    yield from _zone(resolved, timezone, zone)


def zone_help(zone: str) -> str:
    """What to do about a name that is no IANA time zone; empty where it may be one."""
    match = _ZONE.fullmatch(zone)
    if zone in ("UTC", "GMT") or (match and match["area"] in _AREAS):
        return ""
    nearest = did_you_mean(zone.partition("/")[0], _AREAS) if match else ""
    hint = f"did you mean {nearest}{zone[zone.index('/') :]}? " if nearest else ""
    return f"{hint}write UTC or Area/City, such as Europe/Zurich"


def _zone(resolved: Resolved, pointer: Pointer, zone: str) -> Iterator[Finding]:
    if help := zone_help(zone):
        yield resolved.finding("invalid-timezone", pointer, f"'{zone}' is no IANA time zone", help=help)
