"""What the text of a pull request is about, as one piece of data. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from mlgitops.promotion.effect import Effect
from mlgitops.promotion.judgement import Judgement
from mlgitops.promotion.request import Request
from mlgitops.promotion.trailers import Trailers


@dataclass(frozen=True)
class Subject:
    """The request, what its merge changes, what gates say, and the commit's trailers.

    ``owner`` answers for the model, and ``dependants`` say in words what relies on it. ``again`` is the command that
    prints all of the text.
    """

    request: Request
    effect: Effect
    judgement: Judgement
    trailers: Trailers
    owner: str = ""
    again: str = "mlgitops promote --dry-run"
    dependants: tuple[str, ...] = ()
