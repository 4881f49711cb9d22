"""Reads a project's specs from a source: every file once, clean ones from the cache by their content."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import orjson

from mlgitops.errors import FindingsError
from mlgitops.finding import Finding
from mlgitops.sources import Source
from mlgitops.sources.cache import Cache
from mlgitops.spec.document import Document, load
from mlgitops.spec.project_files import ProjectFiles, arrange, expected_kind, misplaced
from mlgitops.workflows.fingerprint import program


def read_project(source: Source, cache: Cache | None = None) -> tuple[ProjectFiles, list[Document], list[Finding]]:
    """The project's documents in their places, the same as a list, and what is wrong with the files themselves."""
    files = source.files()
    findings = list(misplaced(files))
    documents: list[Document] = []
    for path in sorted(files):
        if expected_kind(path) is not None:
            try:
                documents.append(_document(path, files[path], cache))
            except FindingsError as error:
                findings += error.findings
    arranged, found = arrange(documents)
    unread = {path for path in files if expected_kind(path)} - {document.path for document in documents}
    return replace(arranged, unread=arranged.unread | unread), documents, findings + found


def _document(path: str, content: bytes, cache: Cache | None) -> Document:
    if cache is None:
        return load(path, content)
    key = "document-" + hashlib.sha256(program().encode() + b"\0" + content).hexdigest()
    held = cache.get(key)
    if held is not None:
        return Document.from_cache(path, content, orjson.loads(held))
    document = load(path, content)
    cache.put(key, orjson.dumps(document.data))
    return document
