"""Brings the Chromium and the axe-core that tests need, before they need them: ``make browser``."""

from __future__ import annotations

import os
import sys

from scripts.bootstrap import say
from tests.testbed.browser import build
from tests.testbed.errors import TestbedError


def main() -> int:
    """0 once they are there, 1 where they cannot be had. A second run takes no time."""
    try:
        build.chromium(os.environ)
        build.axe(os.environ)
    except TestbedError as error:
        say(f"the browser could not be brought: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
