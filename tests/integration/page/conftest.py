"""A real Chromium, and pages that are written as ``report --html`` writes them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from mlgitops.page.model import Snapshot
from mlgitops.page.site import site
from mlgitops.workflows.page import assets
from tests.testbed.browser.fixtures import axe, browser, said, tab

__all__ = ["axe", "browser", "said", "tab"]

Write = Callable[[Snapshot], Path]


@pytest.fixture
def pages(tmp_path: Path) -> Write:
    """``pages(snapshot)`` writes a site and gives its folder."""

    def write(snapshot: Snapshot) -> Path:
        root = tmp_path / "site"
        files = {path: text.encode() for path, text in site(snapshot)} | assets()
        for path, content in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(content)
        return root

    return write
