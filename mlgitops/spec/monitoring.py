"""What is watched once a model runs, and the bounds that raise an alert."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from mlgitops.spec.build import FolderPath, GitAddress
from mlgitops.spec.fields import (
    Block,
    Cron,
    Duration,
    Image,
    Items,
    Line,
    Name,
    Number,
    Percent,
    Ratio,
    StorageUri,
    Text,
    Uri,
)
from mlgitops.spec.outcome import Author
from mlgitops.spec.serving import Resources


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


class ErrorBurst(Block):
    """Many requests that fail within minutes, sooner than an objective's budget tells."""

    share: Annotated[
        Percent,
        Field(gt=0, lt=100, description="An alert is raised while more than this percentage of requests fails."),
    ] = 5
    over: Annotated[Duration, Field(description="The time over which requests are counted.")] = "5m"
    requests: Annotated[
        int, Field(ge=1, description="The least requests in that time for the share to mean anything.")
    ] = 20


class MissingTraffic(Block):
    """A model that nobody asks any more, or whose requests are not counted any more."""

    after: Annotated[Duration, Field(description="An alert is raised when no request came for as long as this.")] = (
        "30m"
    )


class Lag(Block):
    """How far mode streaming may fall behind. Read from kafka_consumergroup_lag, which Kafka Exporter exports."""

    max: Annotated[int, Field(ge=1, description="An alert is raised while more events than this were not read.")]
    over: Annotated[Duration, Field(description="How long it must be more before the alert is raised.")] = "15m"


class PayloadFeature(Block):
    """What a request has to say of one feature. Merged by ``name``."""

    name: Annotated[Line, Field(description="The feature's name; of a single matrix the columns are named in order.")]
    type: Annotated[Literal["number", "text"], Field(description="What its values are.")] = "number"
    required: Annotated[bool, Field(description="Whether each row has to have a value.")] = True
    min: Annotated[Number | None, Field(allow_inf_nan=False, description="The least that a number may be.")] = None
    max: Annotated[Number | None, Field(allow_inf_nan=False, description="The most that a number may be.")] = None
    values: Annotated[
        tuple[Line, ...], Items, Field(description="The texts that may be; any where it is left out.")
    ] = ()


class Upkeep(Block):
    """How logged requests are kept: for how long, and by which schema. A job in the cluster sees to it on a schedule.

    It deletes files in which every event is a logged request or response of this model, and nothing else.
    """

    retention: Annotated[
        Duration | None, Field(description="The age from which files are deleted; never where it is left out.")
    ] = None
    features: Annotated[
        tuple[PayloadFeature, ...],
        Items,
        Field(description="The schema of a request. Rows that do not fit are counted, and raise an alert."),
    ] = ()
    schedule: Annotated[Cron, Field(description="When the job runs.")] = "@daily"
    timezone: Annotated[Line, Field(description="The IANA time zone of the schedule, such as Europe/Zurich.")] = "UTC"
    image: Annotated[
        Image, Field(description="The job's image: Python with mlgitops[jobs], and fsspec's package for the storage.")
    ]
    identity: Annotated[
        Name | None,
        Field(description="The Target's identity that may read and delete; that of serving where it is left out."),
    ] = None
    resources: Annotated[Resources, Field(description="What the job asks for.")] = Resources.model_validate(
        {"cpu": "500m", "memory": "1Gi"}
    )


class PayloadSink(Block):
    """Where requests are logged: KServe sends them as CloudEvents to a collector, which keeps them as files."""

    url: Annotated[Uri, Field(description="The collector that takes CloudEvents over HTTP.")]
    location: Annotated[
        StorageUri,
        Field(
            description="The folder or bucket in which the collector keeps them, as JSON; what the drift job reads. "
            "store://NAME/… is looked up in the Target's storage."
        ),
    ]
    mode: Annotated[
        Literal["all", "request", "response"], Field(description="What is logged; drift needs the requests.")
    ] = "request"
    upkeep: Annotated[Upkeep | None, Field(description="For how long requests are kept, and by which schema.")] = None


