"""What mkdocs does beside building docs/: the front page is the README, and the reference is written from the code."""

from __future__ import annotations

import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

from scripts.reference import pages

ROOT = Path(__file__).resolve().parents[1]
FROM_ROOT = {"index.md": "README.md", "contributing.md": "CONTRIBUTING.md", "changelog.md": "CHANGELOG.md"}
"""Pages of the site that stand at the root of the repository, where forges look for them."""


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Adds the pages that docs/ does not have."""
    written = {page: _moved((ROOT / name).read_text(encoding="utf-8")) for page, name in FROM_ROOT.items()}
    for path, text in {**written, "adr/index.md": _decisions(), **pages()}.items():
        files.append(File.generated(config, path, content=text))
    return files


def _moved(text: str) -> str:
    """Links and pictures of a page at the root, as they are within docs/."""
    text = re.sub(r"\]\(docs/adr/?\)", "](adr/index.md)", text)
    text = re.sub(r"""(\]\(|src=")docs/""", r"\1", text)
    return text.replace("](CONTRIBUTING.md)", "](contributing.md)").replace("](CHANGELOG.md)", "](changelog.md)")


def _decisions() -> str:
    """A list of the records of decisions."""
    records = sorted((ROOT / "docs/adr").glob("0*.md"))
    titles = [(path.name, path.read_text(encoding="utf-8").partition("\n")[0].lstrip("# ")) for path in records]
    return "# Decisions\n\nWhy it is as it is.\n\n" + "".join(f"- [{title}]({name})\n" for name, title in titles)
