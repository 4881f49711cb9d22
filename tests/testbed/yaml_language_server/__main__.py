"""Installs the server that editors ask, before tests need it: ``python -m tests.testbed.yaml_language_server``."""

from __future__ import annotations

import os
import sys

from scripts.bootstrap import say
from tests.testbed.errors import TestbedError
from tests.testbed.yaml_language_server import build


def main() -> int:
    """0 once it is there, 1 where it cannot be had. A second run takes no time."""
    try:
        build.program(os.environ)
    except TestbedError as error:
        say(f"yaml-language-server could not be installed: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