class Login(Block):
    """A key of a Secret in the namespace, with a line https://USER:TOKEN@HOST."""

    secret: Annotated[Name, Field(description="The Secret's name.")]
    key: Annotated[Line, Field(description="The key within the Secret.")]


class DriftEvidence(Block):
    """Has the job open a pull request with what it saw, as evidence of the release, and keep it up to date."""

    image: Annotated[Image, Field(description="The image of mlgitops, with Git.")]
    repository: GitAddress
    path: Annotated[
        FolderPath | None,
        Field(description="The project's folder in the repository, where it is not the root."),
    ] = None
    credentials: Annotated[
        Login, Field(description="By what Git and the forge let it in; what the token needs is in docs/forges.md.")
    ]
    author: Author = Author()


class Drift(Block):
    """When requests have moved away from release.reference, the data that the release was trained on.

    A job in the cluster compares them on a schedule. A feature has drifted where the difference is both no chance and
    large (docs/monitoring.md).
    """

    metric: Annotated[
        Literal["psi", "ks", "wasserstein"],
        Field(
            description="How far apart a feature is: psi (population stability index), ks (the largest difference of "
            "the distributions) or wasserstein (how far values moved, in the reference's standard deviations)."
        ),
    ] = "psi"
    threshold: Annotated[
        Number, Field(ge=0, allow_inf_nan=False, description="The value above which a feature has drifted.")
    ] = 0.2
    significance: Annotated[
        Ratio, Field(gt=0, lt=1, description="The largest chance that a run calls something drift that is none.")
    ] = 0.01
    window: Annotated[
        Duration,
        Field(description="How far back requests are compared. Without a run for as long, an alert is raised."),
    ] = "1d"
    schedule: Annotated[Cron, Field(description="When the job runs.")] = "@hourly"
    timezone: Annotated[Line, Field(description="The IANA time zone of the schedule, such as Europe/Zurich.")] = "UTC"
    image: Annotated[
        Image, Field(description="The job's image: Python with mlgitops[jobs], and fsspec's package for the storage.")
    ]
    identity: Annotated[
        Name | None,
        Field(description="The Target's identity that may read both; that of serving where it is left out."),
    ] = None
    evidence: Annotated[
        DriftEvidence | None,
        Field(description="How what was seen comes into Git; by hand (mlgitops evidence add) where it is left out."),
    ] = None
    resources: Annotated[Resources, Field(description="What the job asks for.")] = Resources.model_validate(
        {"cpu": "500m", "memory": "1Gi"}
    )


class Monitoring(Block):
    """Metrics, objectives and alerts. Needs the Prometheus operator in the Target."""

    metrics: Annotated[bool, Field(description="Whether the model's metrics are scraped (PodMonitor).")] = True
    interval: Annotated[Duration, Field(description="How often metrics are scraped.")] = "30s"
    objectives: Annotated[tuple[Objective, ...], Items, Field(description="Service level objectives.")] = ()
    staleness: Staleness | None = None
    business: Annotated[tuple[BusinessMetric, ...], Items, Field(description="Business metrics with floors.")] = ()
    error_burst: Annotated[
        ErrorBurst | None, Field(description="The share of failing requests that raises an alert.")
    ] = None
    missing_traffic: Annotated[
        MissingTraffic | None, Field(description="After how long without a request an alert is raised.")
    ] = None
    lag: Annotated[Lag | None, Field(description="The lag of mode streaming that raises an alert.")] = None
    dashboard: Annotated[
        bool,
        Field(description="Whether a Grafana dashboard of the model is rendered: a ConfigMap for Grafana's side car."),
    ] = False
    drift: Annotated[Drift | None, Field(description="Watches for drift of the data.")] = None
    payload_sink: Annotated[PayloadSink | None, Field(description="Where requests are logged.")] = None
