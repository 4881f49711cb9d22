"""How Git gets at another repository: the address that it is given, and what goes with it in the environment.

A login in a URL would be among the arguments of programs that Git starts, which everybody on the machine can read. The
environment of a program is its user's alone, so that the login travels there, and Git is given the URL without it.
"""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from mlgitops.tools.git import environment, git
from mlgitops.tools.git_names import public_address
from mlgitops.tools.git_objects import in_directory

_PROXIES = ("ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "all_proxy", "https_proxy", "http_proxy", "no_proxy")
_LOGIN = re.compile(r"(https?)://(?P<user>[^/@:]*)(:(?P<password>[^/]*))?@[^/@]+(/.*)?")


@dataclass(frozen=True, slots=True)
class Remote:
    """Another repository: its address for Git's command line, and settings for Git's environment."""

    address: str
    settings: Mapping[str, str] = field(repr=False)


def reach(git_dir: Path, address: str, *, push: bool = False) -> Remote:
    """How ``address``, which is a URL, a path or the name of a remote, is fetched from; with ``push``, pushed to."""
    url = _url(git_dir, address, push)
    proxies = {name: os.environ[name] for name in _PROXIES if name in os.environ}
    settings = {**in_directory(git_dir), **proxies, **_protocols(url)}
    login = _LOGIN.fullmatch(url)
    if login is None:
        return Remote(address, settings)
    public = public_address(url)
    return Remote(public, settings | _configured([*_unchanged(public), _login(public, login)]))


def _url(git_dir: Path, address: str, push: bool) -> str:
    if "/" in address:
        return address
    kind = ["--push"] if push else []
    arguments = ["remote", "get-url", *kind, "--", address]
    found = git(arguments, git_dir, accepted=(0, 2, 128), settings=in_directory(git_dir))
    return found.output.decode().strip()


def _protocols(url: str) -> dict[str, str]:
    """Plain HTTP is for a forge on this machine alone, whose traffic leaves it on no wire."""
    is_here = re.fullmatch(r"http://([^/@]*@)?(localhost|127\.0\.0\.1|\[::1\])(:\d+)?/.*", url)
    return {"GIT_ALLOW_PROTOCOL": f"{environment()['GIT_ALLOW_PROTOCOL']}:http"} if is_here else {}


def _unchanged(public: str) -> list[tuple[str, str]]:
    """Keeps a rule of the user's that puts a login into URLs from doing so again; the longest match counts."""
    return [(f"url.{public}.insteadOf", public), (f"url.{public}.pushInsteadOf", public)]


def _login(public: str, login: re.Match[str]) -> tuple[str, str]:
    """The login as a header; a user without a password as who credential helpers are asked for."""
    user, password = (unquote(login[name] or "") for name in ("user", "password"))
    if not login["password"]:
        parts = urlsplit(public)
        return f"credential.{parts.scheme}://{parts.netloc}.username", user
    encoded = base64.b64encode(f"{user}:{password}".encode()).decode()
    return f"http.{public}.extraHeader", f"Authorization: Basic {encoded}"


def _configured(pairs: list[tuple[str, str]]) -> dict[str, str]:
    """Git's configuration as its environment takes it."""
    numbered = {"GIT_CONFIG_COUNT": str(len(pairs))}
    for number, (key, value) in enumerate(pairs):
        numbered |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return numbered
