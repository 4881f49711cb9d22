"""What every forge with a server does when it says no, says nothing, or says it too slowly. The token stays inside."""

from __future__ import annotations

import time
import traceback
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mlgitops.errors import ForgeError, MlgitopsError, NotAuthorisedError
from mlgitops.forges import Forge, NewPullRequest, client, open_forge, retry
from mlgitops.forges.checked import CheckedForge
from tests.fakes.hub import TOKEN
from tests.fakes.scene import FAKES, FakeScene
from tests.fakes.server import FakeServer, Fault

BRANCH = "promote/fraud-detector/prod"
REQUEST = NewPullRequest(title="Promote 1.2", body="text", branch=BRANCH, base="main")
CREATES = {"github": r"/pulls$", "gitlab": r"/merge_requests$", "azureDevOps": r"/pullrequests$"}


@pytest.fixture(params=FAKES)
def fake(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeScene]:
    """Each fake in turn, with pauses short enough for a test."""
    monkeypatch.setattr(retry, "FIRST_PAUSE_SECONDS", 0.001)
    kind, _ = FAKES[request.param]
    with kind() as server:
        yield FakeScene(request.param, server)


@pytest.fixture
def number(fake: FakeScene) -> int:
    """An open pull request."""
    fake.push(BRANCH)
    return fake.forge().open(REQUEST).number


def with_token(fake: FakeScene, token: str) -> Forge:
    settings = {"kind": fake.kind, "url": fake.server.url, "repository": FAKES[fake.kind][1], "tokenFrom": "MY_TOKEN"}
    return open_forge(settings, {"MY_TOKEN": token}, Path("/"))


def test_an_unknown_token_is_named_by_its_variable_and_needed_scopes(fake: FakeScene) -> None:
    with pytest.raises(NotAuthorisedError) as caught:
        with_token(fake, "canary-of-a-token").find(BRANCH)
    assert "HTTP 401" in caught.value.message
    assert "MY_TOKEN" in caught.value.help
    assert any(word in caught.value.help for word in ("read and write", "scope api"))
    assert "canary" not in f"{caught.value.message} {caught.value.help}"


def test_no_token_at_all_says_where_to_put_one(fake: FakeScene) -> None:
    with pytest.raises(NotAuthorisedError, match="there is no token") as caught:
        with_token(fake, "").find(BRANCH)
    assert "MY_TOKEN" in caught.value.help
    assert fake.server.asked == []


def test_a_forbidden_request_is_not_sent_again_and_says_what_is_missing(fake: FakeScene, number: int) -> None:
    fake.server.inject(Fault(403, b'{"message": "Resource not accessible"}', path=f"/{number}$"))
    before = len(fake.server.asked)
    with pytest.raises(NotAuthorisedError, match=r"read .* request 1 \(HTTP 403\): Resource not accessible") as caught:
        fake.forge().pull_request(number)
    assert "write access to acme/" in caught.value.help
    assert len(fake.server.asked) == before + 1


@pytest.mark.parametrize(
    ("status", "advice"), [(404, "forge.repository"), (409, "Something changed"), (422, "a value wrong")]
)
def test_a_refusal_quotes_the_forge_and_says_what_to_check(
    fake: FakeScene, number: int, status: int, advice: str
) -> None:
    fake.server.inject(Fault(status, b'{"message": "so it\\u001b[31m is"}', path=f"/{number}$"))
    with pytest.raises(ForgeError, match=rf"HTTP {status}\): so it \[31m is") as caught:
        fake.forge().pull_request(number)
    assert advice in caught.value.help


def test_a_rate_limit_is_waited_for(fake: FakeScene, number: int) -> None:
    fake.server.inject(Fault(429, headers={"Retry-After": "1"}, path=f"/{number}$"))
    started = time.monotonic()
    assert fake.forge().pull_request(number).number == number
    assert time.monotonic() - started >= 1.0


