"""``python -m mlgitops``."""

from mlgitops.cli.main import run

run()
