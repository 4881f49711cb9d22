"""A search of parameters with which a training does best, run by Katib: many trials of one training."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StringConstraints

from mlgitops.spec.fields import Block, Items, Line, Name, Number


def _number_as_text(value: object) -> object:
    """Numbers may be written as such; booleans may not."""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


Decimal = Annotated[
    str,
    BeforeValidator(_number_as_text, json_schema_input_type=str | int | float),
    StringConstraints(pattern=r"^[-+]?[0-9]{1,18}(\.[0-9]{1,18})?([eE][-+]?[0-9]{1,3})?$"),
    Field(description="A number: 3, 0.01, -1.5, 1e-4."),
]
Choice = Annotated[
    str,
    BeforeValidator(_number_as_text, json_schema_input_type=str | int | float),
    StringConstraints(pattern=r"^[^\"'\\\x00-\x1f]+$", max_length=253),
    Field(description="A value: a text or a number, without quotation marks, backslashes or line breaks."),
]
Metric = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9_][-A-Za-z0-9_./|]*$", max_length=128),
    Field(description="A metric's name: letters, digits and -_./| within."),
]


class Objective(Block):
    """What is searched for."""

    metric: Annotated[Metric, Field(description="The metric that counts, as the training prints it.")]
    goal: Annotated[Literal["maximise", "minimise"], Field(description="Whether more or less of it is better.")]
    target: Annotated[
        Number | None, Field(description="The search ends once a trial reaches it; after all trials when left out.")
    ] = None
    additional_metrics: Annotated[
        tuple[Metric, ...], Items, Field(description="Other metrics that are recorded of each trial.")
    ] = ()


class Algorithm(Block):
    """How the next values are chosen."""

    name: Annotated[
        Literal["random", "grid", "tpe", "multivariate-tpe", "bayesianoptimization", "hyperband", "cmaes", "sobol"],
        Field(description="The algorithm, as Katib names it."),
    ] = "random"
    settings: Annotated[
        dict[str, Choice], Field(description="The algorithm's settings, such as random_state: 10, as Katib names them.")
    ] = Field(default_factory=dict)


class SearchParameter(Block):
    """A value that differs from trial to trial. Merged by ``name``."""

    name: Annotated[Name, Field(description="The name, used in the training as ``{{tuning.NAME}}``.")]
    type: Annotated[
        Literal["double", "int", "categorical", "discrete"],
        Field(description="double and int have min and max; categorical (texts) and discrete (numbers) have a list."),
    ]
    min: Annotated[Decimal | None, Field(description="The least value.")] = None
    max: Annotated[Decimal | None, Field(description="The greatest value.")] = None
    step: Annotated[Decimal | None, Field(description="Between two values; grid needs it for double.")] = None
    list: Annotated[tuple[Choice, ...], Items, Field(description="The values, for categorical and discrete.")] = ()
    distribution: Annotated[
        Literal["uniform", "logUniform", "normal", "logNormal"],
        Field(description="How values between min and max are drawn. Other than uniform needs Katib 0.18."),
    ] = "uniform"


class Trials(Block):
    """How many trials there are. Only these numbers can change while a search runs."""

    max: Annotated[int, Field(ge=1, le=10000, description="The most trials, 1 to 10000.")] = 12
    parallel: Annotated[int, Field(ge=1, le=1000, description="How many run at once, 1 to 1000.")] = 3
    failed: Annotated[int, Field(ge=0, le=10000, description="The search fails after so many failed trials.")] = 3


class EarlyStopping(Block):
    """Trials that do worse than half of the others are stopped before their end."""

    algorithm: Annotated[Literal["medianstop"], Field(description="The algorithm, as Katib names it.")] = "medianstop"
    settings: Annotated[
        dict[Literal["min_trials_required", "start_step"], Choice],
        Field(description="After how many trials and how many reports of a trial it begins."),
    ] = Field(default_factory=dict)


class MetricsCollector(Block):
    """Where Katib reads the metrics of a trial from."""

    collector: Annotated[
        Literal["StdOut", "File", "TensorFlowEvent", "Push"],
        Field(
            description="StdOut: lines with NAME=VALUE that the training prints. File: the same in a file. "
            "TensorFlowEvent: a directory of TensorFlow's. Push: the training reports itself (Katib 0.18)."
        ),
    ] = "StdOut"
    path: Annotated[
        str | None,
        Field(pattern=r"^/[^\x00-\x1f]*$", description="The file or directory, absolute; for File, TensorFlowEvent."),
    ] = None
    format: Annotated[Literal["TEXT", "JSON"], Field(description="How a File is written.")] = "TEXT"
    filters: Annotated[
        tuple[Line, ...],
        Items,
        Field(
            description="Regular expressions with two groups, name and value, where NAME=VALUE is not what is written."
        ),
    ] = ()


class Tuning(Block):
    """A search of parameters, as a Katib Experiment: the pipeline's training is run many times with other values.

    In the training, ``{{tuning.NAME}}`` is the value of a trial; so is ``{{parameters.NAME}}`` of that name.
    """

    objective: Objective
    algorithm: Algorithm = Algorithm()
    parameters: Annotated[
        tuple[SearchParameter, ...], Items, Field(min_length=1, description="What is searched, at least one.")
    ]
    trials: Trials = Trials()
    early_stopping: EarlyStopping | None = None
    metrics: MetricsCollector = MetricsCollector()
    resume: Annotated[
        Literal["Never", "LongRunning", "FromVolume"],
        Field(
            description="Whether more trials can be added once the search is done. LongRunning keeps the algorithm "
            "running for it, FromVolume keeps what it knows on a volume."
        ),
    ] = "Never"
