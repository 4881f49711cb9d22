"""A document: one YAML file of the project, as plain data that knows where each value is written. Pure.

``load`` is strict: whatever two YAML readers may understand differently, or what makes a reader slow or unsafe, is
refused with a finding. The codes are listed in ``docs/findings.md``.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import yaml

from mlgitops.errors import FindingsError
from mlgitops.finding import Finding, Location
from mlgitops.spec.builder import MAX_FINDINGS, NOTHING, Builder
from mlgitops.spec.positions import Pointer, Positions, Written
from mlgitops.spec.source_text import decode, excerpt_of, has_conflict, lines_of
from mlgitops.spec.syntax import syntax_finding


@dataclass(frozen=True)
class Document:
    """One file: its path within the project, its data (JSON types), its text, and the digest of its bytes.

    Two documents are equal where path, data, text and digest are. Positions are worked out when first asked for.
    """

    path: str
    data: dict[str, Any] = field(hash=False)
    text: str = field(repr=False)
    digest: str

    @classmethod
    def from_cache(cls, path: str, content: bytes, data: dict[str, Any]) -> Document:
        """The document of ``content`` that ``load`` once accepted with this ``data``; nothing is checked again."""
        return cls(path, data, content.decode("utf-8-sig"), content_digest(content))

    def locate(self, pointer: Pointer, key: bool = False) -> Location:
        """Where the value at ``pointer`` stands, or its key. Where there is none: the nearest parent's key."""
        return self._positions.locate(pointer, key)

    def raw_scalar(self, pointer: Pointer) -> str | None:
        """The scalar at ``pointer`` as it is written, without quotes (``1.10``, read as 1.1); None if there is none."""
        return self._positions.text(pointer)

    def excerpt(self, line: int) -> str:
        """Line number ``line`` (from 1) without secrets, cut where it is long; empty where there is no such line."""
        return excerpt_of(self._lines, line)

    def written(self, pointer: Pointer, key: bool = False) -> Written:
        """What is written at ``pointer``, or at its key, for a finding."""
        location = self.locate(pointer, key)
        return Written(pointer, location, self.excerpt(location.line), self.raw_scalar(pointer) or "")

    def finding(
        self, code: str, pointer: Pointer, message: str, *, help: str = "", suggestion: str = "", key: bool = False
    ) -> Finding:
        """An error about the value at ``pointer``, or about its key."""
        written = self.written(pointer, key)
        return Finding(
            code, message, written.location, pointer=".".join(map(str, pointer)), excerpt=written.excerpt, help=help,
            suggestion=suggestion,
        )  # fmt: skip

    @cached_property
    def _positions(self) -> Positions:
        return Positions(self.path, self.text)

    @cached_property
    def _lines(self) -> list[str]:
        return lines_of(self.text)


def content_digest(content: bytes) -> str:
    """``sha256:<64 hex digits>`` of a file's bytes: ``Document.digest``, and what a cache is keyed by."""
    return "sha256:" + hashlib.sha256(content).hexdigest()


def load(path: str, content: bytes) -> Document:
    """The document in a file's bytes.

    Raises ``FindingsError`` with all findings that can be told of this file, at most about 100, each with its place and
    an excerpt. Never raises anything else, whatever the bytes. Time and memory grow in step with the size, which is
    bounded by ``sources.MAX_FILE_BYTES``; depth, values and aliases by the constants of ``spec.builder``.
    """
    text, findings = decode(path, content)
    data: Any = NOTHING
    if text and not has_conflict(findings):
        data, found = _build(path, text)
        # U+FFFD stands for what may not be there: a key with it is not what the user wrote.
        findings += [finding for finding in found if not findings or "\ufffd" not in finding.pointer]
    if not findings and not isinstance(data, dict):
        findings.append(_not_a_mapping(path, data))
    if findings:
        raise FindingsError(_with_excerpts(text, findings))
    return Document(path, data, text, content_digest(content))


def _build(path: str, text: str) -> tuple[Any, list[Finding]]:
    builder = Builder(path, text)
    try:
        return builder.build(), builder.findings
    except yaml.YAMLError as error:
        return NOTHING, [*builder.findings, syntax_finding(path, lines_of(text), error)]


def _not_a_mapping(path: str, data: Any) -> Finding:
    help = "a file begins with apiVersion, kind, metadata and spec"
    if data is None or data is NOTHING:
        return Finding("empty-file", "the file is empty", Location(path), help=help)
    what = "a list" if isinstance(data, list) else "a single value"
    return Finding("not-a-mapping", f"the file holds {what} where a mapping is wanted", Location(path, 1, 1), help=help)


def _with_excerpts(text: str, findings: list[Finding]) -> list[Finding]:
    lines = lines_of(text)
    shown = sorted(findings, key=lambda finding: finding.location)[: MAX_FINDINGS + 1]
    return [replace(finding, excerpt=excerpt_of(lines, finding.location.line)) for finding in shown]
