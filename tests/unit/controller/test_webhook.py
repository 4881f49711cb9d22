"""Webhooks are judged over the raw body, once each."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlgitops.controller import webhook
from mlgitops.controller.webhook import MAX_AGE, MEMORY, Deliveries, Verdict, is_genuine, secrets_in

SECRET = b"0123456789abcdef0123456789abcdef"
BODY = b'{"ref": "refs/heads/main"}'
NOW = 1_800_000_000.0


def digest(body: bytes = BODY, secret: bytes = SECRET) -> str:
    return hmac.new(secret, body, hashlib.sha256).hexdigest()


def github(body: bytes = BODY, secret: bytes = SECRET, id: str = "1") -> dict[str, str]:
    return {"x-hub-signature-256": f"sha256={digest(body, secret)}", "x-github-delivery": id}


def gitea(body: bytes = BODY, secret: bytes = SECRET, id: str = "1") -> dict[str, str]:
    return {"x-gitea-signature": digest(body, secret), "x-gitea-delivery": id}


def token(body: bytes = BODY, secret: bytes = SECRET, id: str = "1") -> dict[str, str]:
    return {"x-gitlab-token": secret.decode("latin-1"), "x-gitlab-event-uuid": id}


def standard(
    body: bytes = BODY, secret: bytes = SECRET, id: str = "1", at: float = NOW, key: bytes = b""
) -> dict[str, str]:
    signed = f"{id}.{at:.0f}.".encode() + body
    signature = base64.b64encode(hmac.new(key or secret, signed, hashlib.sha256).digest()).decode()
    return {"webhook-id": id, "webhook-timestamp": f"{at:.0f}", "webhook-signature": f"v1,{signature}"}


FORMS = pytest.mark.parametrize("form", [github, gitea, token, standard])


def judged(headers: Mapping[str, str], body: bytes = BODY) -> Verdict:
    return Deliveries().judge(headers, body, [SECRET], NOW)


@FORMS
def test_what_a_forge_signed_is_accepted(form: object) -> None:
    assert judged(form()) is Verdict.ACCEPTED  # type: ignore[operator]


@FORMS
def test_what_somebody_else_signed_is_not(form: object) -> None:
    assert judged(form(secret=b"another secret, as long as it")) is Verdict.UNSIGNED  # type: ignore[operator]


@pytest.mark.parametrize("form", [github, gitea, standard])
def test_a_body_that_was_changed_is_not(form: object) -> None:
    assert judged(form(), BODY + b" ") is Verdict.UNSIGNED  # type: ignore[operator]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-github-delivery": "1"},
        {"x-hub-signature-256": ""},
        {"x-hub-signature-256": digest()},
        {"x-hub-signature-256": f"sha1={digest()}"},
        {"x-hub-signature-256": f"sha256={digest().upper()}"},
        {"x-hub-signature": f"sha256={digest()}"},
        {"x-gitea-signature": ""},
        {"x-gitlab-token": ""},
        {"x-gitlab-token": "\xff\u20ac"},
        {"webhook-signature": "v1,"},
        {"webhook-signature": "v1a,AAAA", "webhook-id": "1", "webhook-timestamp": "1800000000"},
    ],
    ids=str,
)
def test_a_missing_or_odd_signature_is_none(headers: dict[str, str]) -> None:
    assert judged(headers) is Verdict.UNSIGNED


def test_a_wrong_signature_is_not_made_good_by_a_weaker_one() -> None:
    assert judged({**token(), **github(secret=b"wrong" * 5)}) is Verdict.UNSIGNED
    assert judged({**github(), **standard(secret=b"wrong" * 5)}) is Verdict.UNSIGNED


def test_an_old_secret_goes_on_beside_a_new_one() -> None:
    secrets = secrets_in(b"a new secret that is long\n\n" + SECRET + b"\r\n")
    assert len(secrets) == 2
    assert is_genuine(github(), BODY, secrets)
    assert is_genuine(github(secret=b"a new secret that is long"), BODY, secrets)
    assert not is_genuine(github(secret=b"a new secret that is lone"), BODY, secrets)


@pytest.mark.parametrize("content", [b"", b"\n \n", b"short\n", SECRET + b"\nshort"])
def test_a_file_without_a_good_secret_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match="secret"):
        secrets_in(content)


def test_a_signing_token_stands_for_the_key_in_it() -> None:
    key = b"k" * 32
    secret = b"whsec_" + base64.b64encode(key)
    assert is_genuine(standard(key=key), BODY, [secret])
    assert not is_genuine(standard(key=secret), BODY, [secret])


def test_one_of_several_signatures_suffices() -> None:
    headers = standard()
    headers["webhook-signature"] = f"v1,AAAA v1a,BBBB {headers['webhook-signature']}"
    assert judged(headers) is Verdict.ACCEPTED


@FORMS
def test_a_delivery_counts_once(form: object) -> None:
    deliveries = Deliveries()
    make = form
    assert deliveries.judge(make(), BODY, [SECRET], NOW) is Verdict.ACCEPTED  # type: ignore[operator]
    assert deliveries.judge(make(), BODY, [SECRET], NOW + 60) is Verdict.REPEATED  # type: ignore[operator]
    other = b'{"another": "push"}'
    assert deliveries.judge(make(other, id="2"), other, [SECRET], NOW) is Verdict.ACCEPTED  # type: ignore[operator]
    assert deliveries.judge(make(b"x", id="2"), b"x", [SECRET], NOW) is Verdict.REPEATED  # type: ignore[operator]


def test_a_captured_delivery_is_not_new_under_another_id() -> None:
    deliveries = Deliveries()
    assert deliveries.judge(github(), BODY, [SECRET], NOW) is Verdict.ACCEPTED
    assert deliveries.judge(github(id="another"), BODY, [SECRET], NOW) is Verdict.REPEATED
    assert deliveries.judge({**github(), "x-github-delivery": ""}, BODY, [SECRET], NOW) is Verdict.REPEATED


@pytest.mark.parametrize("at", [NOW - MAX_AGE - 1, NOW + MAX_AGE + 1, 0])
def test_a_signed_time_that_is_far_away_is_not_new(at: float) -> None:
    assert judged(standard(at=at)) is Verdict.REPEATED
    assert judged(standard(at=NOW - MAX_AGE)) is Verdict.ACCEPTED


def test_a_signed_time_that_is_none_is_not_new() -> None:
    headers = standard()
    for stamp in ("", "soon", "-1", "1e9", "9" * 400, "\u0661"):
        signed = f"1.{stamp}.".encode("latin-1", "replace") + BODY
        signature = base64.b64encode(hmac.new(SECRET, signed, hashlib.sha256).digest()).decode()
        headers |= {"webhook-timestamp": stamp, "webhook-signature": f"v1,{signature}"}
        assert judged(headers) is Verdict.REPEATED


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "MAX_REMEMBERED", 20)
    deliveries = Deliveries()
    for number in range(100):
        body = b"%d" % number
        assert deliveries.judge(github(body, id=f"{number}"), body, [SECRET], NOW) is Verdict.ACCEPTED
    assert len(deliveries._seen) <= 22
    assert deliveries.judge(github(b"99", id="99"), b"99", [SECRET], NOW) is Verdict.REPEATED
    assert deliveries.judge(github(b"98", id="98"), b"98", [SECRET], NOW + MEMORY) is Verdict.ACCEPTED


def test_unsigned_deliveries_are_not_remembered() -> None:
    deliveries = Deliveries()
    assert deliveries.judge(github(secret=b"wrong" * 5), BODY, [SECRET], NOW) is Verdict.UNSIGNED
    assert deliveries.judge(github(), BODY, [SECRET], NOW) is Verdict.ACCEPTED


@given(
    st.dictionaries(
        st.sampled_from(
            ["x-hub-signature-256", "x-gitea-signature", "x-gitlab-token", "webhook-signature", "webhook-id"]
        ),
        st.text(max_size=80),
    ),
    st.binary(max_size=80),
)
def test_nobody_gets_in_by_chance(headers: dict[str, str], body: bytes) -> None:
    assert Deliveries().judge(headers, body, [SECRET], NOW) is Verdict.UNSIGNED
