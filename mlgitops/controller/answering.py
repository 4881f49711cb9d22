"""Does what is to be done about a cause: opens pull requests, writes Events, sends notifications. Never raises."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import orjson

from mlgitops.controller.goals import Goal
from mlgitops.errors import (
    ForgeError,
    InferenceError,
    MlgitopsError,
    NotAuthorisedError,
    SourceError,
    TargetError,
    ToolError,
)
from mlgitops.response import errands as errand_kinds
from mlgitops.response.errands import Errand, Outcome, Result
from mlgitops.response.event import event, subject
from mlgitops.response.ledger import MERGED, Known, answered
from mlgitops.response.notices import identifier, notice
from mlgitops.response.policy import notification, wanted
from mlgitops.targets import is_rendered
from mlgitops.targets.kept import KeptConnections
from mlgitops.workflows.project import Opened
from mlgitops.workflows.sites import reason

_PASSING = (ForgeError, InferenceError, NotAuthorisedError, SourceError, TargetError, ToolError)
"""What may be over when it is tried again."""
_LARGEST = 4096
"""Bytes of a file with an address or a key."""


@dataclass(frozen=True, slots=True)
class Answering:
    """What is taken for it: the clusters, the project at a commit, the time, the folder of addresses, the variables."""

    connections: KeptConnections
    opened: Callable[[str], Opened]
    now: Callable[[], float]
    addresses: Path | None
    variables: Mapping[str, str]

    def answer(self, known: Known, errands: tuple[Errand, ...], goals: tuple[Goal, ...]) -> tuple[Outcome, ...]:
        """Runs errands about a cause, in their order, with the goals of the targets that it is about (at least one)."""
        outcomes: list[Outcome] = []
        for errand in errands:
            outcomes.append(self._tried(known, errand, goals))
            known = answered(known, outcomes[-1:], self.now())
        return tuple(outcomes)

    def _tried(self, known: Known, errand: Errand, goals: tuple[Goal, ...]) -> Outcome:
        try:
            if errand.kind is errand_kinds.Kind.PULL:
                return self._pull(known, errand, goals[0].rendering.commit)
            if errand.kind is errand_kinds.Kind.EVENT:
                return self._event(known, errand, goals)
            return self._notice(known, errand, goals[0])
        except MlgitopsError as error:
            lost = isinstance(error, _PASSING)
            return Outcome(errand, Result.LATER if lost else Result.GIVEN_UP, reason(error))
        except Exception as error:  # a fault of ours is tried again, as often as any other
            return Outcome(errand, Result.LATER, f"internal error: {type(error).__name__}")

    def _pull(self, known: Known, errand: Errand, commit: str) -> Outcome:
        """From the commit that is followed alone: whoever signs nothing has no say in what is proposed either."""
        from mlgitops.workflows.promotion.base import open_base
        from mlgitops.workflows.promotion.respond import respond

        base = open_base(self.opened(commit))
        if base.commit != commit:
            told = f"{base.branch} is at {base.commit[:12]}, but {commit[:12]} is followed"
            return Outcome(errand, Result.LATER, told)
        made = respond(base, known, _time(self.now()))
        if made is None:
            return Outcome(errand, Result.DONE, done=MERGED)
        return Outcome(errand, Result.DONE, url=made.pull_request.url or made.pull_request.branch, done=made.done)

    def _event(self, known: Known, errand: Errand, goals: tuple[Goal, ...]) -> Outcome:
        """At each target that is a cluster, on what serves the model there, whether or not another one fails."""
        failed: list[MlgitopsError] = []
        for goal in goals:
            try:
                self._tell(known, goal, ended=errand.ended)
            except MlgitopsError as error:
                failed.append(error)
        if failed:
            raise failed[0]
        return Outcome(errand, Result.DONE)

    def _tell(self, known: Known, goal: Goal, *, ended: bool) -> None:
        from mlgitops.targets.kubernetes.cause_events import tell

        about = subject(goal.target.manifests, known.cause.model)
        if about is not None and not is_rendered(goal.target.connection):
            action = wanted(goal.policy.reconcile, known.cause).action
            made = event(known, about, action, self.now(), ended=ended)
            tell(self.connections.client(goal.target.connection), made)

    def _notice(self, known: Known, errand: Errand, goal: Goal) -> Outcome:
        from mlgitops.forges.posting import post

        said = notification(goal.policy.reconcile, errand.name)
        if said is None:
            return Outcome(errand, Result.GIVEN_UP, f"there is no notification {errand.name} any more")
        if self.addresses is None:
            return Outcome(errand, Result.GIVEN_UP, "the controller was started without --notification-urls")
        action = wanted(goal.policy.reconcile, known.cause).action
        body = orjson.dumps(notice(said.format, known, action, ended=errand.ended))
        key = _read(self.addresses / f"{said.url_from}.key") if said.format == "webhook" else b""
        url = _read(self.addresses / said.url_from)
        if not url:
            raise ForgeError(
                f"there is no address in the file {said.url_from} of --notification-urls",
                help="Write the channel's https address into it.",
            )
        post(
            url.decode("utf-8", "replace"),
            body,
            self.variables,
            identifier=identifier(known, ended=errand.ended),
            key=key,
        )
        return Outcome(errand, Result.DONE)


def _read(path: Path) -> bytes:
    """What is in a small file, without the line end; nothing where there is none."""
    try:
        with path.open("rb") as file:
            return file.read(_LARGEST).strip()
    except OSError:
        return b""


def _time(now: float) -> str:
    return datetime.fromtimestamp(now, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
