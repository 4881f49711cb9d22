"""Writes schemas/*.json anew from the models of the five kinds: ``make schemas``."""

from __future__ import annotations

from pathlib import Path

from mlgitops.spec.json_schema import schemas, text

DIRECTORY = Path(__file__).resolve().parents[1] / "schemas"


def main() -> None:
    """Writes one file a kind."""
    DIRECTORY.mkdir(exist_ok=True)
    for name, schema in schemas().items():
        (DIRECTORY / f"{name}.json").write_text(text(schema), encoding="utf-8")


if __name__ == "__main__":
    main()
