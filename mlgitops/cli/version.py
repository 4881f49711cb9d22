"""``mlgitops version``."""

from __future__ import annotations

from pathlib import Path

import click

from mlgitops.cli.options import output_option


@click.command()
@output_option("text", "json")
def version(outputs: list[tuple[str, Path | None]]) -> None:
    """Print the versions of mlgitops and the tools it uses.

    \b
    Example:
      mlgitops version -o json
    """
    import orjson

    from mlgitops.cli.terminal import write
    from mlgitops.workflows.version import versions

    found = versions()
    text = "\n".join(f"{name:<12} {value}" for name, value in found.items())
    write(outputs, {"text": text, "json": orjson.dumps({"formatVersion": "1.0", **found}).decode()})
