"""What ``init`` wrote, and what to do next. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from mlgitops.scaffold.choices import Choices

_ABOUT = {
    "mlgitops.yaml": "what holds for the whole repository",
    ".gitignore": "what Git leaves out",
    ".pre-commit-config.yaml": "checks before each commit: pre-commit install",
}


def text(written: Sequence[str], kept: Sequence[str], choices: Choices, directory: str) -> str:
    """The files by what they are for, those that were left as they were, and the next three commands."""
    shown = [path for path in written if not path.startswith("schemas/")]
    schemas = len(written) - len(shown)
    wide = max(map(len, shown), default=0)
    lines = [f"Wrote {len(written)} files:", *(f"  {path:<{wide}}  {_about(path)}".rstrip() for path in shown)]
    lines += [f"  {'schemas/':<{wide}}  {schemas} schemas, by which editors complete and check"] if schemas else []
    lines += [f"Left as it was: {path}" for path in kept]
    return "\n".join([*lines, "", "Next:", *(f"  {command}" for command in next_commands(choices, directory))])


def next_commands(choices: Choices, directory: str) -> tuple[str, str, str]:
    """The three commands that come next."""
    first = choices.environments[0]
    enter = "" if directory == "." else f"cd {shlex.quote(directory)} && "
    try_it = "mlgitops doctor" if choices.connection == "kubernetes" else f"mlgitops plan --env {first}"
    return f"{enter}mlgitops validate", try_it, f"mlgitops apply --env {first}"


def _about(path: str) -> str:
    folder, _, rest = path.partition("/")
    match folder:
        case "targets":
            return "one place that manifests go to: change what it says of your cluster"
        case "environments" if "/models/" in rest:
            return "the release that runs here"
        case "environments":
            return "what holds for all models here"
        case "models":
            return "what is the same of the model everywhere"
    return _ABOUT.get(path, "")
