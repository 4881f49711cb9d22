from __future__ import annotations

from typing import Any

import orjson
import pytest

from mlgitops.check.reconcile import check
from mlgitops.spec.document import load


def codes(**reconcile: Any) -> list[tuple[str, str]]:
    spec = {"targets": ["aws-prod", "gcp-prod"], "reconcile": reconcile}
    environment = {"kind": "Environment", "metadata": {"name": "prod"}, "spec": spec}
    found = check([load("environments/prod/environment.yaml", orjson.dumps(environment))])
    return [(one.code, one.pointer.removeprefix("spec.reconcile.")) for one in found]


def test_what_is_in_order_has_no_findings() -> None:
    windows = [{"cron": "0 9 * * MON-THU", "duration": "7h", "timezone": "Europe/Zurich"}]
    assert not codes(mode="auto", windows=windows, waves={"canary": ["gcp-prod"], "maxUnavailable": "25%"})


@pytest.mark.parametrize(
    ("reconcile", "found"),
    [
        ({"waves": {"canary": ["aws-prod", "gcp-prd"]}}, ("unknown-target", "waves.canary.1")),
        ({"windows": [{"cron": "0 25 * * *", "duration": "1h"}]}, ("invalid-cron", "windows.0.cron")),
        ({"freezes": [{"timezone": "Europa/Bern"}]}, ("invalid-timezone", "freezes.0.timezone")),
    ],
    ids=str,
)
def test_what_is_wrong_is_found_in_its_place(reconcile: dict[str, Any], found: tuple[str, str]) -> None:
    assert found in codes(**reconcile)
