"""Builds the Prometheus that tests run, before they need it: ``make prometheus``."""

from __future__ import annotations

import os
import sys

from scripts.bootstrap import say
from tests.testbed.errors import TestbedError
from tests.testbed.prometheus_server import build


def main() -> int:
    """0 once it is there, 1 where it cannot be had. A second run takes no time."""
    try:
        build.program(os.environ)
    except TestbedError as error:
        say(f"Prometheus could not be built: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
