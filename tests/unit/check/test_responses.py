"""What the controller is to propose is about models that are there, and about what can be seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import yaml

from mlgitops.check.rules import check
from mlgitops.spec.resolve import resolve
from mlgitops.workflows.documents import read_project
from tests.conftest import PROJECT_FILES

ENVIRONMENT = "environments/dev/environment.yaml"
MODEL = "environments/dev/models/iris.yaml"
Codes = Callable[..., list[tuple[str, str]]]


class Files:
    """Files of a project as a source."""

    commit = ""
    dirty = False

    def __init__(self, files: dict[str, bytes]) -> None:
        self._files = files

    def files(self) -> dict[str, bytes]:
        return self._files


def codes(
    responses: Any = (), notifications: Any = (), monitoring: Any = None, prometheus: bool = True
) -> list[tuple[str, str]]:
    data = {path: yaml.safe_load(text) for path, text in PROJECT_FILES.items() if path.endswith(".yaml")}
    data[ENVIRONMENT]["spec"]["reconcile"] = {"responses": list(responses), "notifications": list(notifications)}
    data[MODEL]["spec"]["monitoring"] = monitoring or {}
    for path, content in data.items():
        if path.startswith("targets/") and prometheus:
            content["spec"]["prometheus"] = {"url": "https://prometheus.example.com"}
    source = Files({path: yaml.safe_dump(content).encode() for path, content in data.items()})
    files, documents, findings = read_project(source)
    assert not findings
    found = check(resolve(files, "dev"), documents)
    return [(one.code, one.pointer.removeprefix("spec.reconcile.")) for one in found if "spec.reconcile" in one.pointer]


STALE = {"staleness": {"maxAge": "30d"}}


def test_what_can_be_seen_has_no_findings() -> None:
    response = {"when": ["stale"], "models": ["iris"], "open": "deprecate"}
    notification = {"name": "chat", "when": ["stale"], "urlFrom": "chat"}
    assert not codes([response], [notification], STALE)


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"responses": [{"when": ["drift"], "open": "rollback"}]}, ("response-never", "responses.0.when.0")),
        (
            {"responses": [{"when": ["stale"], "open": "none"}], "monitoring": STALE, "prometheus": False},
            ("response-never", "responses.0.when.0"),
        ),
        (
            {"responses": [{"when": ["stale"], "models": ["irish"], "open": "none"}], "monitoring": STALE},
            ("unknown-model", "responses.0.models.0"),
        ),
        (
            {"responses": [{"when": ["stale"], "open": "complete"}], "monitoring": STALE},
            ("response-unfit", "responses.0.open"),
        ),
        (
            {"responses": [{"when": ["stale"], "open": "none"}] * 2, "monitoring": STALE},
            ("response-shadowed", "responses.1.when.0"),
        ),
        (
            {
                "responses": [
                    {"when": ["drift", "stale"], "open": "retrain"},
                    {"when": ["stale"], "models": ["iris"], "open": "none"},
                ],
                "monitoring": STALE,
            },
            ("response-shadowed", "responses.1.when.0"),
        ),
        (
            {
                "responses": [
                    {"when": ["stale"], "models": ["rose", "iris"], "open": "retrain"},
                    {"when": ["drift", "stale"], "models": ["iris"], "open": "none"},
                ],
                "monitoring": STALE,
            },
            ("response-shadowed", "responses.1.when.1"),
        ),
        (
            {
                "notifications": [{"name": "a", "when": ["stale"], "urlFrom": name} for name in "ab"],
                "monitoring": STALE,
            },
            ("duplicate-notification", "notifications.1.name"),
        ),
    ],
    ids=str,
)
def test_what_is_wrong_is_found_in_its_place(given: dict[str, Any], found: tuple[str, str]) -> None:
    assert found in codes(**given)


@pytest.mark.parametrize(
    "responses",
    [
        [{"when": ["stale"], "models": ["iris"], "open": "none"}, {"when": ["stale"], "open": "retrain"}],
        [{"when": ["stale"], "open": "retrain"}, {"when": ["rolloutAborted"], "open": "rollback"}],
        [{"when": ["stale"], "models": [name], "open": "retrain"} for name in ("iris", "rose")],
    ],
    ids=["some before all", "other signals", "other models"],
)
def test_a_response_that_can_count_beside_those_above_it_is_not_shadowed(responses: list[Any]) -> None:
    assert not [code for code, _ in codes(responses, monitoring=STALE) if code == "response-shadowed"]
