"""Builds the controllers that tests need, before they need them: ``python -m tests.testbed.controllers``."""

from __future__ import annotations

import os
import sys

from scripts.bootstrap import say
from tests.testbed import build as control_plane
from tests.testbed import snapshots
from tests.testbed.controllers import build
from tests.testbed.controllers.platform import CRDS
from tests.testbed.errors import TestbedError


def main() -> int:
    """0 once they are there, 1 where they cannot be had. A second run takes no time."""
    try:
        build.programs(os.environ)
        snapshots.with_crds(CRDS, control_plane.programs(os.environ), os.environ)
    except TestbedError as error:
        say(f"the controllers could not be built: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
