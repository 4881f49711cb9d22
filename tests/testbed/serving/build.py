"""A Python of its own with KServe's server and scikit-learn, from locked packages: some 450 MB in the user's cache.

It is kept apart from ``.venv`` because KServe's packages would decide which Kubernetes client mlgitops is tested with.
``requirements.lock`` is made anew by ``uv pip compile --universal --python-version 3.11 --generate-hashes --no-header
--no-annotate requirements.in -o requirements.lock``.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from scripts.bootstrap import say
from tests.testbed.cache import fingerprint, home, made_once
from tests.testbed.packages import install

LOCK = Path(__file__).with_name("requirements.lock")
PYTHON_VARIABLE = "MLGITOPS_SERVING_PYTHON"


def python(environment: Mapping[str, str]) -> Path:
    """The Python with KServe: ``MLGITOPS_SERVING_PYTHON``, else one that is made on first use.

    Raises:
        TestbedError: the packages cannot be installed.
    """
    if given := environment.get(PYTHON_VARIABLE):
        return Path(given)
    made_from = fingerprint([LOCK.read_bytes(), sys.version.encode()])
    return made_once(home(environment) / f"serving-{made_from}", _install) / "bin" / "python"


def _install(directory: Path) -> None:
    say("installing KServe's model server, once for every checkout")
    install(directory, LOCK)
