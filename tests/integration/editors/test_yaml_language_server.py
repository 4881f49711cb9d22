"""What a person sees while they edit, by the language server that editors run for YAML."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlgitops.spec.kinds import KINDS
from tests.conftest import PROJECT_FILES
from tests.testbed.yaml_language_server.client import Editor
from tests.testbed.yaml_language_server.fixtures import editor, language_server

__all__ = ["editor", "language_server"]

pytestmark = [pytest.mark.integration, pytest.mark.yaml_language_server]

ROOT = Path(__file__).parents[3]
PATH = "environments/dev/models/iris.yaml"
MODELINE = "# yaml-language-server: $schema=../../../schemas/model.json\n"
IRIS = MODELINE + PROJECT_FILES[PATH]


@pytest.fixture
def opened(editor: Callable[[Path], Editor], tmp_path: Path) -> Editor:
    """An editor on a project that has this repository's schemas."""
    shutil.copytree(ROOT / "schemas", tmp_path / "schemas")
    return editor(tmp_path)


def place(text: str, mark: str) -> tuple[int, int]:
    """The line and column, from 0, of the first character of a text."""
    before = text[: text.index(mark)]
    return before.count("\n"), len(before) - before.rfind("\n") - 1


def test_a_file_of_this_project_has_nothing_wrong(opened: Editor) -> None:
    assert opened.open(PATH, IRIS) == []


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("      max: 3", "      max: 3000", "maximum of 1000"),
        ("    runtime: kserve", "    runtim: kserve", "Property runtim is not allowed"),
        ("      max: 3", "      metric: gpu", "Value is not accepted"),
        ('    version: "1.0"\n', "", 'Missing property "version"'),
    ],
)
def test_what_is_wrong_is_marked_where_it_is(opened: Editor, old: str, new: str, words: str) -> None:
    text = IRIS.replace(old, new)
    (found,) = opened.open(PATH, text)
    assert words in found["message"]
    mark = new.strip().partition(":")[0] or "artifact:"
    line = found["range"]["start"]["line"]
    assert mark in text.splitlines()[line] or "release:" in text.splitlines()[line]


def test_the_version_that_yaml_would_read_as_a_number_is_marked(opened: Editor) -> None:
    text = IRIS.replace('"1.0"', "1.10")
    (found,) = opened.open(PATH, text)
    assert found["range"]["start"]["line"] == place(text, "1.10")[0]
    assert 'Expected "string"' in found["message"]


def test_hovering_tells_what_a_field_is_for_with_examples_and_what_values_mean(opened: Editor) -> None:
    text = IRIS.replace("      max: 3\n", "      max: 3\n      metric: cpu\n  rollout:\n    strategy: rolling\n")
    assert opened.open(PATH, text) == []
    uri = opened.hover(PATH, *place(text, "uri: s3"))
    assert "Where the files are, as KServe reads them" in uri
    assert "s3://models/iris/1.0" in uri
    assert "The most replicas, 1 to 1000" in opened.hover(PATH, *place(text, "max: 3"))
    strategy = opened.hover(PATH, *place(text, "strategy: rolling"))
    assert "* `canary`: The new release answers a share of the requests" in strategy
    assert "* `null`: Takes away what another file says of this field" in strategy


def test_fields_are_offered_with_what_they_are_for(opened: Editor) -> None:
    text = IRIS.replace("    scaling:\n      max: 3\n", "    scaling:\n      \n")
    opened.open(PATH, text)
    line = place(text, "    scaling:")[0] + 1
    offered = opened.complete(PATH, line, 6)
    assert {"min", "max", "metric", "target"} <= set(offered)
    assert "The fewest replicas" in str(offered["min"]["documentation"])


def test_values_are_offered_with_what_they_mean(opened: Editor) -> None:
    text = IRIS.replace("    scaling:\n      max: 3\n", "    scaling:\n      metric: \n")
    opened.open(PATH, text)
    line, column = place(text, "metric: ")
    offered = opened.complete(PATH, line, column + len("metric: "))
    assert set(offered) >= {"cpu", "memory", "concurrency", "rps"}
    assert "Requests a second in a replica; Knative mode." in str(offered["rps"]["documentation"])


def test_defaults_are_what_completion_begins_with(opened: Editor) -> None:
    text = IRIS.replace("    scaling:\n      max: 3\n", "    scaling:\n      \n")
    opened.open(PATH, text)
    offered = opened.complete(PATH, place(text, "    scaling:")[0] + 1, 6)
    assert offered["min"]["insertText"] == "min: ${1:1}"


@pytest.mark.parametrize("kind", KINDS)
def test_the_server_takes_the_schema_of_every_kind(opened: Editor, kind: str) -> None:
    """A schema that it cannot read would be told at the first line, and nothing else would be found."""
    text = f"# yaml-language-server: $schema=schemas/{kind.lower()}.json\nkind: {kind}\n"
    found = {one["message"] for one in opened.open(f"{kind}.yaml", text)}
    assert found == {f'Missing property "{name}".' for name in ("apiVersion", "metadata", "spec")}


def test_the_example_environments_of_this_repository_have_nothing_wrong(opened: Editor) -> None:
    wrong: dict[str, Any] = {}
    for path in sorted((ROOT / "environments" / "dev" / "models").glob("*.yaml"))[:6]:
        name = path.relative_to(ROOT).as_posix()
        text = path.read_text()
        found = opened.open(name, text if text.startswith("# yaml-language-server") else MODELINE + text)
        wrong |= {name: found} if found else {}
    assert wrong == {}
