"""The rule that images are pinned by digest, so that what was tested is what runs. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from mlgitops.check.findable import Findable
from mlgitops.finding import Finding, Severity
from mlgitops.spec.positions import Pointer

POLICY_CODES = frozenset({"image-not-pinned"})


def check(resolved: Findable, pointer: Pointer, image: str | None) -> Iterator[Finding]:
    """A warning where the image at ``pointer`` has no digest."""
    if image is not None and "@sha256:" not in image:
        yield resolved.finding(
            "image-not-pinned", pointer, f"image {image} is not pinned: what its tag means can change",
            help="add the digest: registry/repository:tag@sha256:…", severity=Severity.WARNING,
        )  # fmt: skip
