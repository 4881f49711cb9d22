"""What a site without a network is brought, as one archive: manifests, the images that they name, and checksums.

    SHA256SUMS                            of the other files, as ``sha256sum --check`` reads it
    ENVIRONMENT/TARGET/manifests.yaml     in the order in which they can be applied
    ENVIRONMENT/TARGET/images.txt         every image and model image, one a line; the runtimes' own are the cluster's

The archive is the same byte for byte for the same manifests.
"""

from __future__ import annotations

import hashlib
import io
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from mlgitops.manifest import Manifest, identity
from mlgitops.plan.order import rank
from mlgitops.plan.selection import Selection
from mlgitops.render.rendering import Rendering
from mlgitops.targets.manifest_yaml import dump

SUMS = "SHA256SUMS"
_MODEL_IMAGE = "oci://"
_PINNED = "@sha256:"
_TAG = "{{"


@dataclass(frozen=True)
class Bundle:
    """The archive (tar, not compressed), how many manifests are in it, and the images that they name, in order."""

    content: bytes
    manifests: int
    images: Sequence[str]

    @property
    def unpinned(self) -> list[str]:
        """The images without a digest: what their tags mean may be another thing at the site."""
        return [image for image in self.images if _PINNED not in image]


def bundle(renderings: Sequence[Rendering], selection: Selection) -> Bundle:
    """The bundle of the selected targets."""
    files: dict[str, bytes] = {}
    named: set[str] = set()
    count = 0
    for folder, manifests in _places(renderings, selection):
        images = sorted({image for manifest in manifests for image in _images(manifest)})
        files[f"{folder}/manifests.yaml"] = "".join(f"---\n{dump(manifest)}" for manifest in manifests).encode()
        files[f"{folder}/images.txt"] = "".join(f"{image}\n" for image in images).encode()
        named.update(images)
        count += len(manifests)
    sums = "".join(f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files))
    return Bundle(_archive({SUMS: sums.encode(), **files}), count, sorted(named))


def _places(renderings: Sequence[Rendering], selection: Selection) -> Iterator[tuple[str, list[Manifest]]]:
    for rendering in renderings:
        for target in rendering.targets:
            manifests = list(selection.manifests(target, rendering.commit))
            manifests.sort(key=lambda manifest: (rank(identity(manifest)), identity(manifest)))
            if manifests:
                yield f"{rendering.environment}/{target.target}", manifests


def _images(value: Any) -> Iterator[str]:
    """Every image below a value: what stands under ``image``, and what is read as a model image (``oci://``).

    What a step of a workflow creates is text within the template. Which image a step built, only its run knows.
    """
    if isinstance(value, Mapping):
        for key, child in value.items():
            if key == "image" and isinstance(child, str):
                yield from () if _TAG in child else (child,)
            elif key == "manifest" and isinstance(child, str):
                yield from _images(_manifest(child))
            else:
                yield from _images(child)
    elif isinstance(value, list | tuple):
        for child in value:
            yield from _images(child)
    elif isinstance(value, str) and value.startswith(_MODEL_IMAGE):
        yield value.removeprefix(_MODEL_IMAGE)


def _manifest(text: str) -> Any:
    """What a step creates; nothing where the text is no JSON, and so none that was rendered here."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None


def _archive(files: Mapping[str, bytes]) -> bytes:
    """Entries by name, with nothing of the machine that made them: no time, no owner."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name in sorted(files):
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(files[name]), 0o644
            archive.addfile(entry, io.BytesIO(files[name]))
    return buffer.getvalue()
