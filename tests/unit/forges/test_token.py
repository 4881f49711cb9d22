"""Where the token comes from."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlgitops.errors import NotAuthorisedError
from mlgitops.forges.token import Token
from mlgitops.forges.wording import Wording

WORDING = Wording("GitHub", "github.com", "acme/shop", "repo", "GITHUB_TOKEN")
URL = "https://github.com"
HELPER = """\
#!/bin/sh
cat > "$HOME/asked"
echo "username=ana"
echo "password=from-the-helper"
"""


def test_the_first_variable_that_is_set_counts() -> None:
    environment = {"FIRST": " ", "SECOND": "one\n", "THIRD": "two"}
    assert Token(("FIRST", "SECOND", "THIRD"), URL, environment).reveal(WORDING) == "one"


def test_without_a_variable_gits_credential_helper_is_asked(home: Path) -> None:
    helper = home / "helper"
    helper.write_text(HELPER)
    helper.chmod(0o755)
    with (home / ".gitconfig").open("a") as config:
        config.write(f"[credential]\n    helper = {helper}\n")
    assert Token(("TOKEN",), URL, {}).reveal(WORDING) == "from-the-helper"
    assert "host=github.com" in (home / "asked").read_text()


def test_nobody_is_asked_at_a_terminal() -> None:
    with pytest.raises(NotAuthorisedError, match=r"there is no token for GitHub \(github.com\)") as caught:
        Token(("GITHUB_TOKEN", "GH_TOKEN"), URL, {}).reveal(WORDING)
    assert "GITHUB_TOKEN or GH_TOKEN" in caught.value.help


@pytest.mark.parametrize("token", ["one\ntwo", "tök", "a\x00b"])
def test_a_token_that_would_break_a_header_is_refused_unseen(token: str) -> None:
    with pytest.raises(NotAuthorisedError) as caught:
        Token(("TOKEN",), URL, {"TOKEN": token}).reveal(WORDING)
    assert token not in caught.value.message


def test_a_token_is_not_shown() -> None:
    token = Token(("TOKEN",), URL, {"TOKEN": "canary"})
    token.reveal(WORDING)
    assert "canary" not in repr(token)
    assert token.hide(b"who is canary?") == b"who is (hidden)?"
