from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from mlgitops.spec.document import load
from mlgitops.spec.json_schema import DRAFT, schemas, text
from mlgitops.spec.kinds import KINDS

SCHEMAS = schemas()
ROOT = Path(__file__).resolve().parents[3]
FILES = ROOT / "schemas"

RELEASE = {"version": "1.2", "artifact": {"uri": "gs://example-models/iris"}}
SPECS: dict[str, dict[str, Any]] = {
    "Project": {"environments": ["dev", "prod"], "defaults": {"model": {"serving": {"scaling": {"max": 3}}}}},
    "Environment": {"targets": ["aws-dev"], "policy": {"rules": {"owner-missing": "error"}}},
    "Target": {
        "cloud": "aws",
        "connection": {"directory": {"path": "rendered/aws-dev"}},
        "accelerators": {"a10g": {"tolerations": [{"key": "gpu", "operator": "Exists"}]}},
        "profile": {"model": {"monitoring": {"metrics": False}}},
    },
    "Model": {
        "release": RELEASE,
        "serving": {"resources": {"cpu": 2, "memory": "4Gi"}, "env": [{"name": "MODE", "value": "on"}]},
        "monitoring": {"objectives": [{"metric": "latency", "objective": 99.5, "threshold": "250ms"}]},
    },
    "Pipeline": {"steps": [{"name": "prepare", "image": "example.com/prepare:1", "resources": {"cpu": 0.5}}]},
}


def document(kind: str, spec: Any) -> dict[str, Any]:
    return {"apiVersion": "mlgitops.dev/v1alpha1", "kind": kind, "metadata": {"name": "example"}, "spec": spec}


def errors(kind: str, spec: Any) -> list[str]:
    """Where the schema of a kind finds errors, as dotted paths within the spec."""
    validator = jsonschema.Draft7Validator(SCHEMAS[kind.lower()])
    found = validator.iter_errors(document(kind, spec))
    return sorted(".".join(map(str, list(error.absolute_path)[1:])) for error in found)


def test_there_is_a_schema_for_each_kind() -> None:
    assert list(SCHEMAS) == [name.lower() for name in KINDS]


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_committed_file_is_what_the_models_say(name: str) -> None:
    assert (FILES / f"{name}.json").read_text(encoding="utf-8") == text(SCHEMAS[name]), "stale: make schemas"


def test_no_other_file_is_committed() -> None:
    assert sorted(path.stem for path in FILES.iterdir()) == sorted([*SCHEMAS, "evidence"])


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_is_valid_draft_7(name: str) -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMAS[name])
    assert SCHEMAS[name]["$schema"] == DRAFT


@pytest.mark.parametrize("name", SCHEMAS)
def test_nothing_newer_than_draft_7_is_used(name: str) -> None:
    written = text(SCHEMAS[name])
    for keyword in ("$defs", "prefixItems", "unevaluatedProperties", "dependentRequired", "patternProperties"):
        assert f'"{keyword}"' not in written


def nodes(schema: Any) -> list[dict[str, Any]]:
    inside = schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ()
    own = [schema] if isinstance(schema, dict) else []
    return own + [node for value in inside for node in nodes(value)]


@pytest.mark.parametrize("name", SCHEMAS)
def test_references_stand_alone_and_lead_somewhere(name: str) -> None:
    references = [node for node in nodes(SCHEMAS[name]) if "$ref" in node]
    assert references
    for node in references:
        assert list(node) == ["$ref"]
        assert node["$ref"].removeprefix("#/definitions/") in SCHEMAS[name]["definitions"]


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_definition_is_used(name: str) -> None:
    used = {node["$ref"].rpartition("/")[2] for node in nodes(SCHEMAS[name]) if "$ref" in node}
    assert used == set(SCHEMAS[name]["definitions"])


@pytest.mark.parametrize("kind", SPECS)
def test_what_the_models_accept_the_schema_accepts(kind: str) -> None:
    KINDS[kind].model_validate(document(kind, SPECS[kind]))
    assert errors(kind, SPECS[kind]) == []


