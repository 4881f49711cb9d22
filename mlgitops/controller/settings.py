"""What a controller is told when it is started. Frozen data."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from mlgitops.controller.goals import Chosen
from mlgitops.sources.mirror import ANYBODY, Trust

INTERVAL = 60.0
CONCURRENCY = 10


@dataclass(frozen=True, slots=True)
class Settings:
    """The flags of ``mlgitops controller``.

    ``repository`` is a URL or a path, ``path`` the project's folder within it, ``state`` the directory for all that is
    kept. ``interval`` is how often Git is asked, in seconds. ``concurrency`` bounds at how many targets work goes on at
    once; those that only wait until something is ready do not count. ``listen`` is the address for probes, scrapes and
    webhooks, HOST:PORT, and ``webhook`` the file of their secrets. ``election`` is the namespace, in the cluster that
    the controller runs in, in which replicas agree on a leader; empty for one that has no other beside it. ``replica``
    is the name of one that shares the targets with the others instead. ``addresses`` is the directory with the
    addresses of notifications, and ``opens`` says whether pull requests may be opened.
    """

    repository: str
    state: Path
    branch: str = "main"
    path: str = ""
    chosen: Chosen = field(default_factory=Chosen)
    trust: Trust = ANYBODY
    interval: float = INTERVAL
    concurrency: int = CONCURRENCY
    listen: str = ""
    webhook: Path | None = None
    election: str = ""
    replica: str = ""
    addresses: Path | None = None
    opens: bool = False
