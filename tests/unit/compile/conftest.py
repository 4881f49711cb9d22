"""Compiles data, and gives the Pipeline's spec beside what could not be taken over."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
import yaml

from mlgitops.compile.draft import Draft
from mlgitops.compile.notes import Notes
from mlgitops.compile.written import Written

Frontend = Callable[..., Draft]


class Compiled:
    """A draft, the findings about its source, and both in the shape that tests compare."""

    def __init__(self, draft: Draft, notes: Notes) -> None:
        self.draft = draft
        self.findings = notes.findings

    @property
    def steps(self) -> dict[str, dict[str, Any]]:
        return {step["name"]: step for step in self.draft.steps}

    @property
    def needs(self) -> dict[str, list[str]]:
        return {name: step.get("dependsOn", []) for name, step in self.steps.items()}

    @property
    def errors(self) -> list[tuple[str, str]]:
        return [(f.pointer, f.message) for f in self.findings if f.severity == "error"]

    @property
    def codes(self) -> list[str]:
        return [finding.code for finding in self.findings]


@pytest.fixture
def compiled() -> Callable[..., Compiled]:
    """``compiled(argo.pipeline, text_or_data, {})``: what the frontend makes of YAML, or of data."""

    def of(frontend: Frontend, given: str | Mapping[str, Any], *more: Any, path: str = "flow.yaml") -> Compiled:
        text = given if isinstance(given, str) else yaml.safe_dump(dict(given), sort_keys=False)
        notes = Notes(Written(path, text, "sha256:" + "0" * 64))
        return Compiled(frontend(yaml.safe_load(text), *more, notes), notes)

    return of
