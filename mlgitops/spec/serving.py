"""How a model is served: mode, runtime, resources, scaling, and the parts around the predictor."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from mlgitops.spec.fields import (
    Block,
    Cron,
    Duration,
    EnvironmentVariableName,
    Image,
    Items,
    Line,
    Name,
    Quantity,
    SecretKey,
    StorageUri,
    Uri,
)
from mlgitops.spec.inference_graph import GraphNode, RouterResources
from mlgitops.spec.llm import Llm
from mlgitops.spec.streaming import Streaming

Mode = Literal["realtime", "batch", "streaming", "edge", "llm"]
ONLINE = ("realtime", "edge")
"""The modes in which an InferenceService answers requests."""
Format = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", max_length=63),
    Field(description="The model format as KServe's runtimes name it: sklearn, xgboost, pytorch, onnx, huggingface…"),
]


class Variable(Block):
    """An environment variable of a container: a plain value, or a reference to a Secret. Never a literal secret."""

    name: Annotated[
        EnvironmentVariableName,
        Field(description="The variable's name: letters, digits and '_', at most 128 characters."),
    ]
    value: Annotated[str | None, Field(description="A plain value.")] = None
    from_secret: Annotated[SecretKey | None, Field(description="A reference to a Secret's key.")] = None


class AcceleratorRequest(Block):
    """Accelerators by class; the Target says which resource and which nodes that means there."""

    class_: Annotated[Name, Field(alias="class", description="The accelerator class, such as a10g.")]
    count: Annotated[int, Field(ge=1, le=64, description="How many for each replica, 1 to 64.")] = 1


class Resources(Block):
    """What one replica asks for. Requests equal limits, except for cpu, which may burst to cpuLimit."""

    cpu: Annotated[Quantity, Field(description="Cores that are reserved: 500m, 2.")] = "1"
    cpu_limit: Annotated[Quantity | None, Field(description="Cores that may be used; equal to cpu when left out.")] = (
        None
    )
    memory: Annotated[Quantity, Field(description="Memory in bytes: 512Mi, 4Gi.")] = "2Gi"
    accelerator: AcceleratorRequest | None = None
    spot: Annotated[
        bool,
        Field(
            description="Whether it runs on nodes that the cloud sells cheaper and takes back at short notice (spot, "
            "preemptible); the Target says which these are where its cloud does not."
        ),
    ] = False


class Scaling(Block):
    """How many replicas run, and what drives their number."""

    min: Annotated[
        int,
        Field(
            ge=0,
            le=1000,
            description="The fewest replicas, 0 to 1000. Zero needs a Target in Knative mode, or mode streaming.",
        ),
    ] = 1
    max: Annotated[int, Field(ge=1, le=1000, description="The most replicas, 1 to 1000.")] = 1
    metric: Annotated[
        Literal["cpu", "memory", "concurrency", "rps"],
        Field(
            description="What is held at the target: cpu or memory (percent of the request; Standard mode), "
            "concurrency (requests at once in a replica) or rps (requests a second in a replica; both Knative mode). "
            "Mode streaming scales by the lag, whatever this says."
        ),
    ] = "cpu"
    target: Annotated[
        int,
        Field(
            ge=1,
            le=100000,
            description="The value of the metric at which another replica is added: a percentage (1 to 100) for cpu "
            "and memory, a number for a replica for concurrency and rps.",
        ),
    ] = 80


class Container(Block):
    """A container of the user's own."""

    image: Image
    command: Annotated[tuple[str, ...], Items, Field(description="Replaces the image's entry point.")] = ()
    args: Annotated[tuple[str, ...], Items, Field(description="Arguments of the command.")] = ()
    env: Annotated[tuple[Variable, ...], Items, Field(description="Environment variables, merged by name.")] = ()
    resources: Resources = Resources(cpu="500m", memory="512Mi")


class Component(Container):
    """A transformer or an explainer: a container beside the predictor, with its own number of replicas."""

    min: Annotated[int, Field(ge=0, le=1000, description="The fewest replicas, 0 to 1000.")] = 1
    max: Annotated[int, Field(ge=1, le=1000, description="The most replicas, 1 to 1000.")] = 1


class Batcher(Block):
    """Requests are gathered and given to the model together. Protocol v1 over HTTP only (KServe)."""

    max_batch_size: Annotated[int, Field(ge=1, le=100000, description="The most requests in one batch.")] = 32
    max_latency: Annotated[Duration, Field(description="The longest that a request waits for its batch.")] = "50ms"


class PayloadLogger(Block):
    """Requests and responses are sent, as CloudEvents, to a sink."""

    mode: Annotated[Literal["all", "request", "response"], Field(description="What is sent.")] = "all"
    url: Annotated[Uri, Field(description="The HTTP sink.")]


