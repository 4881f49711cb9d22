"""Factories of definitions and schemas, for tests of what targets serve."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from mlgitops.check.served import definitions
from mlgitops.check.served.kind import FOLDER, to_json
from mlgitops.check.served.schemas import Schemas

Define = Callable[..., dict[str, Any]]


@pytest.fixture(scope="session")
def define() -> Define:
    """``define({"size": {"type": "integer"}})``: the definition of a Thing whose spec has these fields."""

    def defined(spec: Mapping[str, Any], kind: str = "Thing", **version: Any) -> dict[str, Any]:
        schema = {
            "type": "object",
            "properties": {"spec": {"type": "object", "properties": spec}, "status": {"type": "object"}},
        }
        names = {"kind": kind, "plural": f"{kind.lower()}s"}
        served = {"name": "v1", "served": True, "schema": {"openAPIV3Schema": schema}, **version}
        return {
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": {"name": f"{kind.lower()}s.example.com"},
            "spec": {"group": "example.com", "names": names, "scope": "Namespaced", "versions": [served]},
        }

    return defined


@pytest.fixture(scope="session")
def served() -> Callable[..., Schemas]:
    """``served(define(...))``: a target that serves what the definitions say."""

    def schemas(*given: dict[str, Any]) -> Schemas:
        kinds = [kind for definition in given for kind in definitions.kinds_of(definition, "things.yaml")]
        return Schemas("here", {f"{FOLDER}/here/{kind.file_name}": to_json(kind) for kind in kinds})

    return schemas
