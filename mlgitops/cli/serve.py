"""``mlgitops serve``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mlgitops.cli.options import branch_option, repository_options

if TYPE_CHECKING:
    from mlgitops.web.signing import SignIn
    from mlgitops.workflows.project import Opened


@click.command()
@click.option("--host", default="127.0.0.1", metavar="ADDRESS", help="Where to listen; this machine alone by default.")
@click.option(
    "--port", default=8080, type=click.IntRange(0, 65535), metavar="PORT", show_default=True,
    help="Where to listen; 0 takes any that is free.",
)  # fmt: skip
@click.option(
    "--public-name", "names", multiple=True, metavar="NAME",
    help="A host name that browsers ask for it by, beside localhost; repeatable.",
)  # fmt: skip
@click.option(
    "--refresh", default=30, type=click.IntRange(min=1), metavar="SECONDS", show_default=True,
    help="Look at everything again once what is shown is older than this.",
)  # fmt: skip
@click.option(
    "--sign-in-header", "header", default="", metavar="NAME",
    help="Believe a proxy that names the user in this header, such as X-Forwarded-User.",
)  # fmt: skip
@click.option(
    "--trusted-proxy", "proxies", multiple=True, metavar="ADDRESS",
    help="With --sign-in-header: the proxy's address; this machine's own by default. Repeatable.",
)  # fmt: skip
@click.option(
    "--sign-in-file", "users", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Users with hashes of their passwords; --hash-password makes a line.",
)  # fmt: skip
@click.option("--hash-password", "hashing", metavar="NAME", help="Ask for NAME's password, print the line, and end.")
@click.option("--allow-promote", is_flag=True, help="Who is signed in may open pull requests for promotions.")
@click.option("--anyone-may-read", is_flag=True, help="Listen beyond this machine without a sign-in.")
@branch_option
@repository_options
def serve(
    opened: Opened, host: str, port: int, names: tuple[str, ...], refresh: int, header: str, proxies: tuple[str, ...],
    users: Path | None, hashing: str | None, allow_promote: bool, anyone_may_read: bool, revision: str,
) -> None:  # fmt: skip
    """Serve the pages of `report --html` live, to be read.

    It listens on this machine alone, and changes nothing. With a sign-in, --allow-promote and a token of the forge a
    button opens the same pull request as mlgitops promote; what is merged is decided at the forge, as always. Put a
    proxy with TLS before it where others are to reach it. Needs the extra serve: pip install 'mlgitops[serve]'.

    \b
    Examples:
      mlgitops serve
      mlgitops serve --port 9000 --sign-in-header X-Forwarded-User --public-name models.example.com --allow-promote
      mlgitops serve --hash-password ada >> users
    """
    from mlgitops.cli.terminal import now, show
    from mlgitops.workflows.project import open_project

    if hashing is not None:
        _hash(hashing)
        return
    _require_extra()
    from mlgitops.web.app import Settings, app
    from mlgitops.web.live import Live
    from mlgitops.web.server import is_loopback
    from mlgitops.web.server import serve as listen
    from mlgitops.workflows.page import require_revision

    require_revision(opened, revision)
    sign_in = _sign_in(header, proxies, users)
    _refuse(opened, sign_in, promotes=allow_promote, open_to_all=not (is_loopback(host) or anyone_may_read))

    def anew() -> Opened:
        return open_project(opened.root, None, no_cache=opened.cache is None)

    if any("*" in name for name in names):
        raise click.UsageError("--public-name is one name without *, so that no other site's name is answered")
    hosts = (host, "localhost", "127.0.0.1", "[::1]", *names)
    live = Live(anew, now, revision, refresh, os.environ)
    application = app(live, Settings(hosts, sign_in, allow_promote), anew, now)
    listen(application, host, port, lambda address: show(f"serving {address}", err=True))


def _sign_in(header: str, proxies: tuple[str, ...], users: Path | None) -> SignIn | None:
    from mlgitops.web.signing import ByHeader, read_users

    if (header and users) or (proxies and not header):
        raise click.UsageError("give --sign-in-header, with --trusted-proxy where it is elsewhere, or --sign-in-file")
    if header:
        return ByHeader(header, frozenset(proxies)) if proxies else ByHeader(header)
    return read_users(users) if users else None


def _refuse(opened: Opened, sign_in: SignIn | None, *, promotes: bool, open_to_all: bool) -> None:
    """Raises where it would show or do more than is safe, or could not do what it is asked for."""
    from mlgitops.errors import GuardError
    from mlgitops.workflows.promotion.base import open_base

    if open_to_all and sign_in is None:
        raise GuardError(
            "everybody who reaches that address could read how the project stands",
            help="Add --sign-in-header or --sign-in-file, or say --anyone-may-read.",
        )
    if promotes and sign_in is None:
        raise GuardError("--allow-promote needs to know who asks", help="Add --sign-in-header or --sign-in-file.")
    if promotes:
        open_base(opened).forge(os.environ)


def _require_extra() -> None:
    from importlib.util import find_spec

    from mlgitops.errors import MlgitopsError

    missing = [name for name in ("starlette", "uvicorn") if find_spec(name) is None]
    if missing:
        raise MlgitopsError(
            f"{' and '.join(missing)} cannot be imported", help="Install the extra: pip install 'mlgitops[serve]'"
        )


def _hash(name: str) -> None:
    from mlgitops.cli.terminal import show
    from mlgitops.web.signing import hashed

    if not name or ":" in name:
        raise click.UsageError("a user's name is not empty, and has no colon")
    password = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    show(hashed(name, password))