class Batch(Block):
    """Scoring on a schedule (mode batch): reads from input, writes to output, by the release's image.

    The container gets MODEL_URI, MODEL_VERSION, INPUT_URI and OUTPUT_URI as environment variables.
    """

    image: Annotated[Image | None, Field(description="The scoring image, where the release does not name one.")] = None
    command: Annotated[tuple[str, ...], Items, Field(description="The scoring program and its arguments.")]
    args: Annotated[tuple[str, ...], Items, Field(description="More arguments.")] = ()
    input: Annotated[StorageUri, Field(description="Where the data to score is.")]
    output: Annotated[StorageUri, Field(description="Where the scores go.")]
    schedule: Annotated[
        tuple[Cron, ...], Items, Field(description="When it runs; on demand only where this is left out.")
    ] = ()
    timezone: Annotated[Line, Field(description="The IANA time zone of the schedule, such as Europe/Zurich.")] = "UTC"
    shards: Annotated[
        int, Field(ge=1, le=1000, description="How many workers share the input, 1 to 1000; each gets its SHARD.")
    ] = 1
    deadline: Annotated[Duration, Field(description="The longest that a run may take.")] = "2h"
    retries: Annotated[int, Field(ge=0, le=10, description="How often a failed worker is tried again, 0 to 10.")] = 2


class Graph(Block):
    """An inference graph that is entered at this model (modes realtime and edge): KServe's router, as NAME-graph.

    It is a way in beside the model's own, to nodes that lead to models of the same environment and target.
    """

    nodes: Annotated[
        tuple[GraphNode, ...], Items, Field(min_length=1, max_length=50, description="Nodes by name; one is root.")
    ]
    resources: RouterResources = RouterResources()
    scaling: Annotated[Scaling, Field(description="How many replicas of the router run.")] = Scaling()
    timeout: Annotated[
        Duration | None,
        Field(
            description="The longest that a request may take through the graph; 60s, which is KServe's own, where it "
            "is left out. Needs KServe 0.16 or newer."
        ),
    ] = None


class Serving(Block):
    """How the model answers: in real time, in batches, on a stream, at the edge, or as a large language model."""

    mode: Annotated[
        Mode,
        Field(
            description="How the model is used: it answers requests (realtime), so at a small site (edge), as a large "
            "language model (llm), or it scores files (batch) or events (streaming)."
        ),
    ] = "realtime"
    format: Format | None = None
    runtime: Annotated[
        Line | None,
        Field(
            description="The KServe ServingRuntime by name. Several serve the same format, so that it is named always; "
            "KServe's own for the format where this is left out."
        ),
    ] = None
    protocol: Annotated[
        Literal["v1", "v2", "grpc-v1", "grpc-v2"] | None,
        Field(description="The inference protocol; the runtime's own where this is left out."),
    ] = None
    port: Annotated[
        int | None,
        Field(
            ge=1,
            le=65535,
            description="The port the runtime listens on; known for KServe's own runtimes. In mode streaming, the port "
            "on which the consumer answers its probes and /metrics over HTTP.",
        ),
    ] = None
    args: Annotated[tuple[str, ...], Items, Field(description="More arguments of the runtime.")] = ()
    env: Annotated[tuple[Variable, ...], Items, Field(description="Environment variables, merged by name.")] = ()
    identity: Annotated[
        Name | None,
        Field(description="The name of a cloud identity of the Target, with which the artifact and data are read."),
    ] = None
    resources: Resources = Resources()
    scaling: Scaling = Scaling()
    timeout: Annotated[Duration, Field(description="The longest that one request may take.")] = "60s"
    max_concurrency: Annotated[
        int | None,
        Field(ge=1, le=10000, description="The most requests at once in a replica; more wait. Knative mode."),
    ] = None
    spread_zones: Annotated[bool, Field(description="Whether replicas are spread over the cloud's zones.")] = False
    transformer: Annotated[Component | None, Field(description="Changes requests and responses.")] = None
    explainer: Annotated[Component | None, Field(description="Explains predictions.")] = None
    batcher: Batcher | None = None
    logger: PayloadLogger | None = None
    batch: Annotated[Batch | None, Field(description="What mode batch needs; refused in other modes.")] = None
    streaming: Annotated[Streaming | None, Field(description="What mode streaming needs; refused in other modes.")] = (
        None
    )
    llm: Annotated[Llm | None, Field(description="For mode llm, which can do without; refused in other modes.")] = None
    graph: Annotated[Graph | None, Field(description="An inference graph that is entered at this model.")] = None
