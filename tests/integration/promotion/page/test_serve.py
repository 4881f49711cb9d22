"""The live page: it reads, and where somebody is signed in opens pull requests and nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import urllib3
from playwright.sync_api import Browser, Page, expect

from mlgitops.errors import MlgitopsError
from mlgitops.web.promoting import Asked, open_pull_request
from mlgitops.web.signing import hashed
from mlgitops.workflows.project import open_project
from tests.testbed.browser.fixtures import violations

pytestmark = [pytest.mark.browser, pytest.mark.integration]

HEADER = ("--sign-in-header", "X-User", "--allow-promote")


def asked(method: str, url: str, headers: dict[str, str] | None = None, **fields: str) -> Any:
    about = {"Content-Type": "application/x-www-form-urlencoded", **(headers or {})}
    body = urlencode(fields) if method == "POST" else None
    return urllib3.request(method, url, body=body, headers=about, retries=False, redirect=False, timeout=120)


def test_it_reads_and_offers_no_button(served: Any, tab: Page, axe: Path, said: list[str]) -> None:
    address = served()
    tab.goto(address)
    expect(tab.locator("h1")).to_have_text("shop")
    tab.get_by_role("link", name="iris").click()
    expect(tab.get_by_role("heading", name="2.0 from dev to staging")).to_be_visible()
    assert tab.locator("form[method=post]").count() == 0
    assert violations(tab, axe) == []
    assert said == []
    refused = asked("POST", f"{address}/promote", model="iris", source="dev", target="staging")
    assert refused.status == 403


def test_the_button_opens_the_pull_request_and_changes_nothing_else(
    shop: Any, served: Any, tab: Page, said: list[str]
) -> None:
    address, before = served(*HEADER), shop.git("rev-parse", "main", at=shop.bare)
    tab.set_extra_http_headers({"X-User": "ada"})
    tab.goto(f"{address}/models/iris.html")
    tab.get_by_role("button", name="Open the pull request to staging").click()
    expect(tab.locator("h1")).to_have_text("Pull request 1 opened")
    (branch,) = shop.open_pulls()
    pull = shop.forge.find(branch)
    assert "Asked for by ada" in pull.body
    assert shop.git("rev-parse", "main", at=shop.bare) == before
    tab.get_by_role("link", name="Back to iris").click()
    expect(tab.get_by_text("Pull request 1 waits to be merged.")).to_be_visible()
    assert said == []


def test_a_form_of_another_site_or_another_user_is_refused(shop: Any, served: Any) -> None:
    address = served(*HEADER)
    form = {"model": "iris", "source": "dev", "target": "staging"}
    page = asked("GET", f"{address}/models/iris.html", {"X-User": "ada"}).data.decode()
    token = page.split('name="csrf" value="')[1].split('"')[0]
    for headers, fields in (
        ({"X-User": "ada"}, form),
        ({"X-User": "ada"}, {**form, "csrf": "0" * 64}),
        ({"X-User": "eve"}, {**form, "csrf": token}),
        ({"X-User": "ada", "Sec-Fetch-Site": "cross-site"}, {**form, "csrf": token}),
        ({}, {**form, "csrf": token}),
    ):
        assert asked("POST", f"{address}/promote", headers, **fields).status == 403
    unknown = asked("POST", f"{address}/promote", {"X-User": "ada"}, **{**form, "target": "prod", "csrf": token})
    assert (unknown.status, "has nothing to promote" in unknown.data.decode()) == (500, True)
    large = asked("POST", f"{address}/promote", {"X-User": "ada"}, **{**form, "csrf": "x" * 9000})
    assert large.status == 413
    assert asked("GET", f"{address}/promote", {"X-User": "ada"}).status == 404
    assert shop.open_pulls() == []


def test_who_is_not_signed_in_sees_nothing(served: Any, tmp_path: Path, browser: Browser) -> None:
    users = tmp_path / "users"
    users.write_text(hashed("ada", "correct horse") + "\n")
    address = served("--sign-in-file", str(users))
    for path in ("", "/index.html", "/data.json", "/models/iris.html", "/assets/page.css"):
        answer = asked("GET", f"{address}{path}")
        assert (answer.status, answer.data) == (401, b"Sign in first.\n")
    wrong = urllib3.make_headers(basic_auth="ada:wrong")
    assert asked("GET", f"{address}/index.html", dict(wrong)).status == 401
    context = browser.new_context(http_credentials={"username": "ada", "password": "correct horse"})
    tab = context.new_page()
    tab.goto(address)
    expect(tab.locator("h1")).to_have_text("shop")
    context.close()


def test_every_answer_has_the_headers_that_keep_others_out(served: Any) -> None:
    address = served()
    for path in ("/index.html", "/data.json", "/models/nobody.html", "/assets/page.js", "/assets/nothing"):
        headers = asked("GET", f"{address}{path}").headers
        assert "script-src 'self'" in headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"
        assert "server" not in headers
    assert asked("GET", f"{address}/index.html", {"Host": "evil.example"}).status == 400


def test_it_shows_what_changes_once_the_last_look_is_old(shop: Any, served: Any, model_text: Any) -> None:
    address = served("--refresh", "1", "--revision", "main")

    def version() -> str:
        data = json.loads(asked("GET", f"{address}/data.json").data)
        said: dict[str, Any] = data["subjects"][0]["said"]["dev"]
        return str(said["version"])

    from tests.testbed.waiting import wait_until

    assert version() == "2.0"
    shop.commit({"environments/dev/models/iris.yaml": model_text("dev", "9.0")})
    wait_until(lambda: version() == "9.0", "the page to follow", 60)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--host", "192.0.2.1"), "everybody who reaches that address could read"),
        (("--allow-promote",), "--allow-promote needs to know who asks"),
        (("--sign-in-file", "mlgitops.yaml"), "mlgitops.yaml:1 is no user with a hash of a password"),
        (("--trusted-proxy", "10.0.0.1"), "give --sign-in-header"),
        (("--public-name", "*"), "--public-name is one name without *"),
        (("--port", "1", "--host", "192.0.2.1", "--anyone-may-read"), "192.0.2.1:1 cannot be listened at"),
    ],
)  # fmt: skip
def test_what_would_not_be_safe_is_refused(shop: Any, arguments: tuple[str, ...], told: str) -> None:
    ran = shop.run("serve", *arguments)
    assert ran.code in (1, 64)
    assert told in ran.err


def test_a_release_that_is_there_by_now_is_not_asked_for_again(shop: Any) -> None:
    asked_for = Asked("iris", "staging", "prod", "ada")
    opened = open_project(shop.root, None)
    with pytest.raises(MlgitopsError, match="prod has that release of iris already"):
        open_pull_request(opened, asked_for, lambda: "2026-01-01T00:00:00Z")
