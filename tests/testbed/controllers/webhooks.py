"""Registers a controller's own admission webhooks where the API server reaches them: on a loopback port."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.testbed.api import Object
from tests.testbed.certificates import Authority

KINDS = ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration")
HOST = "127.0.0.1"


def write_certificate(authority: Authority, directory: Path) -> None:
    """The files that controller-runtime serves its webhooks with, where it looks for them below a TMPDIR."""
    folder = directory / "k8s-webhook-server" / "serving-certs"
    folder.mkdir(parents=True)
    issued = authority.issue("webhooks", hosts=[HOST])
    (folder / "tls.crt").write_text(issued.certificate)
    (folder / "tls.key").write_text(issued.key)


def registered(documents: Iterable[Object], authority: Authority, port: int) -> Iterator[Object]:
    """The webhook configurations among a project's own manifests, calling that port in place of a Service."""
    bundle = base64.b64encode(authority.certificate.encode()).decode()
    for document in documents:
        if document["kind"] in KINDS:
            yield {**document, "webhooks": [_moved(hook, bundle, port) for hook in document["webhooks"]]}


def _moved(hook: Object, bundle: str, port: int) -> Object:
    path = hook["clientConfig"]["service"]["path"]
    return {**hook, "clientConfig": {"url": f"https://{HOST}:{port}{path}", "caBundle": bundle}}
