"""What tests of rendering share: manifests as text for goldens, and the way through hera's models."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable

import pytest
import yaml

from mlgitops.manifest import Manifest


class _Text(yaml.SafeDumper):
    """Writes text as this module says, whether hera, which changes PyYAML's own dumper, was imported or not."""


def _string(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Text.add_representer(str, _string)


@pytest.fixture(scope="session")
def manifests_text() -> Callable[[Iterable[Manifest]], str]:
    """Manifests as one YAML text with sorted keys, without anchors for parts that are shared in memory."""

    def text(manifests: Iterable[Manifest]) -> str:
        apart = json.loads(json.dumps(list(manifests)))
        return yaml.dump_all(apart, Dumper=_Text, sort_keys=True, width=120, allow_unicode=True)

    return text


@pytest.fixture(scope="session")
def through_hera() -> Callable[[Manifest], Manifest]:
    """An Argo document loaded into hera's model of its kind and written again."""
    from hera.workflows import models

    def through(manifest: Manifest) -> Manifest:
        model = getattr(models, manifest["kind"]).model_validate(manifest)
        loaded: Manifest = json.loads(model.model_dump_json(by_alias=True, exclude_none=True))
        return loaded

    return through
