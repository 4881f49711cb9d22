"""The names that a shell completes: of environments, targets and models of the project that one is in.

They are the names of files, so that no file is read; where there is no project, there is nothing to complete.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click


def environment_names(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    """The environments whose names begin so."""
    return _beginning(incomplete, (path.parent.name for path in _found(ctx, "environments/*/environment.yaml")))


def target_names(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    """The targets whose names begin so."""
    return _beginning(incomplete, (path.stem for path in _found(ctx, "targets/*.yaml")))


def model_names(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    """The models whose names begin so, of all environments."""
    return _beginning(incomplete, (path.stem for path in _found(ctx, "environments/*/models/*.yaml")))


def _found(ctx: click.Context, pattern: str) -> Iterable[Path]:
    from mlgitops.errors import SourceError
    from mlgitops.sources.worktree import find_root

    try:
        return list(find_root(ctx.params.get("root") or Path.cwd()).glob(pattern))
    except (OSError, SourceError):
        return ()


def _beginning(incomplete: str, names: Iterable[str]) -> list[str]:
    return sorted({name for name in names if name.startswith(incomplete)})
