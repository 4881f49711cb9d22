"""The fields of a kustomization: which are known, which are refused, and which make one build of all objects necessary.

From the types of kustomize v5.8.2 (``api/types/kustomization.go``). kustomize decodes keys without regard to case, so a
field is accepted only if it is written exactly as here.
"""

from __future__ import annotations

from typing import NamedTuple


class Refusal(NamedTuple):
    """Why a field is refused: the finding's code, what it would do, and what to do instead."""

    code: str
    reason: str
    help: str


_HELM = Refusal(
    "overlay-helm", "runs helm on a chart from the network", "commit the chart's rendered manifests as resources"
)

REFUSED = {
    "helmCharts": _HELM,
    "helmGlobals": _HELM,
    "helmChartInflationGenerator": _HELM,
}

DIRECTORIES_OR_FILES = ("resources", "bases")
FILES = ("crds", "configurations")
PLUGINS = ("generators", "transformers", "validators")
GENERATORS = ("configMapGenerator", "secretGenerator")

_PATCH = frozenset({"path", "patch", "target", "options"})
_GENERATOR = frozenset({"name", "namespace", "behavior", "literals", "files", "envs", "env", "options", "type"})

ENTRIES = {
    "patches": _PATCH,
    "patchesJson6902": _PATCH,
    "configMapGenerator": _GENERATOR,
    "secretGenerator": _GENERATOR,
    "replacements": frozenset({"path", "source", "sourceValue", "targets"}),
}
"""Fields that are lists of mappings which can name files, and the keys such a mapping may have."""

OPENAPI = frozenset({"path", "version"})

KNOWN = frozenset(
    {
        "apiVersion", "kind", "metadata", "openapi", "namePrefix", "nameSuffix", "namespace", "commonLabels", "labels",
        "commonAnnotations", "patchesStrategicMerge", "images", "imageTags", "replicas", "vars", "sortOptions",
        "components", "generatorOptions", "buildMetadata",
        *DIRECTORIES_OR_FILES, *FILES, *PLUGINS, *ENTRIES,
    }
)  # fmt: skip

ONE_BUILD = (
    "replacements",
    "vars",
    "transformers",
    "generators",
    "validators",
    "configurations",
    "crds",
    "openapi",
    "patchesStrategicMerge",
    "patchesJson6902",
)
"""Fields that may carry something from one object to another, or change what a name reference is."""

BUILTIN_PLUGINS = frozenset(
    {
        "AnnotationsTransformer",
        "ConfigMapGenerator",
        "ImageTagTransformer",
        "LabelTransformer",
        "NamespaceTransformer",
        "PatchJson6902Transformer",
        "PatchTransformer",
        "PrefixTransformer",
        "ReplicaCountTransformer",
        "SecretGenerator",
        "SuffixTransformer",
    }
)
"""What a generator or transformer file may be: those that are compiled into kustomize and run no program."""

PLUGIN_FILE_FIELDS = frozenset({"path", "paths", "files", "envs", "env"})
"""Fields by which a built-in generator or transformer reads further files: refused, inline values are enough."""
