"""The pages in a real Chromium, opened from a folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from mlgitops.page.model import Snapshot
from tests.testbed import page_scene
from tests.testbed.browser.fixtures import violations

pytestmark = [pytest.mark.browser, pytest.mark.integration]

Write = Callable[[Snapshot], Path]
FOREIGN = "img, iframe, object, embed, style, textarea, b:not(button b), [onload], [onerror]"
"""What no page of ours has, so that it came from a name."""
ADDRESSES = """() => [...document.querySelectorAll('a[href]')].map(
    one => new URL(one.getAttribute('href'), document.baseURI).href)"""
NAMES = ("churn", "fraud-detector", "iris", "recommender", "search-ranker", "spam")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_wrong_on_any_page(tab: Page, axe: Path, pages: Write, said: list[str], scheme: str) -> None:
    root = pages(page_scene.of(NAMES))
    tab.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    for path in ("index.html", "models/iris.html", "pipelines/nightly-training.html", "plans/prod.html", "audit.html"):
        tab.goto((root / path).as_uri())
        for details in tab.query_selector_all("details"):
            details.evaluate("one => { one.open = true }")
        assert [path, *violations(tab, axe)] == [path]
    assert said == []


def test_it_asks_for_nothing_outside_its_folder(tab: Page, pages: Write, said: list[str]) -> None:
    root = pages(page_scene.of(NAMES))
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    for path in ("index.html", "models/iris.html", "plans/prod.html"):
        tab.goto((root / path).as_uri())
    assert asked
    assert [url for url in asked if not url.startswith(root.as_uri())] == []
    assert said == []


@pytest.mark.parametrize("hostile", page_scene.HOSTILE)
def test_hostile_names_and_reasons_are_only_text(tab: Page, pages: Write, said: list[str], hostile: str) -> None:
    root = pages(page_scene.of([hostile, "iris"], hostile))
    for path in (*sorted(one.relative_to(root).as_posix() for one in root.rglob("*.html")),):
        tab.goto((root / path).as_uri())
        for details in tab.query_selector_all("details"):
            details.evaluate("one => { one.open = true }")
        scripts = tab.evaluate("() => [...document.scripts].map(one => one.getAttribute('src'))")
        assert [one.rsplit("/", 1)[-1] for one in scripts] == ["page.js"]
        assert tab.locator(FOREIGN).count() == 0
        addresses = tab.evaluate(ADDRESSES)
        assert [one for one in addresses if not one.startswith(("file://", "https://"))] == []
    assert said == []


def test_the_search_leaves_the_models_that_have_every_word(tab: Page, pages: Write) -> None:
    tab.goto((pages(page_scene.of(NAMES)) / "index.html").as_uri())
    tab.keyboard.press("/")
    tab.keyboard.type("DETECTOR fra")
    shown = tab.locator(".matrix").first.locator("tbody tr:visible")
    expect(shown).to_have_count(1)
    expect(shown.locator("th")).to_have_text("fraud-detector")
    expect(tab.locator("#shown")).to_have_text("1 of 7")
    tab.keyboard.press("Enter")
    expect(tab.locator("h1")).to_contain_text("fraud-detector")


def test_a_filter_leaves_what_it_is_called_after(tab: Page, pages: Write) -> None:
    tab.goto((pages(page_scene.of(NAMES)) / "index.html").as_uri())
    tab.get_by_role("button", name="failed").click()
    expect(tab.locator(".matrix tbody tr:visible")).to_have_count(2)
    tab.get_by_role("button", name="drift").click()
    names = tab.locator(".matrix tbody tr:visible th").all_inner_texts()
    assert names == ["churn"]
    tab.get_by_role("button", name="failed").click()
    tab.get_by_role("button", name="drift").click()
    expect(tab.locator(".matrix tbody tr:visible")).to_have_count(7)


def test_the_keyboard_alone_is_enough(tab: Page, pages: Write) -> None:
    tab.goto((pages(page_scene.of(NAMES)) / "index.html").as_uri())
    for key in ("j", "j", "j", "k", "Enter"):
        tab.keyboard.press(key)
    expect(tab.locator("h1")).to_contain_text("fraud-detector")
    tab.keyboard.press("?")
    expect(tab.get_by_role("dialog")).to_be_visible()
    tab.keyboard.press("Escape")
    expect(tab.get_by_role("dialog")).to_be_hidden()
    tab.keyboard.press("g")
    expect(tab.locator("h1")).to_have_text("shop")


def test_the_first_tab_skips_to_the_content(tab: Page, pages: Write) -> None:
    tab.goto((pages(page_scene.of(NAMES)) / "index.html").as_uri())
    tab.keyboard.press("Tab")
    expect(tab.get_by_text("Skip to the content")).to_be_focused()
    tab.keyboard.press("Enter")
    expect(tab.locator("main")).to_be_focused()


def test_dark_and_light_are_chosen_and_kept(tab: Page, pages: Write) -> None:
    root = pages(page_scene.of(NAMES))
    tab.emulate_media(color_scheme="light")
    tab.goto((root / "index.html").as_uri())
    ground = "() => getComputedStyle(document.body).backgroundColor"
    light = tab.evaluate(ground)
    tab.keyboard.press("d")
    dark = tab.evaluate(ground)
    assert light != dark
    tab.goto((root / "plans/prod.html").as_uri())
    assert tab.evaluate(ground) == dark
    expect(tab.get_by_role("button", name="Dark")).to_have_attribute("aria-pressed", "true")


def test_without_javascript_everything_is_there_to_read(browser: object, pages: Write) -> None:
    root = pages(page_scene.of(NAMES))
    context = browser.new_context(java_script_enabled=False)  # type: ignore[attr-defined]
    tab = context.new_page()
    tab.goto((root / "index.html").as_uri())
    expect(tab.get_by_role("link", name="fraud-detector")).to_be_visible()
    expect(tab.get_by_role("search")).to_be_hidden()
    context.close()


def test_a_thousand_models_are_all_there(tab: Page, pages: Write) -> None:
    root = pages(page_scene.many(1000))
    tab.goto((root / "index.html").as_uri())
    expect(tab.locator(".matrix").first.locator("tbody tr")).to_have_count(1000)
    tab.keyboard.press("/")
    tab.keyboard.type("model-0777")
    expect(tab.locator(".matrix tbody tr:visible")).to_have_count(1)
