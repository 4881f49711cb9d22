"""The site of the documentation builds strictly, asks nothing of the outside, and has what the code says."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from scripts.reference import kinds, pages

ROOT = Path(__file__).resolve().parents[2]
LOADED = re.compile(
    r"""(?:<(?:script|img|iframe|source)\b[^>]*\bsrc|<link\b[^>]*\bhref)=["']?(?:https?:)?//[^"'\s>]+"""
)
PAGES = [*(ROOT / "docs").rglob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(directory)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return directory


def test_every_page_of_the_navigation_is_built(site: Path) -> None:
    def named(entry: object) -> list[str]:
        if isinstance(entry, str):
            return [entry]
        values = entry.values() if isinstance(entry, dict) else entry if isinstance(entry, list) else []
        return [page for value in values for page in named(value)]

    text = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    wanted = [page.replace("README.md", "index.md") for page in named(yaml.safe_load(text)["nav"])]
    assert [page for page in wanted if not (site / page).with_suffix(".html").is_file()] == []


def test_no_page_loads_anything_from_outside(site: Path) -> None:
    built = list(site.rglob("*.html"))
    assert built
    assert {path.name: found for path in built if (found := LOADED.findall(path.read_text(encoding="utf-8")))} == {}
    sheets = "".join(path.read_text(encoding="utf-8") for path in site.rglob("*.css"))
    assert re.findall(r"(?:url\(|@import )[\"']?(?:https?:)?//[^\"')]+", sheets) == []


def test_the_front_page_leads_to_pages_of_the_site(site: Path) -> None:
    front = (site / "index.html").read_text(encoding="utf-8")
    links = set(re.findall(r'href="([^"#:]+\.html)', front))
    assert "concepts.html" in links
    assert [link for link in links if not (site / link).is_file()] == []


def test_the_reference_has_every_kind_and_a_row_for_a_nested_field() -> None:
    written = kinds()
    assert set(written) == {
        f"reference/{kind}.md" for kind in ("project", "environment", "target", "model", "pipeline")
    }
    assert re.search(r"^\| `spec\.serving\.scaling\.max` \| .*1 to 1000.* \|$", written["reference/model.md"], re.M)


def test_the_reference_has_every_verb_and_the_verbs_inside_it() -> None:
    from mlgitops.cli.main import VERBS

    headings = re.findall(r"^#+ (mlgitops .*)$", pages()["reference/commands.md"], re.MULTILINE)
    assert {f"mlgitops {verb}" for verb in VERBS} <= set(headings)
    assert "mlgitops schemas import" in headings


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_to_a_file_leads_somewhere(page: Path) -> None:
    text = re.sub(r"^ *```.*?^ *```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    links = re.findall(r"""(?:\]\(|\bsrc=")([^)"#\s]+)""", text)
    local = [link for link in links if not re.match(r"[a-z]+:", link)]
    assert [link for link in local if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_yaml_block_parses(page: Path) -> None:
    for block in re.findall(r"^```yaml\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL):
        list(yaml.safe_load_all(block))
