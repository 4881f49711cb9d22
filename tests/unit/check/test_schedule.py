from __future__ import annotations

from typing import Any

import pytest

from mlgitops.check import schedule


@pytest.fixture
def codes(resolved_pipeline: Any) -> Any:
    """The codes and pointers of the findings about some crons and a zone."""

    def found(*crons: str, zone: str = "UTC", argo: str = "3.7.1") -> list[tuple[str, str]]:
        pipeline = resolved_pipeline(target={"components": {"argoWorkflows": argo}})
        findings = schedule.check(pipeline, ("schedule", "cron"), crons, ("schedule", "timezone"), zone)
        return [(finding.code, finding.pointer) for finding in findings]

    return found


@pytest.mark.parametrize(
    "cron",
    [
        "30 3 * * 1-5", "*/15 * * * *", "0 0 1,15 * ?", "0 0 * jan-mar MON", "5/10 0 * * 0", "@daily", "59 23 31 12 6",
        "0-30/5 * * * *",
    ],
)  # fmt: skip
def test_what_argo_takes_is_taken(codes: Any, cron: str) -> None:
    assert codes(cron) == []


@pytest.mark.parametrize(
    "cron",
    [
        "60 * * * *", "* 24 * * *", "* * 0 * *", "* * 32 * *", "* * * 13 *", "* * * * 7", "*/0 * * * *", "5-1 * * * *",
        "*-5 * * * *", "x * * * *", "1,,2 * * * *", "* * * MON *", "-1 * * * *", "1- * * * *", "\u0661 * * * *",
    ],
)  # fmt: skip
def test_what_argo_would_refuse_is_found(codes: Any, cron: str) -> None:
    assert codes("0 3 * * *", cron) == [("invalid-cron", "spec.schedule.cron.1")]


def test_several_schedules_need_argo_3_6(codes: Any) -> None:
    assert codes("0 3 * * *", "0 9 * * *", argo="3.5.8") == [("component-too-old", "spec.schedule.cron")]
    assert codes("0 3 * * *", "0 9 * * *", argo="3.6.0") == []
    assert codes("0 3 * * *", argo="3.5.8") == []


@pytest.mark.parametrize(
    "zone",
    ["UTC", "GMT", "Etc/UTC", "Europe/Zurich", "America/Argentina/Buenos_Aires", "Etc/GMT+5", "America/Port-au-Prince"],
)
def test_a_time_zone_is_an_area_and_a_city(codes: Any, zone: str) -> None:
    assert codes("0 3 * * *", zone=zone) == []


@pytest.mark.parametrize(
    "zone", ["CEST", "+02:00", "Europe", "Europe/", "Europa/Zurich", "Europe/Zurich ", "a/b/c/d/e"]
)
def test_other_time_zones_are_found(codes: Any, zone: str) -> None:
    assert codes("0 3 * * *", zone=zone) == [("invalid-timezone", "spec.schedule.timezone")]


def test_a_nearly_right_area_is_recognised(resolved_pipeline: Any) -> None:
    (finding,) = schedule.check(resolved_pipeline(), ("schedule", "cron"), ["@daily"], ("timezone",), "Europa/Zurich")

    assert "did you mean Europe/Zurich?" in finding.help