@pytest.mark.parametrize(
    ("kind", "spec", "where"),
    [
        ("Model", {"serving": {"scalling": {}}}, "serving"),
        ("Model", {"serving": {"scaling": {"max": 1001}}}, "serving.scaling.max"),
        ("Model", {"serving": {"scaling": {"metric": "qps"}}}, "serving.scaling.metric"),
        ("Model", {"serving": {"resources": {"cpu": "two"}}}, "serving.resources.cpu"),
        ("Model", {"serving": {"timeout": "60"}}, "serving.timeout"),
        ("Model", {"release": {"version": 1.2, "artifact": {"uri": "gs://x/y"}}}, "release.version"),
        ("Model", {"release": {"version": "1"}}, "release"),
        ("Model", {"serving": {"env": [{"value": "x"}]}}, "serving.env.0"),
        ("Pipeline", {"steps": [{"name": "A", "image": "x"}]}, "steps.0.name"),
        ("Project", {"environments": []}, "environments"),
        ("Project", {}, ""),
        ("Project", {"environments": ["dev"], "defaults": {"model": {"serving": {"x": 1}}}}, "defaults.model.serving"),
        ("Project", {"environments": ["dev"], "defaults": {"model": {"release": RELEASE}}}, "defaults.model"),
        ("Target", {"cloud": "aws", "connection": {}, "identities": {"Bad Name": {"principal": "x"}}}, "identities"),
        ("Target", {"cloud": None, "connection": {}}, "cloud"),
    ],
)
def test_what_is_wrong_in_every_layer_the_schema_refuses(kind: str, spec: Any, where: str) -> None:
    assert set(errors(kind, spec)) == {where}


@pytest.mark.parametrize(
    ("kind", "spec"),
    [
        ("Model", {}),
        ("Model", {"governance": {"owner": "risk@example.com"}}),
        ("Model", {"release": RELEASE, "serving": {"batch": {"shards": 4}}}),
        ("Model", {"release": RELEASE, "serving": {"transformer": {"min": 2}}}),
        ("Pipeline", {"training": {"nodes": 4}}),
        ("Pipeline", {"steps": [{"name": "prepare", "retries": 2}]}),
    ],
)
def test_a_layer_may_leave_out_what_another_gives(kind: str, spec: Any) -> None:
    assert errors(kind, spec) == []


@pytest.mark.parametrize("kind", ["Model", "Pipeline"])
def test_null_deletes_any_field_of_a_merged_spec(kind: str) -> None:
    definitions = SCHEMAS[kind.lower()]["definitions"]
    for name, definition in definitions.items():
        for field in definition["properties"] if name != "Metadata" else ():
            schema = {**definition["properties"][field], "definitions": definitions}
            allowed = jsonschema.Draft7Validator(schema).is_valid(None)
            assert allowed or field in definition["required"], f"{name}.{field}"


def own_files() -> list[str]:
    places = ("mlgitops.yaml", "targets/*.yaml", "models/*.yaml", "environments/*/environment.yaml",
              "environments/*/models/*.yaml", "environments/*/pipelines/*.yaml")  # fmt: skip
    return sorted(str(path.relative_to(ROOT)) for place in places for path in ROOT.glob(place))


@pytest.mark.parametrize("path", own_files())
def test_this_repositorys_own_files_fit_their_schemas(path: str) -> None:
    data = load(path, (ROOT / path).read_bytes()).data
    jsonschema.Draft7Validator(SCHEMAS[data["kind"].lower()]).validate(data)


def test_descriptions_and_defaults_reach_the_editor() -> None:
    scaling = SCHEMAS["model"]["definitions"]["Scaling"]
    assert scaling["description"].startswith("How many replicas run")
    assert scaling["properties"]["target"]["default"] == 80
    assert scaling["properties"]["target"]["description"].startswith("The value of the metric")
    assert SCHEMAS["pipeline"]["definitions"]["Step"]["properties"]["resources"]["default"] == {
        "cpu": "500m", "memory": "512Mi",
    }  # fmt: skip


def test_every_field_has_a_description() -> None:
    for schema in SCHEMAS.values():
        for name, definition in schema["definitions"].items():
            assert definition["description"], name


def test_the_text_is_json_with_a_line_end() -> None:
    assert json.loads(text({"a": "é"})) == {"a": "é"}
    assert text({"a": "é"}).endswith("}\n")
