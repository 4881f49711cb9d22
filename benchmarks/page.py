"""The first view of the page, of a project with 1,000 models in six places, in a real Chromium, from files."""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from measure import Row
from playwright.sync_api import Browser, sync_playwright

from mlgitops.page.overview import overview
from mlgitops.page.site import site
from mlgitops.workflows.page import assets
from tests.testbed import page_scene
from tests.testbed.browser import build
from tests.testbed.browser.fixtures import QUIET

MODELS = 1000
TIMES = """() => new Promise(done => requestAnimationFrame(() => setTimeout(() => {
    const paint = performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? performance.now();
    const load = performance.getEntriesByType("navigation")[0];
    done([paint, load.loadEventEnd]);
})))"""


def page(runs: int, _sizes: Sequence[int]) -> list[Row]:
    """Milliseconds from asking for the page to its first paint, and until all of it is there and answers keys."""
    snapshot = page_scene.many(MODELS)
    started = time.process_time()
    first = overview(snapshot)
    made = time.process_time() - started
    started = time.process_time()
    whole = sum(len(text) for _, text in site(snapshot))
    took = time.process_time() - started
    with tempfile.TemporaryDirectory() as directory, sync_playwright() as playwright:
        (Path(directory) / "assets").mkdir()
        for path, content in {**assets(), "index.html": first.encode()}.items():
            (Path(directory) / path).write_bytes(content)
        browser = playwright.chromium.launch(executable_path=build.chromium(os.environ), args=[*QUIET])
        measured = [_once(browser, (Path(directory) / "index.html").as_uri()) for _ in range(runs + 1)][1:]
        browser.close()
    paint, load = (statistics.median(times) for times in zip(*measured, strict=True))
    return [
        Row(f"first page of {MODELS} models, {len(first) / 1e6:.1f} MB, made", f"{made * 1000:.0f} ms"),
        Row(f"all pages of {MODELS} models, {whole / 1e6:.0f} MB, made", f"{took:.1f} s"),
        Row("first paint in Chromium", f"{paint:.0f} ms", "under 1000"),
        Row("all of it loaded", f"{load:.0f} ms", "under 1000"),
    ]


def _once(browser: Browser, address: str) -> tuple[float, float]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    tab = context.new_page()
    tab.goto(address)
    paint, load = tab.evaluate(TIMES)
    context.close()
    return paint, load
