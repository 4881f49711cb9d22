"""The pages of the project with a forge, in a real Chromium, and as ``serve`` gives them."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import IO

import pytest

from tests.testbed.browser.fixtures import axe, browser, said, tab
from tests.testbed.waiting import wait_until

__all__ = ["axe", "browser", "said", "tab"]

START_SECONDS = 60.0
Serve = Callable[..., str]


@pytest.fixture
def served(shop) -> Iterator[Serve]:  # type: ignore[no-untyped-def]
    """``served("--allow-promote")`` starts the verb on a free port; its address, without a slash at the end."""
    running = []

    def serve(*arguments: str) -> str:
        process = shop.start("serve", "--port", "0", *arguments)
        running.append(process)
        lines: list[str] = []

        def listens() -> bool:
            assert process.poll() is None, lines
            return any(line.startswith("serving ") for line in lines)

        threading.Thread(target=_keep, args=(process.stderr, lines), daemon=True).start()
        wait_until(listens, "mlgitops serve", START_SECONDS)
        return next(line for line in lines if line.startswith("serving ")).split()[1].rstrip("/")

    yield serve
    for process in running:
        process.terminate()
        process.wait(30)
        for stream in (process.stdout, process.stderr):
            stream.close()


def _keep(stream: IO[str], lines: list[str]) -> None:
    with contextlib.suppress(ValueError):  # it was closed while it was read
        for line in stream:
            lines.append(line)
