"""The trailers of a promotion's commit, written and read back."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlgitops.promotion.branch import Kind
from mlgitops.promotion.trailers import Trailers, message, parse

DIGEST = "sha256:" + "0123456789abcdef" * 4
TRAILERS = Trailers(
    "0123456789abcdef", Kind.PROMOTE, "iris", "dev", "prod", DIGEST, "", DIGEST,
    (("digest-pinned", "pass"), ("soaked", "warn")),
    "Ann <ann@example.com>", "Ann <ann@example.com>",
)  # fmt: skip


def test_the_message_reads_as_gits_own_trailers_do() -> None:
    assert message("Promote iris 2 from dev to prod", "Because.", TRAILERS) == (
        "Promote iris 2 from dev to prod\n"
        "\n"
        "Because.\n"
        "\n"
        "Mlgitops-Promotion-Id: 0123456789abcdef\n"
        "Mlgitops-Change: promote\n"
        "Mlgitops-Model: iris\n"
        "Mlgitops-From: dev\n"
        "Mlgitops-To: prod\n"
        f"Mlgitops-Release-Digest: {DIGEST}\n"
        "Mlgitops-Evidence-Digest: none\n"
        f"Mlgitops-Plan-Digest: {DIGEST}\n"
        "Mlgitops-Gates: digest-pinned=pass, soaked=warn\n"
        "Mlgitops-Actor: Ann <ann@example.com>\n"
        "Signed-off-by: Ann <ann@example.com>\n"
    )


def test_what_was_written_is_read_back() -> None:
    assert parse(message("Subject", "", TRAILERS)) == TRAILERS
    bare = replace(TRAILERS, source="", gates=(), signed_off_by="")
    assert parse(message("Subject", "Body\n\nMore", bare)) == bare
    together = replace(TRAILERS, group="example.com/team=fraud")
    assert parse(message("Subject", "", together)) == together


@pytest.mark.parametrize(
    "text", ["", "Subject", "Subject\n\nBody: yes\n", "Mlgitops-Model: iris\n", "x\n\nMlgitops: y\n"]
)
def test_other_messages_have_none(text: str) -> None:
    assert parse(text) is None


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("Mlgitops-Model: iris\n", "", "Mlgitops-Model is missing"),
        ("Mlgitops-Model: iris", "Mlgitops-Model: iris\nMlgitops-Model: rose", "Mlgitops-Model is there twice"),
        ("Mlgitops-To: prod", "Mlgitops-To: prod\nMlgitops-Group: fraud", "Mlgitops-Group is of an odd form"),
        ("Mlgitops-To: prod", "Mlgitops-To: ../prod", "Mlgitops-To is of an odd form"),
        ("Mlgitops-Change: promote", "Mlgitops-Change: other", "Mlgitops-Change is of an odd form"),
        (f"Release-Digest: {DIGEST}", "Release-Digest: sha256:0", "Mlgitops-Release-Digest is of an odd form"),
        ("Mlgitops-Gates: digest-pinned=pass, soaked=warn", "Mlgitops-Gates: all", "Mlgitops-Gates is of an odd form"),
    ],
)
def test_trailers_that_are_not_valid_are_refused(old: str, new: str, words: str) -> None:
    text = message("Subject", "", TRAILERS)
    assert old in text
    with pytest.raises(ValueError, match=words):
        parse(text.replace(old, new))


HOSTILE = st.text(st.one_of(st.sampled_from("\n\r\x00\x1b\u2028\x85: "), st.characters()), max_size=60)


@given(HOSTILE, HOSTILE, HOSTILE)
def test_no_value_can_add_a_line_or_a_trailer(subject: str, body: str, actor: str) -> None:
    trailers = replace(TRAILERS, actor=f"x{actor}\nMlgitops-Model: evil", signed_off_by=f"{actor}\n\nMlgitops-To: evil")
    read = parse(message(f"x{subject}\n\nMlgitops-To: evil", f"{body}\nMlgitops-From: evil", trailers))
    assert read is not None
    assert read.claims == TRAILERS.claims


def test_claims_leave_out_who_asked() -> None:
    assert TRAILERS.claims == replace(TRAILERS, actor="Bob", signed_off_by="Bob").claims
    assert TRAILERS.claims != replace(TRAILERS, plan_digest="").claims
