"""Takes docs/pictures/page.png and page-model.png: what `report --html` writes of this repository's project.

``make pictures`` runs it. It needs the Chromium of ``make browser``, and applies to a clone's directory alone.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from scripts.pictures import PICTURE, ROOT
from tests.testbed.browser import build
from tests.testbed.browser.fixtures import QUIET

SIZE = {"width": 1180, "height": 760}
PAGES = {"page.png": "index.html", "page-model.png": "models/iris-sklearn.html"}
"""The pictures, by name, with the page that each shows."""


def main() -> None:
    """Writes the pictures."""
    with tempfile.TemporaryDirectory() as directory:
        site = _written(Path(directory))
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=build.chromium(os.environ), args=[*QUIET])
            page = browser.new_page(viewport=SIZE)  # type: ignore[arg-type]
            for name, shown in PAGES.items():
                page.goto((site / shown).as_uri())
                page.screenshot(path=PICTURE.with_name(name))
            browser.close()


def _written(directory: Path) -> Path:
    """The report on a clone of this repository, whose dev environment was applied to its directory."""
    root, site = directory / "project", directory / "site"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(root)], check=True)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    for arguments in (
        ["apply", "--env", "dev", "--target", "aws-dev", "--yes", "--no-progress"],
        ["report", "--html", str(site), "--revision", "HEAD"],
    ):
        subprocess.run([sys.executable, "-m", "mlgitops", *arguments], cwd=root, env=environment, check=True)
    return site


if __name__ == "__main__":
    main()
