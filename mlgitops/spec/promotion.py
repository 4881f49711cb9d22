"""What lets a release into an environment: gates, times at which it may come, and who looks at it."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from mlgitops.spec.fields import Block, Cron, Duration, Items, Line, Name, Timestamp

GateExpression = Annotated[
    str,
    StringConstraints(min_length=1, max_length=1000),
    Field(
        description="An expression in CEL, at most 1,000 characters, over release, evidence, candidate, champion, "
        "environment and time. True lets the release pass; what is missing does not: candidate.metrics.auc > 0.9."
    ),
]
Zone = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z][-+A-Za-z0-9_]*(/[A-Za-z][-+A-Za-z0-9_]*){0,2}$", max_length=64),
    Field(description="An IANA time zone, such as Europe/Zurich."),
]


class Gate(Block):
    """A condition that a release must meet: a built-in one (uses) or an expression of one's own. Has a unique name."""

    name: Annotated[Name | None, Field(description="The gate's name; that of the built-in one if left out.")] = None
    uses: Annotated[Line | None, Field(description="The name of a built-in gate, see docs/gates.md.")] = None
    with_: Annotated[
        dict[str, Any], Field(alias="with", description="The built-in gate's parameters, see docs/gates.md.")
    ] = Field(default_factory=dict)
    expression: GateExpression | None = None
    message: Annotated[
        Line | None, Field(description="What to tell when the expression is not true; only beside an expression.")
    ] = None
    level: Annotated[
        Literal["block", "warn"],
        Field(description="block keeps the release out; warn shows the gate and stops nothing."),
    ] = "block"

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.uses is None) == (self.expression is None):
            raise ValueError("a gate has either uses or an expression")
        if self.expression is not None and (self.name is None or self.with_):
            raise ValueError("a gate with an expression has a name, and nothing under with")
        if self.uses is not None and self.message is not None:
            raise ValueError("a gate with uses has a message of its own")
        return self

    @property
    def title(self) -> str:
        """What it is called: its name, else that of the built-in gate."""
        return self.name or self.uses or ""


class Window(Block):
    """A time that comes again, in which releases may come. Without any window they may come at all times."""

    cron: Annotated[Cron, Field(description="When it begins, as a cron expression: 0 9 * * 1-4.")]
    duration: Annotated[Duration, Field(description="How long it lasts, at most 7d: 7h.")]
    timezone: Zone = "UTC"


class Freeze(Block):
    """A time in which no release may come, whatever the windows say: either from and until, or cron and duration."""

    reason: Annotated[Line, Field(description="Why nothing may come; told to whoever tries.")]
    from_: Annotated[Timestamp | None, Field(alias="from", description="When it begins.")] = None
    until: Annotated[Timestamp | None, Field(description="When it is over.")] = None
    cron: Annotated[Cron | None, Field(description="When it begins, where it comes again.")] = None
    duration: Annotated[Duration | None, Field(description="How long it lasts where it comes again, at most 7d.")] = (
        None
    )
    timezone: Zone = "UTC"

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        once, again = (self.from_, self.until), (self.cron, self.duration)
        if not (all(once) and not any(again)) and not (all(again) and not any(once)):
            raise ValueError("a freeze has either from and until, or cron and duration")
        return self


class Promotion(Block):
    """What a release must meet to come to this environment."""

    from_: Annotated[
        Name | None,
        Field(alias="from", description="The environment that releases come from; the one before where left out."),
    ] = None
    gates: Annotated[
        tuple[Gate, ...], Items, Field(max_length=50, description="What a release must meet, in order; all of them.")
    ] = ()
    windows: Annotated[
        tuple[Window, ...], Items, Field(max_length=20, description="When releases may come; always where left out.")
    ] = ()
    freezes: Annotated[
        tuple[Freeze, ...], Items, Field(max_length=100, description="When none may come; wins over every window.")
    ] = ()
    reviewers: Annotated[
        tuple[Line, ...],
        Items,
        Field(max_length=20, description="Who is asked to look at the pull request, by login at the forge."),
    ] = ()
    labels: Annotated[
        tuple[Line, ...], Items, Field(max_length=20, description="Labels that the pull request gets, besides ours.")
    ] = ()
