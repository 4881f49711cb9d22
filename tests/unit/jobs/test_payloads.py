from __future__ import annotations

import base64
import gzip
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from mlgitops.jobs.columns import BodyError
from mlgitops.jobs.payloads import REQUEST, Event, requests_in

BODY = {"instances": [[1.0, 2.0]]}
RAW = json.dumps(BODY).encode()
ENCODED = base64.b64encode(RAW).decode()
CLOUD_EVENT = {
    "specversion": "1.0", "id": "1", "source": "http://localhost:9081/", "type": REQUEST,
    "inferenceservicename": "iris", "time": "2026-11-24T08:00:00Z", "datacontenttype": "application/json",
}  # fmt: skip
KSERVE = {
    "bytes": ENCODED,
    "contentType": "application/json",
    "reqType": REQUEST,
    "id": "1",
    "inferenceService": "iris",
}
AT_EIGHT = datetime(2026, 11, 24, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("event", "time"),
    [
        ({**CLOUD_EVENT, "data": BODY}, AT_EIGHT),
        ({**CLOUD_EVENT, "data": json.dumps(BODY)}, AT_EIGHT),
        ({**CLOUD_EVENT, "data_base64": ENCODED}, AT_EIGHT),
        ({**CLOUD_EVENT, "data": BODY, "time": "yesterday"}, None),
        (KSERVE, None),
    ],
)
def test_a_request_is_read_as_kserve_and_as_cloudevents_sinks_write_it(
    event: dict[str, Any], time: datetime | None
) -> None:
    assert list(requests_in(json.dumps(event).encode())) == [Event("iris", event.get("namespace", ""), time, BODY)]


@pytest.mark.parametrize(
    "content",
    [
        json.dumps([KSERVE, KSERVE]).encode(),
        b"\n".join([json.dumps(KSERVE).encode(), b"", json.dumps(KSERVE).encode()]),
        gzip.compress(json.dumps([KSERVE, KSERVE]).encode()),
    ],
    ids=["list", "lines", "gzip"],
)
def test_a_file_may_hold_several(content: bytes) -> None:
    assert len(list(requests_in(content))) == 2


def test_responses_are_passed_over() -> None:
    response = {**KSERVE, "reqType": "org.kubeflow.serving.inference.response"}
    assert list(requests_in(json.dumps(response).encode())) == []


@pytest.mark.parametrize("broken", [{"bytes": "!"}, {"bytes": base64.b64encode(b"{").decode()}])
def test_one_that_cannot_be_read_does_not_hide_the_others(broken: dict[str, str]) -> None:
    first, second = requests_in(json.dumps([{**KSERVE, **broken}, KSERVE]).encode())
    assert isinstance(first, BodyError)
    assert isinstance(second, Event)


@pytest.mark.parametrize("content", [b"PAR1", b"\x1f\x8bnothing"])
def test_a_file_of_another_kind_is_refused(content: bytes) -> None:
    with pytest.raises(BodyError):
        list(requests_in(content))


def test_every_member_of_a_gzip_file_is_read() -> None:
    content = gzip.compress(json.dumps(KSERVE).encode() + b"\n") + gzip.compress(json.dumps(KSERVE).encode())
    assert len(list(requests_in(content))) == 2
    with pytest.raises(BodyError, match="end is missing"):
        list(requests_in(content[:-12]))
