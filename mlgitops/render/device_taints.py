"""The taint that device plug-ins and operators agree on: the vendor's resource as the key."""

from __future__ import annotations

from typing import Any


def tolerations(resource: str) -> list[dict[str, Any]]:
    """Tolerates the taint of nodes that are kept for an accelerator; harmless where there is no such taint.

    The key is the resource's name, as the admission plug-in ExtendedResourceToleration takes it. Slices of a GPU
    (``nvidia.com/mig-1g.10gb``) are on nodes tainted for the whole one.
    """
    key = "nvidia.com/gpu" if resource.startswith("nvidia.com/") else resource
    return [{"key": key, "operator": "Exists", "effect": "NoSchedule"}]
