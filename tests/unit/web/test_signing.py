from __future__ import annotations

import base64
from pathlib import Path

import pytest

from mlgitops.errors import MlgitopsError
from mlgitops.web.server import is_loopback
from mlgitops.web.signing import ByHeader, Tokens, hashed, read_users


def basic(name: str, password: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()}


def test_a_header_is_believed_from_the_proxy_alone() -> None:
    sign_in = ByHeader("X-User", frozenset({"10.0.0.1"}))
    assert sign_in.user({"x-user": "ada"}, "10.0.0.1") == "ada"
    assert sign_in.user({"x-user": "ada"}, "127.0.0.1") == ""
    assert sign_in.user({}, "10.0.0.1") == ""


def test_a_password_signs_in_its_user_alone(tmp_path: Path) -> None:
    (tmp_path / "users").write_text(f"# ours\n{hashed('ada', 'pä:ss')}\n\n{hashed('eve', 'other')}\n")
    sign_in = read_users(tmp_path / "users")
    assert sign_in.user(basic("ada", "pä:ss"), "") == "ada"
    for headers in (basic("ada", "other"), basic("nobody", "pä:ss"), basic("", ""), basic("ada", "x" * 5000), {},
                    {"authorization": "Bearer x"}, {"authorization": "Basic !"}):  # fmt: skip
        assert sign_in.user(headers, "") == ""


def test_hashes_are_salted_and_not_shown(tmp_path: Path) -> None:
    assert hashed("ada", "one") != hashed("ada", "one")
    (tmp_path / "users").write_text(hashed("ada", "one"))
    assert "ada" not in repr(read_users(tmp_path / "users"))


@pytest.mark.parametrize("line", ["ada", "ada:secret", ":scrypt$00$00", "ada:scrypt$xy$00", "ada:md5$00$00"])
def test_a_line_that_is_no_user_is_named_without_its_content(tmp_path: Path, line: str) -> None:
    (tmp_path / "users").write_text(f"# first\n{line}\n")
    with pytest.raises(MlgitopsError) as caught:
        read_users(tmp_path / "users")
    assert caught.value.message == f"{tmp_path / 'users'}:2 is no user with a hash of a password"
    assert "--hash-password" in caught.value.help


def test_an_empty_file_signs_nobody_in(tmp_path: Path) -> None:
    (tmp_path / "users").write_text("# nobody yet\n")
    with pytest.raises(MlgitopsError, match="has no users"):
        read_users(tmp_path / "users")


def test_a_token_is_good_for_its_user_and_this_process() -> None:
    tokens = Tokens()
    assert tokens.fits("ada", tokens.of("ada"))
    assert not tokens.fits("eve", tokens.of("ada"))
    assert not Tokens().fits("ada", tokens.of("ada"))
    assert not tokens.fits("ada", "")
    assert not tokens.fits("ada", "\u00e4")


@pytest.mark.parametrize(
    ("host", "only_here"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("::", False), ("a.example", False)],  # noqa: S104
)
def test_loopback_is_told_from_the_rest(host: str, only_here: bool) -> None:
    assert is_loopback(host) is only_here


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "users").write_bytes(b"\xff\xfe")
    with pytest.raises(MlgitopsError, match="cannot be read"):
        read_users(tmp_path / "users")
