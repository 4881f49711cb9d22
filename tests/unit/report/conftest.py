"""Findings for tests of reports: ordinary ones, and one whose every field tries to break out."""

from __future__ import annotations

import pytest

from mlgitops.finding import Finding, Location, Severity

FILE = "environments/dev/models/fraud-detector.yaml"
HOSTILE = (
    "\x1b[31mred\x1b]0;title\x07\n::error::forged\r\n##vso[task.complete result=Succeeded]##[group]x]]> &<b>"
    "\u202e\x00\x9b31m\u2028%0A;],: \ud800"
)


@pytest.fixture
def findings() -> list[Finding]:
    """An unknown field, a value out of range, a missing file and a warning."""
    return [
        Finding(
            "unknown-field", "there is no field 'scalling' in serving", Location(FILE, 12, 5, 13),
            pointer="spec.serving.scalling", excerpt="    scalling:",
            help="fields here: args, batch, batcher, env, explainer, format, graph, identity, logger, maxConcurrency, "
            "mode, port, protocol, resources, runtime, scaling",
            suggestion="scaling",
        ),
        Finding(
            "out-of-range", "serving.scaling.max: it has to be 1000 or less, not 5000",
            Location(FILE, 104, 12, 16), pointer="spec.serving.scaling.max", excerpt="      max: 5000  # 日本",
            help="The most replicas, 1 to 1000.",
        ),
        Finding(
            "project-missing", "there is no mlgitops.yaml that can be read", Location("mlgitops.yaml"),
            help="every project has one at its root; it names the environments",
        ),
        Finding(
            "owner-missing", "nobody answers for the model", Location("models/fraud-detector.yaml", 5, 1),
            severity=Severity.WARNING, pointer="spec.governance.owner", excerpt="spec:",
        ),
    ]  # fmt: skip


@pytest.fixture
def hostile() -> Finding:
    """A finding whose every text holds escape sequences, forged lines and the marks of every format."""
    return Finding(
        HOSTILE, HOSTILE, Location(HOSTILE, 3, 1), pointer=HOSTILE, excerpt=HOSTILE, help=HOSTILE, suggestion=HOSTILE
    )
