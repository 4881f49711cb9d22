"""The rule that no text holds ``{{``, which Argo would read as a tag of its own. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mlgitops.finding import Finding
from mlgitops.spec.positions import Pointer
from mlgitops.spec.resolved import Resolved


def check(resolved: Resolved, texts: Iterable[tuple[Pointer, str | None]]) -> Iterator[Finding]:
    """A finding for each text with ``{{`` in it."""
    for pointer, text in texts:
        if text is not None and "{{" in text:
            yield resolved.finding(
                "unknown-placeholder", pointer, "'{{' is not possible here: Argo would replace it by values of its own",
                help="keep texts with '{{' in a file of the image",
            )  # fmt: skip
