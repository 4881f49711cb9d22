"""Writes deploy/ anew from what ``mlgitops render --install`` renders: ``make deploy``."""

from __future__ import annotations

import shutil
from pathlib import Path

from mlgitops.render.install.kustomize import files

DIRECTORY = Path(__file__).resolve().parents[1] / "deploy"


def main() -> None:
    """Writes the base and the overlays, and removes what is no longer part of them."""
    shutil.rmtree(DIRECTORY, ignore_errors=True)
    for path, content in files().items():
        (DIRECTORY / path).parent.mkdir(parents=True, exist_ok=True)
        (DIRECTORY / path).write_text(content, encoding="utf-8")


if __name__ == "__main__":
    main()
