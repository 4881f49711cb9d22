"""What every page has around its content: head, navigation, search, and a policy that lets nothing else in. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from mlgitops.page.element import Html, element, joined
from mlgitops.page.model import Snapshot, slug

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "connect-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'self'",
}
"""The content security policy, by directive: no inline script, no inline style, nothing from elsewhere."""
KEYS = (
    ("/", "search"), ("j and k", "next and previous row"), ("Enter", "open it"), ("g", "first page"),
    ("d", "light or dark"), ("Esc", "leave the search, close this"), ("?", "show these keys"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Signed:
    """Who looks at a live page: the user's name, and the token that a form of theirs has to send back."""

    user: str
    token: str


def policy(directives: dict[str, str] | None = None) -> str:
    """The policy as a header has it, with further directives."""
    return "; ".join(f"{name} {value}" for name, value in {**POLICY, **(directives or {})}.items())


def document(snapshot: Snapshot, title: str, depth: int, *content: object, live: bool = False) -> str:
    """A whole page. ``depth`` counts the folders that it is in; ``live`` says that a server gives it."""
    up = "../" * depth
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy()),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="referrer", content="no-referrer"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", f"{title} · {snapshot.project}"),
        element("link", rel="icon", type="image/svg+xml", href=f"{up}assets/icon.svg"),
        element("link", rel="stylesheet", href=f"{up}assets/page.css"),
        element("script", src=f"{up}assets/page.js", defer=True),
    )
    body = element(
        "body", element("a", "Skip to the content", href="#content", class_="skip"), _header(snapshot, up),
        element("main", *content, id="content", tabindex="-1"), _footer(snapshot), _help(),
    )  # fmt: skip
    return "<!doctype html>\n" + element("html", head, body, lang="en", data_live=True if live else None) + "\n"


def section(title: str, *content: object, id: str = "") -> Html:
    """A part of a page with its heading."""
    name = id or slug(title.lower().replace(" ", "-"))
    return element("section", element("h2", title, id=f"{name}-title"), *content, aria_labelledby=f"{name}-title")


def wide(label: str, *content: object) -> Html:
    """What may be wider than the screen: it scrolls by itself, also by the keyboard."""
    return element("div", *content, class_="wide", role="group", aria_label=label, tabindex="0")


def _header(snapshot: Snapshot, up: str) -> Html:
    plans = [element("a", f"Plan {one.name}", href=f"{up}plans/{slug(one.name)}.html") for one in snapshot.stages]
    audit = [element("a", "Audit", href=f"{up}audit.html")] if snapshot.audit else []
    links = [element("a", "Overview", href=f"{up}index.html"), *plans, *audit]
    return element(
        "header",
        element("a", element("span", "◆", aria_hidden="true"), " ", element("strong", snapshot.project),
                href=f"{up}index.html", class_="brand"),
        element("nav", joined(links, " "), aria_label="Pages"),
        element("button", "Dark", type="button", id="theme", aria_pressed="false"),
        element("button", "Keys", type="button", id="keys"),
    )  # fmt: skip


def _footer(snapshot: Snapshot) -> Html:
    commit = [" from commit ", element("code", snapshot.commit[:12])] if snapshot.commit else []
    taken = element("time", snapshot.taken_at, datetime=snapshot.taken_at)
    return element("footer", "As it was at ", taken, *commit, f", by mlgitops {snapshot.version}")


def _help() -> Html:
    rows = [[element("dt", element("kbd", key)), element("dd", does)] for key, does in KEYS]
    return element(
        "dialog", element("h2", "Keys", id="help-title"), element("dl", *rows),
        element("form", element("button", "Close"), method="dialog"), id="help", aria_labelledby="help-title",
    )  # fmt: skip
