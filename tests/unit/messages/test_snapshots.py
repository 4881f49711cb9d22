"""Every message that a person can meet is provoked by a test, which holds its text: tests/goldens/messages."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlgitops.finding import Finding, Location
from tests.testbed.messages import snapshot
from tests.testbed.messages.finding_codes import ROOT
from tests.testbed.messages.plugin import MESSAGES
from tests.testbed.messages.sites import Site
from tests.testbed.messages.snapshot import Snapshot, text_of

REASONS = frozenset({"workflows/promotion/expected.py"})
"""Modules whose errors become reasons within another message, which says what to do."""
OURS_ALONE = re.compile(r"\bNone\b|<[a-z_.]+ object at|\{\}|\bValueError\b|\bKeyError\b|  +\S")
"""What only we understand, or what was left empty."""


@pytest.fixture(scope="module")
def snapshots() -> list[Snapshot]:
    return snapshot.read()


@pytest.fixture(scope="module")
def known(pytestconfig: pytest.Config) -> set[tuple[str, str]]:
    sites: Iterator[Site] = iter(pytestconfig.stash[MESSAGES].sites.values())
    return {(site.module, site.name) for site in sites}


def test_every_message_is_provoked_by_a_test(snapshots: list[Snapshot], known: set[tuple[str, str]]) -> None:
    provoked = {(one.module, one.site) for one in snapshots}
    assert sorted(known - provoked) == [], "provoke each in a test, then `make goldens`"
    assert sorted(provoked - known) == [], "these are no more: `make goldens`"


def test_every_test_that_provokes_one_is_there(snapshots: list[Snapshot]) -> None:
    tests = {path: _tests_in(ROOT / path) for path in {one.test.partition("::")[0] for one in snapshots}}
    gone = [one.test for one in snapshots if _function(one.test) not in tests[one.test.partition("::")[0]]]
    assert gone == [], "these tests are no more: `make goldens`"


def test_every_test_that_provokes_one_still_has_these_values(
    snapshots: list[Snapshot], request: pytest.FixtureRequest
) -> None:
    if request.config.stash[MESSAGES].is_partial:
        pytest.skip("a part of the tests was chosen")
    collected = {item.nodeid for item in request.session.items}
    files = {nodeid.partition("::")[0] for nodeid in collected}
    gone = [one.test for one in snapshots if one.test.partition("::")[0] in files and one.test not in collected]
    marked = [test for test in gone if _is_collected(test, collected)]
    assert marked == [], "these tests have other values now: `make goldens`"


def test_every_message_says_what_to_do(snapshots: list[Snapshot]) -> None:
    silent = [one for one in snapshots if "help:" not in one.text and not _says_it_itself(one)]
    assert [f"{one.module}: {one.text}" for one in silent] == []


def test_no_message_shows_what_only_we_understand(snapshots: list[Snapshot]) -> None:
    said = [(one, line) for one in snapshots if one.is_exact for line in one.text.split("\n")[:1]]
    assert [f"{one.module}: {line}" for one, line in said if OURS_ALONE.search(_without_values(line))] == []


def test_no_message_ends_in_a_full_stop_or_is_empty(snapshots: list[Snapshot]) -> None:
    said = [(one, _message(one.text)) for one in snapshots if one.is_exact]
    assert [f"{one.module}: {text}" for one, text in said if text.endswith((".", ":")) or not text] == []


def test_what_changes_from_run_to_run_is_left_out_of_a_snapshot() -> None:
    path = "/tmp/pytest-of-me/pytest-7/popen-gw1/test_it0/models/a.yaml"
    finding = Finding("code", f"{path} is at 127.0.0.1:8080, {'ab' * 20}", Location("a.yaml", 1), help="do it")
    assert text_of(finding) == (
        "error[code]: /TEMPORARY/models/a.yaml is at 127.0.0.1:PORT, COMMIT\n --> a.yaml:1\n = help: do it"
    )


def test_snapshots_are_read_as_they_are_written(tmp_path: Path) -> None:
    given = [
        Snapshot("spec/a.py", "Error in f: {} is wrong", "tests/unit/test_a.py::test_b[c d]", "error: is\n\nhelp: x"),
        Snapshot("spec/a.py", "Error in g: {}", "tests/unit/test_a.py::test_c", "error: y"),
        Snapshot("cli/b.py", "UsageError in h: no", "tests/unit/test_a.py::test_d", "error: no"),
    ]
    snapshot.write(given, tmp_path)
    assert sorted(snapshot.read(tmp_path), key=str) == sorted(given, key=str)
    snapshot.write(given[:2], tmp_path)
    assert [path.name for path in tmp_path.rglob("*.txt")] == ["a.txt"]


def _is_collected(test: str, collected: set[str]) -> bool:
    """Whether the function runs, with other values: one with a mark may be left out."""
    function = test.partition("[")[0]
    return any(nodeid.partition("[")[0] == function for nodeid in collected)


def _says_it_itself(one: Snapshot) -> bool:
    """Wrong usage, whose message is followed by the verb's own usage; what a gate lacks; reasons."""
    return one.site.startswith(("UsageError", "BadParameter", "MissingError")) or one.module in REASONS


def _message(text: str) -> str:
    """The text without the place and the help."""
    return re.split(r"\n -->|\nhelp:|\n = help:", text)[0].strip()


def _without_values(line: str) -> str:
    """A message without what it quotes."""
    return re.sub(r"'[^']+'", "'value'", line)


def _function(test: str) -> str:
    return test.rsplit("::", maxsplit=1)[-1].partition("[")[0]


def _tests_in(path: Path) -> set[str]:
    if not path.is_file():
        return set()
    return {node.name for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.FunctionDef)}
