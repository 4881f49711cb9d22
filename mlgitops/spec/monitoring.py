"""What is watched once a model runs, and the bounds that raise an alert."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from mlgitops.spec.fields import Block, Duration, Items, Number, Percent, Ratio, Text


class Objective(Block):
    """A service level objective. Merged by ``metric``."""

    metric: Annotated[
        Literal["availability", "latency"],
        Field(
            description="availability: the share of requests that do not fail; latency: the share that is answered "
            "within the threshold."
        ),
    ]
    objective: Annotated[Percent, Field(description="The percentage that must hold, such as 99.5.")]
    threshold: Annotated[Duration | None, Field(description="For latency: the time within which to answer.")] = None
    window: Annotated[Duration, Field(description="The time over which the objective holds.")] = "30d"


class Staleness(Block):
    """When a model is too old."""

    max_age: Annotated[Duration, Field(description="The most time since release.trainedAt.")]


class BusinessMetric(Block):
    """What the model is worth: a query whose value must not fall below a floor. Merged by ``name``."""

    name: Annotated[
        str,
        Field(
            pattern=r"^[a-z]([-a-z0-9]*[a-z0-9])?$",
            max_length=63,
            description="The metric's name, part of the alert's: at most 63 of a-z, 0-9 and '-', a letter first.",
        ),
    ]
    query: Annotated[Text, Field(description="A PromQL expression with one value.")]
    floor: Annotated[Number, Field(description="An alert is raised while the value is below this.")]
    over: Annotated[Duration, Field(description="How long it must be below before the alert is raised.")] = "1h"


class Lag(Block):
    """How far mode streaming may fall behind. Read from kafka_consumergroup_lag, which Kafka Exporter exports."""

    max: Annotated[int, Field(ge=1, description="An alert is raised while more events than this were not read.")]
    over: Annotated[Duration, Field(description="How long it must be more before the alert is raised.")] = "15m"


class Drift(Block):
    """When incoming data has moved away from the training data."""

    metric: Annotated[Literal["psi", "ks", "wasserstein"], Field(description="The measure of drift.")] = "psi"
    threshold: Annotated[Ratio, Field(description="The value above which the data has drifted, 0 to 1.")] = 0.2
    schedule: Annotated[Text, Field(description="When the drift job runs, as a cron expression.")] = "0 * * * *"


class Monitoring(Block):
    """Metrics, objectives and alerts. Needs the Prometheus operator in the Target."""

    metrics: Annotated[bool, Field(description="Whether the model's metrics are scraped (PodMonitor).")] = True
    interval: Annotated[Duration, Field(description="How often metrics are scraped.")] = "30s"
    objectives: Annotated[tuple[Objective, ...], Items, Field(description="Service level objectives.")] = ()
    staleness: Staleness | None = None
    business: Annotated[tuple[BusinessMetric, ...], Items, Field(description="Business metrics with floors.")] = ()
    lag: Annotated[Lag | None, Field(description="The lag of mode streaming that raises an alert.")] = None
    drift: Annotated[Drift | None, Field(description="Watches for drift of data. Not supported yet.")] = None
    payload_sink: Annotated[
        dict[str, Any] | None, Field(description="Where payload logs are kept. Not supported yet.")
    ] = None
