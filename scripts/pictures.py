"""Draws what the command prints as a moving SVG, docs/pictures/terminal.svg: ``make pictures``.

The commands are really run, on a copy of this repository's project. The picture needs nothing from outside, stands
still for who asked their system for less motion, and is the same for the same output.
"""

from __future__ import annotations

import os
import pty
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from html import escape
from pathlib import Path
from typing import BinaryIO

from rich.console import Console
from rich.style import Style
from rich.terminal_theme import TerminalTheme
from rich.text import Text

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "docs/pictures/terminal.svg"
PARTS = ("mlgitops.yaml", "targets", "models", "environments", "steps", "schemas")
COMMANDS = (
    "mlgitops apply --env dev --target aws-dev --yes --no-progress",
    "sed -i 's/max: 1/max: 4/' environments/dev/models/iris-sklearn.yaml",
    "mlgitops plan --env dev --target aws-dev --model iris-sklearn",
    "mlgitops explain model.spec.serving.scaling.max --env dev --target aws-dev --model iris-sklearn",
)
"""What is typed. The first is only run, so that the plan has something to compare with."""
LINES, COLUMNS = 22, 118
LINE_HEIGHT, CHARACTER, MARGIN = 18, 7.8, 16
THEME = TerminalTheme(
    (27, 31, 39), (216, 222, 233),
    [(27, 31, 39), (255, 123, 114), (126, 231, 135), (227, 179, 65), (121, 192, 255), (210, 168, 255), (86, 212, 221),
     (216, 222, 233)],
)  # fmt: skip
"""Background, foreground and the eight colours, light enough to be read on the background."""
SECONDS = 0.25
"""Between one line and the next."""


def main() -> None:
    """Writes the picture."""
    PICTURE.parent.mkdir(exist_ok=True)
    PICTURE.write_text(drawn(list(session())), encoding="utf-8")


def session() -> Iterable[Text]:
    """The lines of the terminal: each command and the beginning of what it prints."""
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory) / "project"
        root.mkdir()
        for part in PARTS:
            copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
            copy(ROOT / part, root / part)
        _run(root, COMMANDS[0])
        for command in COMMANDS[1:]:
            yield Text.assemble(("$ ", "bold green"), (command, "bold"))
            printed = Text.from_ansi(_run(root, command).rstrip()).split()
            yield from printed[:LINES]
            yield from [Text("…", "dim")] if len(printed) > LINES else []
            yield Text("")


def _run(root: Path, command: str) -> str:
    """What a shell command prints to a terminal, with this checkout's mlgitops."""
    shim = f'mlgitops() {{ "{sys.executable}" -m mlgitops "$@"; }}\n'
    environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    environment |= {"TERM": "xterm-256color", "PYTHONPATH": str(ROOT), "MLGITOPS_NO_CACHE": "1"}
    environment |= {"COLUMNS": str(COLUMNS), "LINES": "50"}
    ours, terminal = pty.openpty()
    with os.fdopen(ours, "rb") as printed, ThreadPoolExecutor(1) as reader:
        text = reader.submit(_all, printed)
        done = subprocess.run(
            ["bash", "-c", shim + command],
            cwd=root,
            env=environment,
            stdout=terminal,
            stderr=subprocess.PIPE,
            check=False,
        )
        os.close(terminal)
        if done.returncode:
            raise SystemExit(f"$ {command}\n{text.result()}{done.stderr.decode()}")
        return text.result().replace("\r\n", "\n")


def _all(printed: BinaryIO) -> str:
    """What comes until the terminal is closed, which Linux tells as an error."""
    parts = []
    try:
        while part := os.read(printed.fileno(), 65_536):
            parts.append(part)
    except OSError:
        pass
    return b"".join(parts).decode()


def drawn(lines: list[Text]) -> str:
    """The lines as an SVG in which one after the other appears."""
    width, height = COLUMNS * CHARACTER + 2 * MARGIN, len(lines) * LINE_HEIGHT + 2 * MARGIN
    rows = "\n".join(_row(number, line) for number, line in enumerate(lines))
    return f"""\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}" role="img">
<title>A terminal: a number in a spec is changed, the plan names field, old and new value, and the line</title>
<style>
text {{ font: 13px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #d8dee9; white-space: pre }}
@media (prefers-reduced-motion: no-preference) {{ text {{ opacity: 0; animation: appear 0.01s forwards }} }}
@keyframes appear {{ to {{ opacity: 1 }} }}
</style>
<rect width="100%" height="100%" rx="8" fill="#1b1f27"/>
{rows}
</svg>
"""


def _row(number: int, line: Text) -> str:
    line = line.copy()
    line.truncate(COLUMNS, overflow="ellipsis")
    spans = "".join(_span(segment.text, segment.style) for segment in line.render(Console(width=COLUMNS), end=""))
    y = MARGIN + (number + 1) * LINE_HEIGHT - 5
    return (
        f'<text x="{MARGIN}" y="{y}" style="animation-delay: {number * SECONDS:g}s" xml:space="preserve">{spans}</text>'
    )


def _span(text: str, style: Style | None) -> str:
    rules = []
    if style and style.color:
        rules.append(f"fill: {style.color.get_truecolor(THEME).hex}")
    if style and style.bold:
        rules.append("font-weight: bold")
    if style and style.dim:
        rules.append("opacity: .6")
    return f'<tspan style="{"; ".join(rules)}">{escape(text)}</tspan>' if rules else escape(text)


if __name__ == "__main__":
    main()
