"""What was said, as lines in order, without secrets and within bounds."""

from __future__ import annotations

from typing import Any

import pytest

from mlgitops.plan.said import LONGEST, MOST_SAID, Said, Voice, masked_lines, said_at, standing_of
from mlgitops.targets.events import Event
from mlgitops.targets.logs import Heard, LogLine, Mark, Output, Stream, Unheard


def output(*lines: tuple[str, str], run: str = "", cut: bool = False) -> Output:
    return Output(Stream("ml", "iris-0", "main", run=run), tuple(LogLine(*line) for line in lines), Mark(), cut)


def at(second: int) -> str:
    return f"2026-01-01T00:00:{second:02}Z"


def told(heard: Heard, since: str = "") -> list[tuple[Voice, str]]:
    return [(line.voice, line.text) for line in said_at("here", heard, standing_of(heard), since).lines]


def test_voices_come_in_order_of_time_and_a_line_without_one_after_the_line_before_it() -> None:
    event = Event("InferenceService/iris", "Warning", "Unwell", "no", at(2), 3)
    heard = Heard(
        (output((at(1), "one"), ("", "two"), (at(3), "three")), output((at(2), "fit"), run="r")), (), (event,)
    )
    assert told(heard) == [
        (Voice.WORKLOAD, "one"), (Voice.WORKLOAD, "two"), (Voice.RUN, "fit"),
        (Voice.RECONCILER, "Warning Unwell: no (3 times)"), (Voice.WORKLOAD, "three"),
    ]  # fmt: skip
    assert [text for _, text in told(heard, since=at(3))] == ["two", "three"]


@pytest.mark.parametrize(
    ("kind", "api", "status", "words"),
    [
        ("Workflow", "argoproj.io/v1alpha1", {}, "Argo has not taken it up"),
        ("Workflow", "argoproj.io/v1alpha1", {"phase": "Failed", "message": "token=abc"}, "Failed: token=***"),
        ("TrainJob", "trainer.kubeflow.org/v1alpha1",
         {"conditions": [{"type": "Complete", "status": "True", "lastTransitionTime": at(5)}]},
         "succeeded: it completed"),
    ],
)  # fmt: skip
def test_a_run_tells_how_it_stands(kind: str, api: str, status: dict[str, Any], words: str) -> None:
    run = {"apiVersion": api, "kind": kind, "metadata": {"name": "fit", "creationTimestamp": at(4)}, "status": status}
    (line,) = standing_of(Heard(runs=(run,)))
    assert (line.voice, line.who, line.text) == (Voice.RUN, f"{kind}/fit", words)
    assert line.at in {at(4), at(5)}


def test_what_looks_like_a_secret_is_masked_also_where_a_key_began_before_the_first_line() -> None:
    body = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj"
    lines = [
        "api_key: s3cr3t",
        body,
        "x -----BEGIN RSA PRIVATE KEY-----",
        "short==",
        "-----END RSA PRIVATE KEY-----",
        "ok",
    ]
    assert list(masked_lines(lines)) == ["api_key: ***", "***", "x ***", "***", "***", "ok"]


def test_a_line_of_a_megabyte_is_cut_in_its_middle_and_its_ends_are_still_masked() -> None:
    token = "ghp_" + "a1B2" * 9
    heard = Heard((output((at(1), f"begin {token} " + "x" * 2**20 + f" {token} end")),))
    (line,) = said_at("here", heard, ()).lines
    assert len(line.text) <= LONGEST + 10
    assert line.text.startswith("begin *** xxx")
    assert line.text.endswith("xxx *** end")


def test_of_too_many_lines_the_last_are_kept_and_the_others_counted() -> None:
    heard = Heard(
        (output(*((at(1), str(number)) for number in range(MOST_SAID + 7)), cut=True),), left_out=("3 more containers",)
    )
    said = said_at("here", heard, ())
    assert (len(said.lines), said.lines[0].text) == (MOST_SAID, "7")
    assert said.notes == (
        "iris-0/main said more than is read at once; some is left out",
        "3 more containers", "7 earlier lines are left out",
    )  # fmt: skip
    assert said.complete


def test_what_could_not_be_read_makes_it_incomplete() -> None:
    said = said_at("here", Heard(unheard=(Unheard("pods", "not allowed: list pods", "Ask.", True),)), ())
    assert (said.complete, said.forbidden, said.missing) == (False, True, ("pods: not allowed: list pods. Ask.",))


def test_standing_lines_that_are_known_are_not_told_again() -> None:
    heard = Heard(
        events=(Event("Pod/a", "Normal", "Pulled", "x", at(1)), Event("Pod/b", "Normal", "Pulled", "x", at(2)))
    )
    first, second = standing_of(heard)
    assert said_at("here", heard, [second]).lines == (Said(at(2), Voice.RECONCILER, "Pod/b", "Pulled: x"),)
    assert first.who == "Pod/a"
