"""Writes schemas/*.json anew from the models of the five kinds and of evidence: ``make schemas``."""

from __future__ import annotations

from pathlib import Path

from mlgitops.promotion.evidence import SCHEMA_TITLE, Evidence
from mlgitops.spec.json_schema import of_block, schemas, text

DIRECTORY = Path(__file__).resolve().parents[1] / "schemas"


def main() -> None:
    """Writes one file a kind, and one for evidence."""
    DIRECTORY.mkdir(exist_ok=True)
    for name, schema in {**schemas(), "evidence": of_block(Evidence, SCHEMA_TITLE)}.items():
        (DIRECTORY / f"{name}.json").write_text(text(schema), encoding="utf-8")


if __name__ == "__main__":
    main()
