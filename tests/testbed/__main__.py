"""Builds and fetches what the test bed needs, before tests need it: ``python -m tests.testbed`` (``make testbed``)."""

from __future__ import annotations

import os
import sys

from scripts.bootstrap import say
from tests.testbed import build, crds, snapshots
from tests.testbed.errors import TestbedError


def main() -> int:
    """0 once everything is there, 1 where it cannot be had. A second run takes no time."""
    try:
        programs = build.programs(os.environ)
        snapshots.with_crds(crds.newest(), programs, os.environ)
    except TestbedError as error:
        say(f"the test bed could not be built: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
