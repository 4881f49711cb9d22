"""What the documentation shows of specs has the fields that the kinds have, in the form of the published schemas.

A block of YAML that is a whole spec is held against its kind's schema. One that begins at ``spec:``, or within it, is
held against the kind that its path says (``# environments/prod/environment.yaml`` on the first line), else against
every kind, one of which has to take it; there nothing has to be complete.
"""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from jsonschema_rs import Draft7Validator

from mlgitops.spec.project_files import expected_kind

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^(?P<indent> *)```yaml\n(?P<text>.*?)^ *```$", re.MULTILINE | re.DOTALL)
PATH = re.compile(r"\A# (?P<path>[\w./-]+\.yaml)$", re.MULTILINE)
KINDS = ("Project", "Environment", "Target", "Model", "Pipeline")
SHORTENED = {"sha256:…": f"sha256:{'0' * 64}", "…": "x"}


class Shown(NamedTuple):
    """A block: where it stands, its data, and the kind that its path says, if it has one."""

    place: str
    data: Any
    kind: str | None


def shown() -> Iterator[Shown]:
    """Every block of YAML on every page; what is shortened there is written out."""
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for match in BLOCK.finditer(text):
            block = textwrap.dedent(match["text"])
            for short, whole in SHORTENED.items():
                block = block.replace(short, whole)
            path = PATH.match(block)
            place = f"{page.relative_to(ROOT)}:{text.count(chr(10), 0, match.start()) + 1}"
            for data in yaml.safe_load_all(block):
                as_json = json.loads(json.dumps(data, default=str))  # a date is text to JSON
                yield Shown(place, as_json, expected_kind(path["path"]) if path else None)


@cache
def schema(kind: str, *, partial: bool) -> Draft7Validator:
    data = json.loads((ROOT / "schemas" / f"{kind.lower()}.json").read_text())
    return Draft7Validator(incomplete(data) if partial else data, offline=True)


def incomplete(data: Any) -> Any:
    """The schema for parts of what it is about: nothing is required."""
    if isinstance(data, dict):
        return {key: incomplete(value) for key, value in data.items() if key != "required" or isinstance(value, dict)}
    return [incomplete(one) for one in data] if isinstance(data, list) else data


def errors(kind: str, data: Any, *, partial: bool) -> list[str]:
    found = schema(kind, partial=partial).iter_errors(data)
    return [f"{kind}: {'.'.join(map(str, error.instance_path))}: {error.message}" for error in found]


def fields(kind: str) -> set[str]:
    """The fields of a kind's spec."""
    data = json.loads((ROOT / "schemas" / f"{kind.lower()}.json").read_text())
    spec = data["properties"]["spec"]
    while "$ref" in spec or "allOf" in spec:
        name = spec.get("$ref") or spec["allOf"][0]["$ref"]
        spec = data["definitions"][name.rpartition("/")[2]]
    return set(spec["properties"])


def is_whole(data: Any) -> bool:
    """Whether it is a spec of ours with all that one has."""
    return isinstance(data, dict) and str(data.get("apiVersion")).startswith("mlgitops.dev/") and "spec" in data


def is_part(data: Any) -> bool:
    """Whether it is a part of a spec of ours, from ``spec`` on or of its fields; others begin deeper within one."""
    if not isinstance(data, dict) or is_whole(data):
        return False
    ours = str(data.get("apiVersion", "mlgitops.dev/")).startswith("mlgitops.dev/")
    return ours and ("spec" in data or "kind" in data or any(set(data) <= fields(kind) for kind in KINDS))


ALL = list(shown())
WHOLE = [one for one in ALL if is_whole(one.data)]
PARTS = [one for one in ALL if is_part(one.data)]


@pytest.mark.parametrize("one", WHOLE, ids=lambda one: one.place)
def test_a_whole_spec_is_as_its_schema_says(one: Shown) -> None:
    assert one.kind in (None, one.data["kind"])
    assert errors(one.data["kind"], one.data, partial=False) == []


@pytest.mark.parametrize("one", PARTS, ids=lambda one: one.place)
def test_a_part_of_a_spec_has_fields_that_a_kind_has(one: Shown) -> None:
    part = one.data if {"spec", "kind"} & set(one.data) else {"spec": one.data}
    kinds = [one.kind] if one.kind else KINDS
    found = {kind: errors(kind, part, partial=True) for kind in kinds}
    assert [] in found.values(), "\n".join(message for messages in found.values() for message in messages)


def test_the_documentation_shows_whole_specs_and_parts() -> None:
    assert len(WHOLE) >= 5
    assert len([one for one in PARTS if "spec" in one.data]) >= 20


@pytest.mark.parametrize("part", [{"spec": {"srving": {}}}, {"spec": {"serving": {"scaling": {"maxx": 1}}}}])
def test_a_field_that_no_kind_has_is_seen(part: dict[str, Any]) -> None:
    assert all(errors(kind, part, partial=True) for kind in KINDS)
