"""The overlay: an environment's kustomization over what was rendered. Pure; ``workflows.overlay`` runs kustomize.

``references.walk`` finds and judges everything a kustomization refers to, ``batches.cut`` divides the objects into
builds, ``contents.contents`` gives the files of one build, ``results.joined`` puts the results together.
"""

from __future__ import annotations

from mlgitops.render.overlay.batches import Batch, Cut, cut
from mlgitops.render.overlay.contents import contents, not_carried
from mlgitops.render.overlay.references import Overlay, kustomization_in, walk
from mlgitops.render.overlay.results import joined, manifests_of
from mlgitops.render.overlay.secrets import secret_strings

__all__ = [
    "Batch",
    "Cut",
    "Overlay",
    "contents",
    "cut",
    "joined",
    "kustomization_in",
    "manifests_of",
    "not_carried",
    "secret_strings",
    "walk",
]