def test_a_rate_limit_is_waited_for_with_any_request(fake: FakeScene) -> None:
    fake.push(BRANCH)
    fake.server.inject(Fault(429, headers={"Retry-After": "0"}, method="POST", path=CREATES[fake.kind], times=2))
    assert fake.forge().open(REQUEST).number == 1


def test_a_rate_limit_beyond_the_deadline_is_told_at_once(fake: FakeScene) -> None:
    fake.server.inject(Fault(429, headers={"Retry-After": "3600"}))
    started = time.monotonic()
    with pytest.raises(ForgeError, match="it asks to wait 3600 s") as caught:
        fake.forge().find(BRANCH)
    assert "in 60 min" in caught.value.help
    assert time.monotonic() - started < 5.0


def test_githubs_hourly_limit_is_told_with_the_time_it_ends(fake: FakeScene) -> None:
    headers = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(time.time()) + 1800)}
    fake.server.inject(Fault(403, b'{"message": "API rate limit exceeded"}', headers))
    with pytest.raises(ForgeError, match=r"it asks to wait (1799|1800) s"):
        fake.forge().find(BRANCH)


def test_a_rate_limit_that_does_not_end_is_given_up(fake: FakeScene) -> None:
    fake.server.inject(Fault(429, headers={"Retry-After": "0"}, times=100))
    with pytest.raises(ForgeError, match=f"after {retry.ATTEMPTS} tries"):
        fake.forge().find(BRANCH)
    assert len(fake.server.asked) == retry.ATTEMPTS


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_passing_failure_is_read_again(fake: FakeScene, number: int, status: int) -> None:
    fake.server.inject(Fault(status, b"<html>oops</html>", path=f"/{number}$", times=3))
    assert fake.forge().pull_request(number).number == number


def test_a_lasting_failure_is_told_with_its_status(fake: FakeScene) -> None:
    fake.server.inject(Fault(503, b"<html>oops</html>", times=100))
    with pytest.raises(ForgeError, match="HTTP 503"):
        fake.forge().find(BRANCH)
    assert len(fake.server.asked) == retry.ATTEMPTS


def test_a_change_that_may_have_happened_is_not_sent_again(fake: FakeScene) -> None:
    fake.push(BRANCH)
    fake.server.inject(Fault(502, method="POST", path=CREATES[fake.kind]))
    with pytest.raises(ForgeError, match="HTTP 502"):
        fake.forge().open(REQUEST)
    assert fake.server.methods(CREATES[fake.kind]).count("POST") == 1


@pytest.mark.parametrize("status", [0, 502])
def test_a_lost_answer_to_opening_makes_no_second_one(fake: FakeScene, status: int) -> None:
    fake.push(BRANCH)
    lost = Fault(status, b"{" * 100, method="POST", path=CREATES[fake.kind], carried_out=True)
    fake.server.inject(lost)
    assert fake.forge().open(REQUEST).number == 1
    assert fake.open_numbers() == [1]
    assert fake.server.methods(CREATES[fake.kind]).count("POST") == 1


def test_a_cut_answer_is_read_again(fake: FakeScene, number: int) -> None:
    fake.server.inject(Fault(0, b'{"number": 1, "title": "half of it"}', path=f"/{number}$", times=2))
    assert fake.forge().pull_request(number).title == "Promote 1.2"


def test_answers_that_are_always_cut_are_an_error(fake: FakeScene) -> None:
    fake.server.inject(Fault(0, b'{"value": [], "more": "and more"}', times=100))
    with pytest.raises(ForgeError, match="did not answer: could not list the"):
        fake.forge().find(BRANCH)


@pytest.mark.parametrize("body", [b"<html>Sign in</html>", b'[{"number": 1'])
def test_what_is_not_json_is_an_error(fake: FakeScene, body: bytes) -> None:
    fake.server.inject(Fault(200, body))
    with pytest.raises(ForgeError, match=r"could not list the .*: the answer is not whole JSON"):
        fake.forge().find(BRANCH)


