"""A Python of its own with MLflow, scikit-learn and model-signing: some 800 MB of locked packages in the user's cache.

It is kept apart from ``.venv`` because mlgitops speaks to MLflow by its REST API alone. ``requirements.lock`` is made
anew by ``uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate requirements.in
-o requirements.lock``.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from scripts.bootstrap import say
from tests.testbed.cache import fingerprint, home, made_once
from tests.testbed.packages import install

LOCK = Path(__file__).with_name("requirements.lock")
PYTHON_VARIABLE = "MLGITOPS_MLFLOW_PYTHON"


def python(environment: Mapping[str, str]) -> Path:
    """The Python with MLflow: ``MLGITOPS_MLFLOW_PYTHON``, else one that is made on first use.

    Raises:
        TestbedError: the packages cannot be installed.
    """
    if given := environment.get(PYTHON_VARIABLE):
        return Path(given)
    made_from = fingerprint([LOCK.read_bytes(), sys.version.encode()])
    return made_once(home(environment) / f"mlflow-{made_from}", _install) / "bin" / "python"


def _install(directory: Path) -> None:
    say("installing MLflow and model-signing, once for every checkout")
    install(directory, LOCK)
