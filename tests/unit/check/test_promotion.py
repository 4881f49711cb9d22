from __future__ import annotations

from typing import Any

import orjson
import pytest

from mlgitops.check.promotion import check
from mlgitops.spec.document import load

PROJECT = load("mlgitops.yaml", orjson.dumps({"kind": "Project", "spec": {"environments": ["dev", "prod"]}}))


KEY = """\
-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEAAECAwQFBgcICQoLDA0ODxAREhMU
FRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+Pw==
-----END PUBLIC KEY-----
"""


def findings(**promotion: Any) -> list[Any]:
    environment = {"kind": "Environment", "metadata": {"name": "prod"}, "spec": {"promotion": promotion}}
    return list(check([PROJECT, load("environments/prod/environment.yaml", orjson.dumps(environment))]))


def codes(**promotion: Any) -> list[tuple[str, str]]:
    return [(one.code, one.pointer.removeprefix("spec.promotion.")) for one in findings(**promotion)]


def test_what_is_in_order_has_no_findings() -> None:
    assert not codes(**{
        "from": "dev",
        "gates": [
            {"uses": "digest-pinned"},
            {"uses": "signed", "with": {"keys": [KEY]}},
            {"name": "auc", "uses": "metric-floor", "with": {"metric": "auc", "min": 0.9}},
            {"name": "own", "expression": "candidate.metrics.exists(name, name == 'auc') && time.now > "
                                          "timestamp('2026-01-01T00:00:00Z') && champion == null"},
        ],
        "windows": [{"cron": "0 9 * * MON-THU", "duration": "7h", "timezone": "Europe/Zurich"}],
        "freezes": [{"reason": "x", "from": "2026-12-20T00:00:00Z", "until": "2027-01-04T00:00:00Z"}],
    })  # fmt: skip


@pytest.mark.parametrize(
    ("promotion", "found"),
    [
        ({"from": "prod"}, ("unknown-environment", "from")),
        ({"from": "devv"}, ("unknown-environment", "from")),
        ({"gates": [{"uses": "digest-pined"}]}, ("unknown-gate", "gates.0.uses")),
        ({"gates": [{"uses": "metric-floor"}]}, ("missing-field", "gates.0.with.metric")),
        ({"gates": [{"uses": "metric-floor", "with": {"metric": "a"}}]}, ("invalid-value", "gates.0.with")),
        ({"gates": [{"uses": "error-rate", "with": {"max": 2}}]}, ("out-of-range", "gates.0.with.max")),
        ({"gates": [{"uses": "model-card", "with": {"x": 1}}]}, ("unknown-field", "gates.0.with.x")),
        ({"gates": [{"uses": "signed", "with": {"keys": ["cosign.pub"]}}]}, ("invalid-format", "gates.0.with.keys.0")),
        *(
            ({"gates": [{"uses": "signed", "with": {"keys": [key]}}]}, ("invalid-value", "gates.0.with.keys.0"))
            for key in (KEY[:60] + KEY[-27:], KEY[:-27], KEY.replace("M", "?"), KEY.replace(KEY[27:-26], ""))
        ),
        ({"gates": [{"name": "a", "expression": "a >"}]}, ("invalid-expression", "gates.0.expression")),
        ({"gates": [{"name": "a", "expression": "object.a"}]}, ("invalid-expression", "gates.0.expression")),
        ({"gates": [{"uses": "licence"}, {"uses": "licence"}]}, ("duplicate-gate", "gates.1")),
        ({"windows": [{"cron": "0 25 * * *", "duration": "1h"}]}, ("invalid-cron", "windows.0.cron")),
        ({"windows": [{"cron": "0 5 * * *", "duration": "8d"}]}, ("out-of-range", "windows.0.duration")),
        ({"windows": [{"timezone": "Europa/Bern"}]}, ("invalid-timezone", "windows.0.timezone")),
        (
            {"freezes": [{"from": "2026-12-20T00:00:00Z", "until": "2026-12-01T00:00:00Z"}]},
            ("out-of-range", "freezes.0.until"),
        ),
    ],
    ids=str,
)  # fmt: skip
def test_what_is_wrong_is_found_in_its_place(promotion: dict[str, Any], found: tuple[str, str]) -> None:
    assert codes(**promotion) == [found]


def test_a_word_that_was_meant_is_suggested() -> None:
    (finding,) = findings(gates=[{"uses": "digest-pined"}])
    assert finding.suggestion == "digest-pinned"
    assert "not-worse-than-champion" in finding.help


@pytest.mark.parametrize("odd", [[], "x", 3, {"gates": "x"}, {"gates": [3]}, {"windows": [{"cron": 3}]}, {"from": 3}])
def test_what_the_kinds_refuse_already_is_left_to_them(odd: Any) -> None:
    environment = {"kind": "Environment", "metadata": {"name": "prod"}, "spec": {"promotion": odd}}
    codes = [one.code for one in check([load("environments/prod/environment.yaml", orjson.dumps(environment))])]
    assert codes == []
