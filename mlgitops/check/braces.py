"""The rule that no text holds ``{{``, which Argo or KServe would read as a tag of its own. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mlgitops.check.findable import Findable
from mlgitops.finding import Finding
from mlgitops.spec.positions import Pointer


def check(resolved: Findable, texts: Iterable[tuple[Pointer, str | None]], reader: str = "Argo") -> Iterator[Finding]:
    """A finding for each text with ``{{`` in it; ``reader`` is who would take it for a tag."""
    for pointer, text in texts:
        if text is not None and "{{" in text:
            yield resolved.finding(
                "unknown-placeholder", pointer, "'{{' is not possible here: " f"{reader} puts values of its own there",
                help="keep texts with '{{' in a file of the image",
            )  # fmt: skip
