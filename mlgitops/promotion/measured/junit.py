"""The totals of a JUnit report. Pure."""

from __future__ import annotations

import re
from xml.etree import ElementTree

_DECLARATION = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_NOT_PASSED = {"failure": "failed", "error": "failed", "skipped": "skipped"}


def totals(content: bytes) -> dict[str, int]:
    """How many tests passed, failed and were skipped, counted one by one.

    Raises ``ValueError`` for what is no XML, holds no test, or declares a document type, which no report needs.
    """
    if _DECLARATION.search(content) or b"\0" in content:  # also of UTF-16, in which a declaration would not be seen
        raise ValueError("it declares a document type or entities, or is not UTF-8")
    try:
        root = ElementTree.fromstring(content)  # noqa: S314 - declarations were refused above
    except ElementTree.ParseError as error:
        raise ValueError(f"it is no XML: {error}") from error
    found = {"passed": 0, "failed": 0, "skipped": 0}
    for case in root.iter("testcase"):
        kinds = {_NOT_PASSED[child.tag] for child in case if child.tag in _NOT_PASSED}
        found["failed" if "failed" in kinds else "skipped" if kinds else "passed"] += 1
    if not any(found.values()):
        raise ValueError("there is no test in it")
    return found
