"""Generator and transformer files: only those that are compiled into kustomize, with their values inline."""

from __future__ import annotations

from mlgitops.finding import Finding
from mlgitops.render.overlay.fields import BUILTIN_PLUGINS, PLUGIN_FILE_FIELDS
from mlgitops.render.overlay.kustomization import Kustomization

_HELP = "use a generator or transformer that is built into kustomize, or the kustomization's own fields"


def plugin_findings(plugin: Kustomization) -> list[Finding]:
    """What is wrong with a generator's or transformer's file: it would run a program, or reads further files."""
    kind = plugin.value.get("kind")
    if plugin.value.get("apiVersion") != "builtin" or kind not in BUILTIN_PLUGINS:
        return [
            plugin.finding("overlay-plugin", f"{kind} is not built into kustomize and would run a program", (), _HELP)
        ]
    # kustomize decodes keys without regard to case; casefold also knows the letters that Go holds equal to s and k.
    reading = [key for key in plugin.value if key.casefold() in PLUGIN_FILE_FIELDS]
    folded = [
        key for key in plugin.value if key not in ("apiVersion", "kind") and key.lower() in ("apiversion", "kind")
    ]
    annotations = (plugin.value.get("metadata") or {}).get("annotations") if _has_metadata(plugin) else None
    return [
        *(plugin.finding("overlay-plugin", f"{key} reads further files", (key,), _HELP) for key in reading),
        *(plugin.finding("overlay-plugin", f"{key} is misspelt", (key,), _HELP) for key in folded),
        *(
            [plugin.finding("overlay-plugin", "annotations are refused here", ("metadata",), _HELP)]
            if annotations
            else []
        ),
    ]


def _has_metadata(plugin: Kustomization) -> bool:
    return isinstance(plugin.value.get("metadata"), dict)
