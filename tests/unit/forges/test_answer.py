"""What an answer says, and the error that a refusal is."""

from __future__ import annotations

import pytest

from mlgitops.errors import ForgeError, NotAuthorisedError
from mlgitops.forges.answer import WORDS, Answer, NoAnswerError, RefusedError, refusal
from mlgitops.forges.wording import Wording

WORDING = Wording("GitHub", "github.com", "acme/shop", "repo", "GITHUB_TOKEN")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"message": "Bad credentials", "documentation_url": "x"}', "Bad credentials"),
        (b'{"message": "Validation Failed", "errors": [{"message": "a"}, "b"]}', "Validation Failed; a; b"),
        (b'{"message": ["one", "two"]}', "one; two"),
        (b'{"message": {"base": ["is wrong"]}}', "base: is wrong"),
        (b'{"error": "invalid_token", "error_description": "it ended"}', "invalid_token; it ended"),
        (b'"text"', "text"),
        (b"<html>no</html>", ""),
        (b"", ""),
        (b"null", ""),
        (b'{"message": "two\\nlines \\u001b[31m \\u202e"}', "two lines [31m"),
    ],
)
def test_words_are_what_the_forge_says_to_people_on_one_line(body: bytes, words: str) -> None:
    assert Answer(400, {}, body).words() == words


def test_words_have_a_bound() -> None:
    assert len(Answer(400, {}, b'{"message": "' + b"x" * 9999 + b'"}').words()) == WORDS


@pytest.mark.parametrize(
    ("link", "more"),
    [
        ("", False),
        ('<https://h/?page=2>; rel="next", <https://h/?page=9>; rel="last"', True),
        ('<https://h/?page=1>; rel="prev", <https://h/?page=3>; rel="next"', True),
        ('<https://h/?page=1>; rel="first", <https://h/?page=1>; rel="prev"', False),
        ("<https://h/?page=2>; rel=next", True),
    ],
)
def test_the_link_header_tells_whether_there_is_more(link: str, more: bool) -> None:
    assert Answer(200, {"link": link}).has_next_page is more


def test_no_body_is_no_data() -> None:
    assert Answer(204).data() is None


def test_what_is_not_json_says_what_it_is() -> None:
    with pytest.raises(ForgeError, match=r"not whole JSON \(6 bytes, text/html\)"):
        Answer(200, {"content-type": "text/html; charset=utf-8"}, b"<html>").data()


@pytest.mark.parametrize(
    ("status", "kind", "help"),
    [
        (0, NoAnswerError, "nothing is done twice"),
        (401, NotAuthorisedError, "GITHUB_TOKEN"),
        (403, NotAuthorisedError, "write access to acme/shop"),
        (404, RefusedError, "forge.repository (acme/shop)"),
        (405, RefusedError, "Something changed"),
        (409, RefusedError, "Something changed"),
        (422, RefusedError, "a value wrong"),
        (429, RefusedError, "later"),
        (500, RefusedError, "wrong at github.com"),
    ],
)
def test_a_refusal_says_what_to_do(status: int, kind: type[Exception], help: str) -> None:
    error = refusal(Answer(status, reason="it took too long"), "read pull request 3", WORDING)
    assert type(error) is kind
    assert "read pull request 3" in error.message
    assert help in error.help
