from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from mlgitops.page.data import json as as_json
from mlgitops.page.graph import graph, totals
from mlgitops.page.model import Snapshot, Stage, slug
from mlgitops.page.site import site
from tests.testbed import page_scene

ASSETS = Path(__file__).resolve().parents[3] / "mlgitops/page/assets"
OURS = set(
    "html head meta title link script body a main header nav span strong button footer time code dialog h1 h2 h3 dl dt "
    "dd kbd form section div ul li svg defs marker path rect text label input b output table caption thead tbody tr th "
    "td small p figure figcaption line polyline circle g details summary pre ins del".split()
)


class Elements(HTMLParser):
    """The elements and attributes of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def pages(snapshot: Snapshot) -> dict[str, str]:
    return dict(site(snapshot))


@pytest.mark.parametrize("hostile", page_scene.HOSTILE)
def test_no_page_has_an_element_or_an_address_that_a_name_brought(hostile: str) -> None:
    for path, text in pages(page_scene.of([hostile, "iris"], hostile)).items():
        if not path.endswith(".html"):
            continue
        for tag, attributes in Elements(text).found:
            assert tag in OURS
            assert not [name for name in attributes if name.startswith("on") or name == "style"]
            assert not re.match(r"\s*(javascript|data):", attributes.get("href") or "", re.IGNORECASE)
            assert tag != "script" or (attributes.get("src") or "").endswith("assets/page.js")


@pytest.mark.parametrize("hostile", page_scene.HOSTILE)
def test_no_name_leads_out_of_the_folder(hostile: str) -> None:
    for path in pages(page_scene.of([hostile], hostile)):
        assert re.fullmatch(r"((models|pipelines|plans)/)?[_a-z0-9][-.a-z0-9]*\.(html|json)", path)


def test_names_that_differ_have_pages_that_differ() -> None:
    names = [*page_scene.HOSTILE, "iris", "Iris", "IRIS", "_", "a/b", "a b", "x" * 300]
    assert len({slug(name) for name in names}) == len(names)


def test_every_link_leads_to_a_page_that_is_there() -> None:
    found = pages(page_scene.of(["iris", "a b"]))
    there = {*found, *(f"assets/{path.name}" for path in ASSETS.iterdir())}
    for path, text in found.items():
        for tag, attributes in Elements(text).found if path.endswith(".html") else ():
            address = attributes.get("src") or attributes.get("href") or ""
            if address and not address.startswith(("#", "https://")) and tag in ("a", "link", "script"):
                up, name = "/" in path, address.removeprefix("../")
                assert name in there
                assert address.startswith("../") == up


def test_a_page_is_the_same_each_time() -> None:
    assert pages(page_scene.of(["iris"])) == pages(page_scene.of(["iris"]))


def test_the_first_page_names_what_cannot_be_read() -> None:
    text = pages(page_scene.of(["iris"], "no route to it"))["index.html"]
    assert "prod: target azure-prod cannot be read: no route to it" in text


def test_the_data_says_what_each_page_is_of() -> None:
    data: dict[str, Any] = json.loads(as_json(page_scene.of(["iris"])))
    assert [one["page"] for one in data["subjects"]] == ["models/iris.html", "pipelines/nightly-training.html"]
    assert [one["sources"] for one in data["environments"]] == [[], ["dev"], ["staging"]]
    assert data["audit"]["violations"][0]["field"] == "spec.release"


def test_the_way_of_a_release_branches() -> None:
    stages = [Stage("dev"), Stage("eu", ("dev",)), Stage("us", ("dev",)), Stage("late", ("eu",), error="broken")]
    made = graph(stages)
    corners = {
        name: (int(x), int(y))
        for x, y, name in re.findall(r'<rect x="(\d+)" y="(\d+)"[^>]*></rect><text[^>]*>(\w+)</text>', made)
    }
    assert corners["dev"][0] < corners["eu"][0] == corners["us"][0] < corners["late"][0]
    assert corners["eu"][1] < corners["us"][1]
    assert made.count('class="arrow"') == 3
    assert totals(stages[3]) == "cannot be rendered"


def test_a_circle_of_environments_is_drawn_all_the_same() -> None:
    assert graph([Stage("a", ("b",)), Stage("b", ("a",))]).count('class="arrow"') == 2


def test_a_filter_counts_the_models_that_it_leaves() -> None:
    text = pages(page_scene.of(["a", "b", "c", "d", "e"]))["index.html"]
    for flag in ("failed", "drift", "pending", "stale", "hold"):
        shown = int(re.search(rf'data-flag="{flag}"[^>]*>{flag} <b>(\d+)</b>', text)[1])  # type: ignore[index]
        assert shown == len(re.findall(rf'data-flags="[^"]*\b{flag}\b', text))


def test_script_and_style_sheet_ask_for_nothing_from_outside() -> None:
    for name in ("page.js", "page.css"):
        text = (ASSETS / name).read_text()
        assert not re.search(
            r"https?:|@import|url\(|innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", text
        )
