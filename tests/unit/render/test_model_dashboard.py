from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from mlgitops.render import monitoring

DIGEST = "sha256:" + "0123456789abcdef" * 4
WATCHED: dict[str, Any] = {
    "dashboard": True,
    "objectives": [
        {"metric": "availability", "objective": 99.9},
        {"metric": "latency", "objective": 99, "threshold": "250ms"},
    ],
    "business": [{"name": "fraud-stopped", "query": "sum(saved_total) # in CHF", "floor": 0.5}],
    "payloadSink": {"url": "http://sink.example.com", "location": "s3://logs/fraud"},
    "drift": {"image": f"example.com/jobs@{DIGEST}"},
}


@pytest.fixture
def maps(resolved_model: Any) -> Callable[..., list[Any]]:
    """The ConfigMaps of a model with this monitoring."""

    def render(watched: dict[str, Any], **model: Any) -> list[Any]:
        found = monitoring.render(resolved_model(monitoring=watched, **model))
        return [one for one in found if one["kind"] == "ConfigMap"]

    return render


def test_it_is_as_it_was_reviewed(maps: Any, golden: Callable[[str, str], None], manifests_text: Any) -> None:
    golden("render/model-dashboard.yaml", manifests_text(maps(WATCHED)))


def test_it_shows_what_is_watched_and_every_panel_has_a_place_of_its_own(maps: Any) -> None:
    (found,) = maps(WATCHED)
    assert found["metadata"]["labels"]["grafana_dashboard"] == "1"
    dashboard = json.loads(found["data"]["fraud-detector.json"])
    assert [panel["title"] for panel in dashboard["panels"]] == [
        "Not good by availability", "Not good by latency", "How far requests are from the training data",
        "Features that drifted", "Age of the release", "fraud-stopped",
    ]  # fmt: skip
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in dashboard["panels"]]
    assert len(set(places)) == len(places)
    assert len(dashboard["uid"]) <= 40


def test_a_comment_at_the_end_of_a_query_hides_nothing_behind_it(maps: Any) -> None:
    (found,) = maps(WATCHED)
    dashboard = json.loads(found["data"]["fraud-detector.json"])
    assert dashboard["panels"][-1]["targets"][0]["expr"] == "\nsum(saved_total) # in CHF\n"


def test_it_is_rendered_where_it_is_asked_for_and_has_something_to_show(maps: Any) -> None:
    assert maps({**WATCHED, "dashboard": False}) == []
    assert maps({"dashboard": True}, release={"trainedAt": None}) == []
