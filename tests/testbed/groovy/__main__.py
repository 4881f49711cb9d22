"""Brings the Groovy that tests run Jenkins' files with, before they need it: ``python -m tests.testbed.groovy``."""

from __future__ import annotations

import os
import sys

from scripts.bootstrap import say
from tests.testbed.errors import TestbedError
from tests.testbed.groovy import build


def main() -> int:
    """0 once it is there, 1 where it cannot be had. A second run takes no time."""
    try:
        build.jars(os.environ)
    except TestbedError as error:
        say(f"Groovy could not be brought: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
