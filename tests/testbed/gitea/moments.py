"""Moments of a run that opens a pull request, by the requests that Gitea gets: when to kill it."""

from __future__ import annotations

from tests.testbed.proxy import Request


def after_the_push(request: Request) -> bool:
    """It asks whether there is a pull request already; its branch is there by then."""
    return request.method == "GET" and request.path.endswith("/pulls")


def to_open(request: Request) -> bool:
    """It opens one."""
    return request.method == "POST" and request.path.endswith("/pulls")
