"""The state in a ConfigMap beside the leader's Lease, where the next leader, and whoever asks, finds it.

    state               what the leader knows
    state_REPLICA       the same, where replicas share the targets: of those that are its own
    request_REPLICA_ID  what somebody asked for; REPLICA is empty for the leader
    look_REPLICA        a webhook came to another replica: this one is to look at Git

It is written by whoever it belongs to, and only when something is new: looking once more at a target that is as it was
is not. A replica that takes over a target begins with what the one before knew of it; what a replica knew that is gone
is taken away only long after that, since all who take over have to read it first.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace

from mlgitops.controller import stored
from mlgitops.controller.requests import Request, request_from, request_text
from mlgitops.controller.state import Key, ModelKey, Refusal, State, TargetState
from mlgitops.controller.waves import Wave
from mlgitops.errors import MlgitopsError
from mlgitops.progressive.progress import Progress
from mlgitops.response.cause import Cause
from mlgitops.response.ledger import Known, united
from mlgitops.targets.kubernetes.notes import Notes, Texts

ASKED_SECONDS = 5.0
"""How often it is looked whether anybody asked for something."""
FORGOTTEN_SECONDS = 3600.0
"""How long what a replica knew is kept once another one has seen that it is gone."""
STATE = "state"
_OF_REPLICA = "state_"
_REQUEST = "request_"
_LOOK = "look_"


class MapStore:
    """A ``Store``. ``only_while`` gives a context in which nothing is sent unless this process may write.

    ``me`` is the name of a replica that shares its work with others, and empty for one that does everything;
    ``members`` gives the names of those that are there.
    """

    def __init__(
        self,
        notes: Notes,
        only_while: Callable[[], AbstractContextManager[None]],
        me: str = "",
        members: Callable[[], Collection[str]] = frozenset,
    ) -> None:
        self._notes = notes
        self._only_while = only_while
        self._me = me
        self._members = members
        self._written = b""
        self._gone: dict[str, tuple[str, float]] = {}
        """What replicas left that are gone, and since when that is known here."""
        self._looked: float | None = None
        self._poke: Callable[[], None] = lambda: None

    def listen(self, poke: Callable[[], None]) -> None:
        """``poke`` is called by whoever asks for requests, once a webhook came to another replica."""
        self._poke = poke

    def pass_on(self, replicas: Collection[str]) -> None:
        """Has replicas look at Git, as they next ask for requests; the leader is ``""``. Raises ``MlgitopsError``."""
        told = {f"{_LOOK}{name}": "at once" for name in replicas}

        def added(texts: Texts) -> Texts:
            return {**{name: text for name, text in texts.items() if not name.startswith(_LOOK)}, **told}

        self._notes.change(added)

    def read(self) -> State:
        """See ``Store.read``. What the other replicas know is part of it."""
        texts = self._notes.read()
        states = _states(texts)
        self._written = b""
        left = {name: texts[name] for name in states if self._is_left(name)}
        now, before = time.monotonic(), self._gone
        self._gone = {
            name: before[name] if name in before and before[name][0] == text else (text, now)
            for name, text in left.items()
        }
        return joined(states.values())

    def write(self, state: State) -> None:
        """See ``Store.write``."""
        lasting = stored.lasting(state)
        if lasting == self._written:
            return
        text, oldest = stored.dumps(state).decode(), time.monotonic() - FORGOTTEN_SECONDS
        gone = {name: one for name, (one, since) in self._gone.items() if since <= oldest and self._is_left(name)}

        def written(texts: Texts) -> Texts:
            return {**{name: one for name, one in texts.items() if gone.get(name) != one}, self._key: text}

        with self._only_while():
            self._notes.change(written)
        self._written = lasting

    def requests(self) -> list[Request]:
        """See ``Store.requests``. What is no request is taken away without a word."""
        if self._looked is not None and time.monotonic() < self._looked + ASKED_SECONDS:
            return []
        self._looked = time.monotonic()
        prefix, look = f"{_REQUEST}{self._me}_", f"{_LOOK}{self._me}"
        asked = {name: text for name, text in self._notes.read().items() if name.startswith(prefix) or name == look}
        if not asked:
            return []
        with self._only_while():
            self._notes.change(lambda texts: {name: text for name, text in texts.items() if name not in asked})
        if asked.pop(look, ""):
            self._poke()
        return [request for text in asked.values() if (request := request_from(text.encode())) is not None]

    def ask(self, request: Request) -> None:
        """See ``Store.ask``. Where replicas share the targets, each of them gets it."""
        text, number = request_text(request).decode(), secrets.token_hex(8)

        def added(texts: Texts) -> Texts:
            replicas = {name.removeprefix(_OF_REPLICA) for name in texts if name.startswith(_OF_REPLICA)} or {""}
            return {**texts, **{f"{_REQUEST}{replica}_{number}": text for replica in replicas}}

        self._notes.change(added)

    def _is_left(self, name: str) -> bool:
        """Whether a state is of none of those that are there."""
        return name != self._key and name not in {f"{_OF_REPLICA}{one}" for one in self._members()}

    @property
    def _key(self) -> str:
        return f"{_OF_REPLICA}{self._me}" if self._me else STATE


def state_in(texts: Texts) -> State | None:
    """What all replicas together know; None where nobody wrote anything. Raises ``MlgitopsError``."""
    states = _states(texts)
    return joined(states.values()) if states else None


def joined(states: Iterable[State]) -> State:
    """One state from those of several: of each target, each rollout and each cause what is newest.

    When a state was looked at last does not tell for causes, since it is written only when something is new.
    """
    ordered = sorted(states, key=_last_look)
    latest = max(ordered, key=lambda one: one.committed, default=State())
    targets: dict[Key, TargetState] = {}
    waves: dict[str, Wave] = {}
    progress: dict[ModelKey, Progress] = {}
    responses: dict[Cause, Known] = {}
    for state in ordered:
        newer = {key: one for key, one in state.targets.items() if one.looked >= targets.get(key, one).looked}
        targets, waves = {**targets, **newer}, {**waves, **state.waves}
        progress |= {key: one for key, one in state.progress.items() if _is_newer(one, progress.get(key))}
        responses = united(responses, state.responses)
    refused = next((one for one in ordered if one.refused), State())
    same = [one for one in ordered if one.commit == latest.commit]
    return State(
        latest.commit,
        latest.committed,
        refused.refused,
        targets,
        waves,
        {name: digest for state in ordered for name, digest in state.approved.items()},
        {name: why for state in same for name, why in state.broken.items()},
        _refusal(refused, ordered),
        {name: since for state in same for name, since in state.broken_since.items()},
        progress,
        responses,
    )


def _is_newer(one: Progress, other: Progress | None) -> bool:
    return other is None or max(one.since, one.measured) >= max(other.since, other.measured)


def _refusal(refused: State, states: Iterable[State]) -> Refusal:
    """The refusal of a state, since the first of them all noticed."""
    noticed = (one.refusal.since for one in states if one.refused and one.refusal.since)
    return replace(refused.refusal, since=min(noticed, default=0.0))


def _states(texts: Texts) -> Mapping[str, State]:
    kept = {name: text for name, text in texts.items() if name == STATE or name.startswith(_OF_REPLICA)}
    try:
        return {name: stored.loads(text.encode()) for name, text in kept.items()}
    except ValueError as error:
        raise MlgitopsError(
            f"what the controller remembered cannot be used: {error}",
            help="Delete the ConfigMap mlgitops-controller: a controller looks at everything anew then.",
        ) from error


def _last_look(state: State) -> float:
    return max((one.looked for one in state.targets.values()), default=0.0)
