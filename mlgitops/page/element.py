"""Elements of HTML and SVG. What is not ``Html`` already is text, which opens no element and ends no attribute. Pure.

Text from specs, clusters and forges is also made harmless as for a terminal, so that nothing is shown in another order
than it has.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from urllib.parse import urlsplit

from mlgitops.report import inert

VOID = frozenset({"br", "input", "link", "meta", "hr"})


class Html(str):
    """Markup that is shown as it stands. Only this module and literals make it."""

    __slots__ = ()


NOTHING = Html("")


def element(name: str, /, *children: object, **attributes: object) -> Html:
    """``<name …>children</name>``.

    Children are ``Html``, anything else as text, None for nothing, or lists of these. An attribute of None or False is
    left out, one of True has no value; ``class_`` and ``for_`` lose their ``_``, other ``_`` become ``-``.
    """
    opening = f"<{name}{''.join(_attribute(key, value) for key, value in attributes.items())}>"
    if name in VOID:
        return Html(opening)
    return Html(f"{opening}{''.join(map(_child, children))}</{name}>")


def joined(children: Iterable[object], between: str = "") -> Html:
    """Children without an element around them."""
    return Html(between.join(map(_child, children)))


def link(address: str, /, *children: object, **attributes: object) -> Html:
    """A link to the outside where the address is of http or https, else its text alone."""
    try:
        scheme = urlsplit(address).scheme
    except ValueError:
        scheme = ""
    if scheme not in ("http", "https") or inert.line(address) != address:
        return joined(children or (address,))
    return element("a", *(children or (address,)), href=address, rel="noopener noreferrer", **attributes)


def _child(child: object) -> str:
    if isinstance(child, Html):
        return child
    if child is None:
        return ""
    if isinstance(child, list | tuple):
        return "".join(map(_child, child))
    return escape(inert.line(str(child)), quote=False)


def _attribute(key: str, value: object) -> str:
    if value is None or value is False:
        return ""
    name = key.removesuffix("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{escape(inert.line(str(value)))}"'
