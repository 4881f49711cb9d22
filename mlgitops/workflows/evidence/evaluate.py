"""Asks a served model a golden set of questions, and writes down how it did."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from mlgitops.errors import InferenceError, MlgitopsError, NotAuthorisedError
from mlgitops.promotion import golden
from mlgitops.promotion.golden import Golden, Tolerance, disagreement
from mlgitops.promotion.responses import Measured, Response
from mlgitops.workflows.evidence.subject import Written, subject, write
from mlgitops.workflows.project import Opened


@dataclass(frozen=True)
class Asked:
    """How the model is asked.

    ``name`` is the model's at the server. ``requests`` are sent in all, ``concurrency`` at a time, after ``warmup``
    that are not counted; none is begun after ``seconds``. ``timeout`` is one request's, in seconds. ``token_from`` is
    the environment variable that holds a token, empty for none. ``host`` is the Host header where it is not the
    address's.
    """

    url: str
    name: str
    golden: Path
    tolerance: Tolerance
    requests: int
    concurrency: int
    warmup: int
    seconds: float
    timeout: float
    token_from: str = ""
    host: str = ""


@dataclass(frozen=True)
class Evaluated:
    """What was measured, and the evidence that was written."""

    measured: Measured
    written: Written


def evaluate(opened: Opened, model: str, environment: str, asked: Asked, now: str, *, dry_run: bool) -> Evaluated:
    """Measures, then writes the evidence of the release that the environment has, unless it is a dry run.

    Raises ``InferenceError`` where nothing is answered; nothing is written then. ``MlgitopsError`` for a golden set
    that cannot be used, ``SourceError`` and ``NotAuthorisedError``.
    """
    about = subject(opened, model, environment)
    questions, digest = _golden(asked.golden)
    measured = _measure(asked, questions)
    try:
        fields = dict(measured.fields())
    except ValueError as error:
        raise InferenceError(str(error), help=f"Check the address and the name '{asked.name}'.") from error
    source = {"uri": asked.url, "file": asked.golden.name, "digest": digest}
    written = write(opened, about, {**fields, "source": [source]}, now, dry_run=dry_run)
    return Evaluated(measured, written)


def _golden(path: Path) -> tuple[Golden, str]:
    from mlgitops.sources.given import read_given
    from mlgitops.spec.document import content_digest

    (given,) = read_given([path])
    try:
        return golden.read(given.content), content_digest(given.content)
    except ValueError as error:
        raise MlgitopsError(
            f"{given.name} is no golden set: {error}", help="See docs/gates.md for its form."
        ) from error


def _measure(asked: Asked, questions: Golden) -> Measured:
    from mlgitops.inference.client import Client
    from mlgitops.inference.load import repeat

    client = Client(asked.url.rstrip("/"), asked.name, questions.protocol, asked.timeout, _token(asked), asked.host)
    client = client.open(os.environ, asked.concurrency)

    def ask(index: int) -> Response:
        item = questions.items[index]
        answer = client.ask(item.body)
        problem = answer.problem or disagreement(item, questions.protocol, answer.data, asked.tolerance)
        return Response(item.line, answer.seconds, not answer.problem, problem)

    items = len(questions.items)
    if asked.warmup:
        repeat(ask, min(items, asked.warmup), asked.warmup, asked.concurrency, asked.seconds)
    responses, seconds = repeat(ask, items, max(asked.requests, items), asked.concurrency, asked.seconds)
    return Measured(tuple(responses), seconds, asked.concurrency)


def _token(asked: Asked) -> str:
    if not asked.token_from:
        return ""
    token = os.environ.get(asked.token_from, "").strip()
    if not token or not (token.isascii() and token.isprintable()):
        raise NotAuthorisedError(
            f"the environment variable {asked.token_from} holds no token",
            help="Set it, or name another with --token-from.",
        )
    return token
