"""The addresses of the live page, and what each is answered: everything by GET, and ``POST /promote`` alone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from mlgitops.errors import MlgitopsError
from mlgitops.page.data import json
from mlgitops.page.element import element, link
from mlgitops.page.frame import Signed, document, policy
from mlgitops.page.model import slug
from mlgitops.page.overview import overview
from mlgitops.page.plans import audit_page, plan_page
from mlgitops.page.subject import subject_page
from mlgitops.report import inert
from mlgitops.web.live import Live
from mlgitops.web.promoting import Asked, open_pull_request, refuse_unknown
from mlgitops.web.signing import SignIn, Tokens
from mlgitops.workflows.page import assets
from mlgitops.workflows.project import Opened

MOST_BYTES = 8192
"""Of a form."""
HEADERS = {
    "Content-Security-Policy": policy({"frame-ancestors": "'none'"}),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
Answer = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True)
class Settings:
    """How it is served.

    ``hosts`` are the names by which it may be asked, so that no other site's name can be led to it. Without ``sign_in``
    everybody who reaches it may read. ``promotes`` says that who is signed in may open pull requests.
    """

    hosts: Sequence[str]
    sign_in: SignIn | None = None
    promotes: bool = False


@dataclass
class _Site:
    live: Live
    settings: Settings
    open_project: Callable[[], Opened]
    now: Callable[[], str]
    tokens: Tokens = field(default_factory=Tokens)

    def user(self, request: Request) -> str:
        peer = request.client.host if request.client else ""
        sign_in = self.settings.sign_in
        return sign_in.user({key.lower(): value for key, value in request.headers.items()}, peer) if sign_in else ""

    def signed(self, user: str) -> Signed | None:
        return Signed(user, self.tokens.of(user)) if user and self.settings.promotes else None

    def page(self, path: str, user: str) -> Response:
        """A page by its path."""
        found = self.live.snapshot()
        if path == "index.html":
            return _html(overview(found, live=True))
        if path == "data.json":
            return Response(json(found), media_type="application/json")
        if path == "taken-at":
            return PlainTextResponse(found.taken_at)
        if path == "audit.html" and found.audit is not None:
            return _html(audit_page(found, found.audit, live=True))
        for stage in found.stages:
            if path == f"plans/{slug(stage.name)}.html":
                return _html(plan_page(found, stage, live=True))
        known = self.live.subject(path)
        if known is None:
            return PlainTextResponse("There is no such page.\n", 404)
        return _html(subject_page(*known, live=True, signed=self.signed(user)))

    def promote(self, form: dict[str, str], user: str) -> Response:
        """Opens the pull request that a form asks for."""
        asked = Asked(form.get("model", ""), form.get("source", ""), form.get("target", ""), user)
        known = self.live.subject(f"models/{slug(asked.model)}.html")
        if known is None:
            return PlainTextResponse("There is no such model.\n", 404)
        refuse_unknown(known[1], asked)
        done, number, url = open_pull_request(self.open_project(), asked, self.now)
        self.live.expire()
        title = f"Pull request {number} {done}"
        back = element("p", element("a", f"Back to {asked.model}", href=known[1].path))
        where = element("p", link(url, url) if url else f"Number {number}", ": nothing changes before it is merged.")
        return _html(document(known[0], title, 0, element("h1", title), where, back))


def app(live: Live, settings: Settings, open_project: Callable[[], Opened], now: Callable[[], str]) -> Starlette:
    """The application."""
    site, held = _Site(live, settings, open_project, now), assets()

    async def root(_: Request) -> Response:
        return RedirectResponse("index.html", 307)

    async def healthy(_: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def asset(request: Request) -> Response:
        path = f"assets/{request.path_params['name']}"
        if path not in held:
            return PlainTextResponse("There is no such file.\n", 404)
        return Response(held[path], media_type=_TYPES[path.rpartition(".")[2]])

    async def page(request: Request) -> Response:
        user = await run_in_threadpool(site.user, request)
        return await run_in_threadpool(_told, lambda: site.page(request.path_params["path"], user))

    async def promote(request: Request) -> Response:
        user = await run_in_threadpool(site.user, request)
        refused = _refused(site, request, user)
        if refused:
            return PlainTextResponse(refused, 403)
        form = await _form(request)
        if form is None:
            return PlainTextResponse("The form is too large.\n", 413)
        if not site.tokens.fits(user, form.get("csrf", "")):
            return PlainTextResponse("The form is not from this page, or from before it was started anew.\n", 403)
        return await run_in_threadpool(_told, lambda: site.promote(form, user))

    routes = [
        Route("/", _guarded(site, root)), Route("/healthz", healthy),
        Route("/assets/{name}", _guarded(site, asset)),
        Route("/promote", _guarded(site, promote), methods=["POST"]),
        Route("/{path:path}", _guarded(site, page)),
    ]  # fmt: skip
    hosts = Middleware(TrustedHostMiddleware, allowed_hosts=[*settings.hosts], www_redirect=False)
    return Starlette(routes=routes, middleware=[hosts])


def _guarded(site: _Site, answer: Answer) -> Answer:
    """The answer with the headers that every one has; none to who has to sign in and has not."""

    async def guarded(request: Request) -> Response:
        sign_in = site.settings.sign_in
        if sign_in is not None and not await run_in_threadpool(site.user, request):
            challenge = {"WWW-Authenticate": sign_in.challenge} if sign_in.challenge else {}
            response: Response = PlainTextResponse("Sign in first.\n", 401 if challenge else 403, challenge)
        else:
            response = await answer(request)
        response.headers.update(HEADERS)
        return response

    return guarded


def _refused(site: _Site, request: Request, user: str) -> str:
    """Why nothing may be brought about by a request; empty where something may."""
    if not site.settings.promotes or not user:
        return "This page only reads: see mlgitops serve --help for how to open pull requests from it.\n"
    if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        return "The request comes from another site.\n"
    return ""


async def _form(request: Request) -> dict[str, str] | None:
    """The first value of each field; None where there are more than ``MOST_BYTES``."""
    content = b""
    async for chunk in request.stream():
        content += chunk
        if len(content) > MOST_BYTES:
            return None
    return {name: values[0] for name, values in parse_qs(content.decode("utf-8", "replace")).items()}


def _told(answer: Callable[[], Response]) -> Response:
    """The answer, or in words what is wrong."""
    try:
        return answer()
    except MlgitopsError as error:
        told = "\n".join(inert.line(one) for one in (error.message, error.help) if one)
        return PlainTextResponse(f"{told}\n", 500)


def _html(text: str) -> Response:
    return Response(text, media_type="text/html")
