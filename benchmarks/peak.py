"""Runs mlgitops and writes the most memory that the process held, in kB: ``peak.py FILE ARGUMENT...``

Linux only. What the kernel says to a parent counts the memory of the parent before the program was started.
"""

from __future__ import annotations

import atexit
import runpy
import sys
from pathlib import Path


def _write(file: Path) -> None:
    lines = Path("/proc/self/status").read_text().splitlines()
    (peak,) = (line.split()[1] for line in lines if line.startswith("VmHWM:"))
    file.write_text(peak)


if __name__ == "__main__":
    atexit.register(_write, Path(sys.argv.pop(1)))
    sys.path.pop(0)
    runpy.run_module("mlgitops", run_name="__main__")