@pytest.mark.parametrize("body", [b"{}", b"[]", b"null", b"7", b'"text"', b'[{"number": "x"}]', b'{"value": 3}'])
def test_json_of_another_form_is_an_error(fake: FakeScene, number: int, body: bytes) -> None:
    fake.server.inject(Fault(200, body, times=100))
    with pytest.raises(ForgeError, match=r"of another form|is not a list"):
        fake.forge().pull_request(number)


@pytest.mark.parametrize("slow_head", [False, True])
def test_a_byte_at_a_time_ends_at_the_deadline(
    fake: FakeScene, monkeypatch: pytest.MonkeyPatch, slow_head: bool
) -> None:
    monkeypatch.setattr(retry, "ATTEMPTS", 1)
    fake.server.inject(Fault(0, b"x" * 1000, pace=0.05, slow_head=slow_head))
    monkeypatch.setattr(client, "ANSWER_SECONDS", 0.4)
    forge = fake.forge()
    started = time.monotonic()
    with pytest.raises(ForgeError, match="did not answer"):
        forge.find(BRANCH)
    assert time.monotonic() - started < 3.0


def test_too_long_an_answer_is_not_read_to_its_end(fake: FakeScene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "BODY_BYTES", 1000)
    fake.server.inject(Fault(200, b"[" + b" " * 5000 + b"]", times=100))
    with pytest.raises(ForgeError, match="longer than 1000 bytes"):
        fake.forge().find(BRANCH)


def test_a_redirect_to_another_host_is_not_followed(fake: FakeScene) -> None:
    with FakeServer() as elsewhere:
        fake.server.inject(Fault(302, headers={"Location": f"{elsewhere.url}/login"}))
        with pytest.raises(ForgeError, match="redirects: could not list the"):
            fake.forge().find(BRANCH)
        assert elsewhere.asked == []


def test_a_redirect_within_the_host_is_followed(fake: FakeScene, number: int) -> None:
    fake.server.inject(Fault(301, headers={"Location": "/renamed"}, method="GET", path=f"/{number}$"))
    with pytest.raises(ForgeError, match="HTTP 404"):
        fake.forge().pull_request(number)
    assert fake.server.asked[-1].path == "/renamed"


def test_redirects_in_a_circle_end(fake: FakeScene) -> None:
    fake.server.inject(Fault(307, headers={"Location": "/again"}, times=100))
    with pytest.raises(ForgeError, match="HTTP 307"):
        fake.forge().find(BRANCH)
    assert len(fake.server.asked) == client.REDIRECTS + 1


def test_nobody_there_is_an_error_that_names_the_host(fake: FakeScene) -> None:
    settings = {"kind": fake.kind, "url": "http://127.0.0.1:9", "repository": FAKES[fake.kind][1], "tokenFrom": "T"}
    with pytest.raises(ForgeError, match="could not be connected to") as caught:
        open_forge(settings, {"T": TOKEN}, Path("/")).find(BRANCH)
    assert "127.0.0.1:9" in caught.value.help


@pytest.mark.parametrize("status", [200, 401, 403, 404, 422, 500])
def test_the_token_is_nowhere_even_if_the_server_sends_it_back(fake: FakeScene, status: int) -> None:
    echo = f'{{"message": "who is {TOKEN}?"}}'.encode()
    fake.server.inject(Fault(status, echo, times=100))
    forge = fake.forge()
    assert isinstance(forge, CheckedForge)
    with pytest.raises(MlgitopsError) as caught:
        forge.open(replace(REQUEST, branch="promote/x/prod"))
    shown = "".join(traceback.format_exception(caught.value))
    parts = [shown, repr(forge), repr(vars(forge.forge)), caught.value.message, caught.value.help]
    assert [part for part in parts if TOKEN in part] == []


def test_a_list_without_an_end_is_an_error_not_a_part_of_it(fake: FakeScene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "PAGES", 2)
    monkeypatch.setattr("mlgitops.forges.azure_devops.PAGES", 0)
    fake.push(BRANCH)
    for _ in range(9):
        fake.fork_pull(BRANCH)
    with pytest.raises(ForgeError, match="there are more than"):
        fake.forge().find(BRANCH)
