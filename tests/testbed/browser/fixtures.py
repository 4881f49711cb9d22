"""A real Chromium that tests share, for a conftest.py to import: ``browser``, ``tab``, ``axe``."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Dialog, Page, sync_playwright

from tests.testbed.browser import build

ENVIRONMENT = dict(os.environ)  # before any test has a home and a cache of its own
QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
"""What keeps it from asking its maker's servers. It has no sandbox, which root may not have; it sees our pages."""


@pytest.fixture(scope="module")
def browser(pytestconfig: pytest.Config) -> Iterator[Browser]:
    """One browser for each file of tests: while it runs, so does an event loop, which others could stumble over."""
    with pytestconfig.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        program = build.chromium(ENVIRONMENT)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=program, args=[*QUIET], timeout=120_000)
        yield running
        running.close()


@pytest.fixture
def said() -> list[str]:
    """What a tab's pages complained of: errors, refusals of the content security policy, dialogs, failed requests."""
    return []


@pytest.fixture
def tab(browser: Browser, said: list[str]) -> Iterator[Page]:
    """A tab of its own, that sees no other site; ``said`` hears what goes wrong in it."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.on("pageerror", lambda error: said.append(f"error: {error}"))
    page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    page.on("requestfailed", lambda request: said.append(f"failed: {request.url}"))
    page.on("dialog", lambda dialog: _dismissed(dialog, said))
    yield page
    context.close()


def _dismissed(dialog: Dialog, said: list[str]) -> None:
    said.append(f"dialog: {dialog.message}")
    dialog.dismiss()


@pytest.fixture(scope="session")
def axe(pytestconfig: pytest.Config) -> Path:
    """The script of axe-core."""
    with pytestconfig.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        return build.axe(ENVIRONMENT)


def violations(page: Page, script: Path) -> list[str]:
    """What axe-core finds wrong with the page as it is shown, by its own words, a line each."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(script.read_text())  # not a script element, which the page's policy refuses
    found: dict[str, Any] = page.evaluate("() => axe.run({ preload: false })")
    return [
        f"{one['id']}: {one['help']}: {node['html'][:200]}" for one in found["violations"] for node in one["nodes"][:3]
    ]
