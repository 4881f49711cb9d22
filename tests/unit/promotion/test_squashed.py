"""Trailers in what forges make of commits that they squash, and nowhere else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mlgitops.promotion.branch import Kind
from mlgitops.promotion.history import events
from mlgitops.promotion.trail import Brought, ReleaseChange, Step
from mlgitops.promotion.trailers import Trailers, message, parse, parse_all, written

TRAILERS = Trailers(
    "0" * 16, Kind.PROMOTE, "iris", "dev", "prod", "sha256:" + "a" * 64, "", "", (("fresh", "pass"),),
    "Ann <ann@example.com>", "Ann <ann@example.com>",
)  # fmt: skip
ROSE = replace(TRAILERS, model="rose")
OURS = message("Promote iris 2.0 from dev to prod", "", TRAILERS).strip()
THEIRS = message("Promote rose 2.0 from dev to prod", "", ROSE).strip()
REVIEWED = "Reviewed-on: https://git.example.com/shop/models/pulls/7\nReviewed-by: Eve <eve@example.com>"


@pytest.mark.parametrize(
    "text",
    [
        f"Promote (#7)\n\n* {OURS}\n\n{REVIEWED}\nCo-authored-by: Ann <ann@example.com>\n",
        f"Promote (#7)\n\n{OURS.partition(chr(10))[2].strip()}\n\n---------\n\nCo-authored-by: Ann <ann@example.com>\n",
        f"{OURS}\nReviewed-by: Eve <eve@example.com>\n",
    ],
)
def test_the_messages_of_commits_keep_their_trailers(text: str) -> None:
    assert parse(text) == TRAILERS
    assert parse_all(text) == [TRAILERS]


def test_the_text_of_a_pull_request_has_them_but_for_who_asked() -> None:
    block = "\n".join(written(TRAILERS.claims))
    text = f"Promote (#7)\n\n## Gates\n\n<details>\n\n```\n{block}\n```\n\n</details>\n\n{REVIEWED}\n"
    assert parse(text) == TRAILERS.claims


def test_a_message_of_several_commits_has_the_trailers_of_each() -> None:
    text = f"Promote 2 models (#7)\n\n* {OURS}\n\n* {THEIRS}\n\n{REVIEWED}\n"
    assert parse_all(text) == [TRAILERS, ROSE]
    assert parse(text) == ROSE


def test_a_commit_says_last_what_counts_about_a_model() -> None:
    newer = replace(TRAILERS, release_digest="sha256:" + "b" * 64)
    text = f"Promote (#7)\n\n* {OURS}\n\n* {THEIRS}\n\n* {message('Again', '', newer)}"
    change = ReleaseChange("p", "prod", "iris", None, {"version": "2.0"})
    assert Brought("1" * 40, text).claim(change) == newer
    assert Brought("1" * 40, text).claim(replace(change, model="rose")) == ROSE
    assert Brought("1" * 40, text).claim(replace(change, environment="dev")) is None


def test_what_somebody_gives_as_a_reason_is_no_claim() -> None:
    reason = "It is slow.\n\n" + "\n".join(written(ROSE))
    assert parse_all(message("Roll iris back", reason, TRAILERS)) == [TRAILERS]


def test_a_claim_that_is_not_valid_is_an_error_where_it_is_the_last() -> None:
    broken = OURS.replace("Mlgitops-To: prod\n", "")
    with pytest.raises(ValueError, match="Mlgitops-To is missing"):
        parse_all(f"Squashed\n\n* {THEIRS}\n\n* {broken}\n")
    assert parse_all(f"Squashed\n\n* {broken}\n\n* {THEIRS}\n") == [ROSE]


def test_the_author_of_a_squashed_commit_is_who_did_it() -> None:
    block = "\n".join(written(TRAILERS.claims))
    text = f"Promote iris (#7)\n\n{block}\n\n{REVIEWED}\n"
    change = ReleaseChange("p", "prod", "iris", None, {"version": "2.0"}, TRAILERS.release_digest)
    brought = (Brought("1" * 40, text, "Bob <bob@example.com>"),)
    step = Step("1" * 40, "2026-01-01T00:00:00Z", text, "Bob <bob@example.com>", False, False, brought, (change,))
    (event,) = events([step], "iris")
    assert (event.kind, event.actor, event.pull_request) == ("promote", "Bob <bob@example.com>", 7)
    assert event.approved_by == ("Eve <eve@example.com>",)
