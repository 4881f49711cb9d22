"""How the controller brings an environment's targets to what Git says: whether, when, in which order, how patiently."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from mlgitops.spec.fields import Block, Duration, Items, Line, Name
from mlgitops.spec.promotion import Freeze, Window

Share = Annotated[
    str,
    StringConstraints(pattern=r"^([1-9][0-9]?|100)%$"),
    Field(description="A share of the environment's targets, 1% to 100%, rounded down, but never to none."),
]


class Fights(Block):
    """When the controller stops repairing what somebody else keeps changing."""

    repairs: Annotated[
        int, Field(ge=1, le=100, description="After so many repairs of the same field it is left alone, 1 to 100.")
    ] = 3
    within: Annotated[Duration, Field(description="Within this time.")] = "10m"


class Waves(Block):
    """In which order the environment's targets get a change, and what has to hold before the next ones do."""

    canary: Annotated[
        tuple[Name, ...],
        Items,
        Field(max_length=100, description="The targets that get a change first; the others come once these are well."),
    ] = ()
    max_unavailable: Annotated[
        Annotated[int, Field(ge=1, le=1000)] | Share,
        Field(
            description="At how many targets a change may be under way at once, as a number or a percentage. A change "
            "is under way until all that it wrote has been ready for as long as soak says."
        ),
    ] = 1
    soak: Annotated[
        Duration | None, Field(description="For how long a target must be ready before the next one gets the change.")
    ] = None


Seen = Literal["drift", "stale", "sloBurn", "business", "errors", "rolloutAborted", "rolloutCompleted"]
"""What is seen of a release that runs."""
Signals = Annotated[
    tuple[Seen, ...],
    Items,
    Field(
        min_length=1,
        max_length=7,
        description="What is seen: drift, stale, sloBurn, business and errors by the alerts of monitoring, "
        "rolloutAborted and rolloutCompleted of a rollout by steps.",
    ),
]


class Response(Block):
    """What is proposed when something is seen. Of several that are about the same, the first one counts."""

    when: Signals
    models: Annotated[
        Annotated[tuple[Name, ...], Items] | None,
        Field(min_length=1, max_length=1000, description="The models that it is for; all where left out."),
    ] = None
    open: Annotated[
        Literal["rollback", "retrain", "deprecate", "complete", "none"],
        Field(
            description="The pull request that is opened, once for the same release. rollback: the release before. "
            "deprecate: the model's end is announced. complete: the rollout ends with the new release alone. none: "
            "nothing."
        ),
    ]


class Notification(Block):
    """Whom to tell when something is seen, once when it begins and once when it is over."""

    name: Annotated[Name, Field(description="Its name.")]
    format: Annotated[
        Literal["webhook", "slack", "teams"],
        Field(description="webhook: plain JSON, signed where there is a key. slack, teams: as their webhooks take it."),
    ] = "webhook"
    when: Signals
    url_from: Annotated[
        str,
        StringConstraints(pattern=r"^[A-Za-z0-9][-A-Za-z0-9_.]*$", max_length=63),
        Field(
            description="The file with the address in the directory that the controller is given by "
            "--notification-urls. The address itself lets whoever has it write, and is never in Git."
        ),
    ]


class Reconcile(Block):
    """What the controller does with this environment. ``mlgitops apply`` and the other verbs do not look at it."""

    mode: Annotated[
        Literal["auto", "report", "manual"],
        Field(
            description="auto applies what Git says and repairs what drifted. report writes nothing and tells what it "
            "would do. manual does as auto, but for each commit only once a person approves of it."
        ),
    ] = "auto"
    suspend: Annotated[
        Line | None, Field(description="Why nothing is to be done here for now; while it is there, nothing is.")
    ] = None
    resync: Annotated[
        Duration, Field(description="How often each target is compared with Git although Git did not change.")
    ] = "5m"
    timeout: Annotated[Duration, Field(description="For how long to wait until what was written is ready.")] = "10m"
    deadline: Annotated[
        Duration, Field(description="The longest that one attempt at one target may take, waiting included.")
    ] = "15m"
    windows: Annotated[
        tuple[Window, ...],
        Items,
        Field(max_length=20, description="When targets may be written to; always where left out."),
    ] = ()
    freezes: Annotated[
        tuple[Freeze, ...],
        Items,
        Field(max_length=100, description="When they may not be written to; wins over every window."),
    ] = ()
    fights: Fights = Fights()
    waves: Annotated[Waves | None, Field(description="The order of the targets; all at once where it is left out.")] = (
        None
    )
    responses: Annotated[
        tuple[Response, ...],
        Items,
        Field(max_length=50, description="What the controller proposes when something is seen of what runs."),
    ] = ()
    notifications: Annotated[
        tuple[Notification, ...],
        Items,
        Field(max_length=20, description="Whom the controller tells."),
    ] = ()
