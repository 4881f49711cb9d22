"""What a cluster shows of the components that are installed there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from mlgitops.targets import Connection


class ShowsComponents(Connection, Protocol):
    """A connection to a cluster, which tells more than files do."""

    def serves(self, kinds: Iterable[tuple[str, str]]) -> frozenset[tuple[str, str]]:
        """Those of the groups and kinds that it serves."""

    def images(self) -> frozenset[str] | None:
        """The images of all of its Deployments; None where one may not look at them in every namespace."""
