"""What people are told in each format; the words of others stay words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson
import pytest

from mlgitops.response import evidence
from mlgitops.response.cause import Cause, Signal, Value
from mlgitops.response.event import event, subject
from mlgitops.response.ledger import Known
from mlgitops.response.notices import identifier, notice

HOSTILE = "<!channel> [here](https://evil.example) \u202e\x1b[31m *bold* `x`\n<@U1>" + "a" * 5000
CAUSE = Cause(Signal.ROLLOUT_ABORTED, "prod", "iris", "1.1", "sha256:1")
KNOWN = Known(CAUSE, 1_800_000_000.0, targets={"aws": 0.0}, reason=HOSTILE, values=(Value(HOSTILE, 9.0),))
URL = "https://git.example.com/shop/pulls/3"


def texts(data: Any) -> list[str]:
    """Every text in some data."""
    if isinstance(data, dict):
        return [text for value in data.values() for text in texts(value)]
    if isinstance(data, list):
        return [text for value in data for text in texts(value)]
    return [data] if isinstance(data, str) else []


def test_a_webhook_has_everything_as_data() -> None:
    told = notice(
        "webhook", replace(KNOWN, reason="errors is 9", values=(Value("errors", 9.0),)), "rollback", ended=False
    )
    assert (told["event"], told["signal"], told["model"], told["version"]) == ("began", "rolloutAborted", "iris", "1.1")
    assert told["values"] == [{"name": "errors", "value": 9.0}]
    assert told["response"]["command"] == "mlgitops rollback iris --env prod"
    assert told["id"] == identifier(KNOWN, ended=False)


@pytest.mark.parametrize("form", ["webhook", "slack", "teams"])
def test_words_of_others_are_short_and_have_no_control_characters(form: str) -> None:
    told = notice(form, KNOWN, "rollback", ended=False)
    assert all(text.replace("\n", "").isprintable() and len(text) <= 3000 for text in texts(told))


def test_in_slack_words_are_where_nothing_is_markup_or_a_mention() -> None:
    told = notice("slack", KNOWN, "", ended=False)
    assert {block["text"]["type"] for block in told["blocks"] if "text" in block} == {"plain_text"}
    assert "<" not in told["text"]
    assert len(told["blocks"][0]["text"]["text"]) <= 150


def test_in_teams_words_are_where_nothing_is_markdown() -> None:
    (attachment,) = notice("teams", KNOWN, "", ended=False)["attachments"]
    runs = [run for block in attachment["content"]["body"] for run in block["inlines"]]
    assert {run["type"] for run in runs} == {"TextRun"}


@pytest.mark.parametrize("form", ["slack", "teams"])
@pytest.mark.parametrize(("url", "there"), [(URL, True), ("javascript:alert(1)", False), (f"{URL}>|<!here", False)])
def test_a_pull_request_is_a_button_where_its_address_is_plain(form: str, url: str, there: bool) -> None:
    told = notice(form, replace(KNOWN, reason="", values=(), url=url), "", ended=False)
    assert (f'"url":"{url}"'.encode() in orjson.dumps(told)) is there


@pytest.mark.parametrize("form", ["slack", "teams"])
def test_the_end_says_what_is_over(form: str) -> None:
    told = texts(notice(form, KNOWN, "", ended=True))
    assert any(text.startswith("Over: iris 1.1 in prod") for text in told)


def test_an_event_is_on_the_service_of_the_model_and_has_one_name() -> None:
    names = ("iris-canary", "iris")
    services: tuple[dict[str, Any], ...] = tuple(
        {
            "apiVersion": "serving.kserve.io/v1beta1", "kind": "InferenceService",
            "metadata": {"name": name, "namespace": "models", "labels": {"mlgitops.dev/model": "iris"}},
        }
        for name in names
    )  # fmt: skip
    about = subject(services, "iris")
    assert about is services[1]
    made, again = (event(KNOWN, about, "rollback", now, ended=False) for now in (1.8e9, 1.9e9))
    assert made["metadata"] == again["metadata"]
    assert (made["reason"], made["type"], made["involvedObject"]["name"]) == ("RolloutAborted", "Warning", "iris")
    assert len(made["message"]) <= 1024
    assert subject(services, "rose") is None


def test_evidence_is_the_same_on_every_run_and_known_again() -> None:
    assert evidence.content(KNOWN) == evidence.content(replace(KNOWN, times=4, url=URL))
    assert evidence.is_evidence(evidence.path(KNOWN), evidence.content(KNOWN), "prod", "iris")


@pytest.mark.parametrize(
    ("path", "content"),
    [
        (evidence.path(KNOWN), b"{}"),
        (evidence.path(KNOWN), b"#!/bin/sh"),
        (evidence.path(KNOWN), None),
        (evidence.path(KNOWN).replace("prod", "dev"), evidence.content(KNOWN)),
        ("environments/prod/environment.yaml", evidence.content(KNOWN)),
        (evidence.path(KNOWN), evidence.content(KNOWN) + b" " * evidence.LARGEST),
    ],
)  # fmt: skip
def test_another_file_is_no_evidence(path: str, content: bytes | None) -> None:
    assert not evidence.is_evidence(path, content, "prod", "iris")


def test_no_line_of_the_commit_passes_for_a_trailer() -> None:
    known = replace(KNOWN, reason="Signed-off-by: x", values=(Value("Mlgitops-Change: promote", 1.0),))
    assert not any(line.startswith(("Signed-off-by", "Mlgitops-")) for line in evidence.notes(known))


def test_what_is_done_about_it_is_told_however_much_else_there_is() -> None:
    service: dict[str, Any] = {"apiVersion": "v1", "kind": "InferenceService"}
    service["metadata"] = {"name": "iris", "namespace": "models"}
    many = tuple(Value(f"feature-{number}" * 9, 9.0) for number in range(20))
    known = replace(KNOWN, targets={f"target-{number}": 0.0 for number in range(300)}, values=many)
    for told in (replace(known, url=URL), known):
        said = URL if told.url else "mlgitops rollback iris --env prod"
        assert said in event(told, service, "rollback", 1.8e9, ended=False)["message"]
        (text,) = [one for one in texts(notice("slack", told, "rollback", ended=False)) if one.startswith("<!channel>")]
        assert said in text
        assert "target-1, target-2, target-3, target-4 and 295 more" in text


@pytest.mark.parametrize("result", ["merged", "joined"])
def test_nobody_is_asked_to_do_by_hand_what_is_on_its_way(result: str) -> None:
    told = texts(notice("slack", replace(KNOWN, action="rollback", result=result), "rollback", ended=False))
    assert not any("by hand" in text for text in told)
