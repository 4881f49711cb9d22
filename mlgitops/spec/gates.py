"""The built-in gates by name, and the parameters that each takes under ``with``. Pure.

What they do is in ``promotion.gates``.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from mlgitops.spec.fields import Block, Duration, Items, Line, Number, Quantity, Ratio

GATE_VARIABLES = ("release", "evidence", "candidate", "champion", "environment", "time")
"""What an expression of a gate is over."""

Bound = Annotated[Number, Field(allow_inf_nan=False)]
Requests = Annotated[int, Field(ge=1, le=10**9, description="Requests that it was measured on, at least.")]


class Nothing(Block):
    """No parameters."""


class Provenance(Block):
    """Which parts of the lineage must be known."""

    fields: Annotated[
        tuple[Literal["artifactDigest", "trainingRun", "sourceCommit", "dataDigest", "trainedAt"], ...],
        Items,
        Field(min_length=1, description="What must be known; all of it where left out."),
    ] = ("artifactDigest", "trainingRun", "sourceCommit", "dataDigest", "trainedAt")


_BEGIN, _END = "-----BEGIN PUBLIC KEY-----", "-----END PUBLIC KEY-----"


def _whole(key: str) -> str:
    """A public key of which no line is missing: it is as long as its first bytes say (X.690, 8.1.3)."""
    body = key.partition(_BEGIN)[2].partition(_END)[0]
    try:
        data = base64.b64decode("".join(body.split()), validate=True)
    except ValueError:
        data = b""
    more = data[1] & 0x7F if len(data) > 1 and data[1] & 0x80 else 0
    said = int.from_bytes(data[2 : 2 + more] if more else data[1:2])
    if not key.rstrip().endswith(_END) or data[:1] != b"\x30" or len(data) != 2 + more + said:
        raise ValueError("it is no whole public key; copy all lines, from BEGIN to END")
    return key


class Keys(Block):
    """Who may have signed the artifact's files."""

    keys: Annotated[
        tuple[Annotated[str, StringConstraints(pattern=rf"^{_BEGIN}\n", max_length=2000), AfterValidator(_whole)], ...],
        Items,
        Field(min_length=1, max_length=20, description="Public keys in PEM: elliptic curves P-256, P-384 or P-521."),
    ]


class Age(Block):
    """How old something may be."""

    max_age: Annotated[Duration, Field(description="The oldest that it may be: 30d.")]


class Floor(Block):
    """The metric, and how good it must be."""

    metric: Annotated[Line, Field(description="The metric's name in the evidence.")]
    min: Annotated[Bound | None, Field(description="The least that it may be.")] = None
    max: Annotated[Bound | None, Field(description="The most that it may be, for errors and losses.")] = None

    @model_validator(mode="after")
    def _has_a_bound(self) -> Self:
        if self.min is None and self.max is None:
            raise ValueError("it has neither min nor max")
        return self


class Margin(Block):
    """The metric, and how much worse than that of what runs it may be."""

    metric: Annotated[Line, Field(description="The metric's name in the evidence of both.")]
    by: Annotated[Bound, Field(ge=0, description="How much worse it may be, in the metric's own unit.")] = 0.0
    percent: Annotated[Bound | None, Field(ge=0, le=100, description="The same in percent of what runs.")] = None


class Fairness(Block):
    """How far a metric may differ between groups, besides the model's own governance.fairness."""

    max_gap: Annotated[Bound | None, Field(ge=0, description="The most for every gap in the evidence.")] = None


class Slowest(Block):
    """How long answers may take."""

    max: Annotated[Duration, Field(description="The longest: 250ms.")]
    requests: Requests = 100


class Errors(Block):
    """How many requests may fail."""

    max: Annotated[Ratio, Field(description="The largest share of requests without a right answer: 0.001.")]
    requests: Requests = 100


class Methods(Block):
    """Which ways of explaining count."""

    methods: Annotated[tuple[Line, ...], Items, Field(description="The methods that count; all where left out.")] = ()


class Licences(Block):
    """Which licences a model may have."""

    allowed: Annotated[
        tuple[Line, ...], Items, Field(description="SPDX identifiers that may be; any where left out.")
    ] = ()


class Limits(Block):
    """What the environment may ask of each target."""

    max: Annotated[
        dict[Line, Quantity],
        Field(min_length=1, description="The most of each resource at a target, all models at their most replicas."),
    ]


class Soak(Block):
    """How long a release must have run where it comes from."""

    hours: Annotated[float, Field(strict=False, gt=0, le=8760, description="Hours that it must have run.")]
    observed: Annotated[
        bool,
        Field(description="Whether the evidence must say that it was ready all that time; else only Git is asked."),
    ] = True


GATES: Mapping[str, type[Block]] = {
    "digest-pinned": Nothing,
    "signed": Keys,
    "provenance-complete": Provenance,
    "metric-floor": Floor,
    "not-worse-than-champion": Margin,
    "latency-p95": Slowest,
    "latency-p99": Slowest,
    "error-rate": Errors,
    "fairness": Fairness,
    "explainability": Methods,
    "model-card": Nothing,
    "licence": Licences,
    "tests-passed": Nothing,
    "no-drift": Age,
    "data-fresh": Age,
    "model-fresh": Age,
    "soaked": Soak,
    "signature-compatible": Nothing,
    "capacity": Limits,
    "change-window": Nothing,
    "freeze": Nothing,
}
"""The parameters of every built-in gate by its name."""
