"""A Pipeline: how a model is trained, step by step."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from mlgitops.spec.envelope import Envelope
from mlgitops.spec.fields import Block, Cron, Duration, Items, Line, Name, StorageUri, Text
from mlgitops.spec.serving import Container, Resources


class Parameter(Block):
    """A value that steps use and a run can change. Merged by ``name``."""

    name: Annotated[Name, Field(description="The name, used as ``{{parameters.NAME}}``.")]
    value: Annotated[str | None, Field(description="The value unless a run gives another.")] = None
    description: Annotated[
        Text | None, Field(description="What it changes, at most 2000 characters; shown where a run is started.")
    ] = None


class Output(Block):
    """A file that a step leaves behind, whose content later steps can use as ``{{steps.STEP.NAME}}``."""

    name: Annotated[Name, Field(description="The name, used as ``{{steps.STEP.NAME}}``.")]
    path: Annotated[str, Field(pattern=r"^/[^\x00-\x1f]+$", description="The file's absolute path in the container.")]


class Step(Container):
    """One step: a container that runs once its dependencies are done. Merged by ``name``.

    Command, arguments and values of environment variables may use ``{{parameters.NAME}}`` and ``{{steps.STEP.NAME}}``.
    """

    name: Annotated[Name, Field(description="The step's name, unique in the pipeline.")]
    depends_on: Annotated[
        tuple[Name, ...], Items, Field(description="Steps that must be done before; 'train' for the training.")
    ] = ()
    outputs: Annotated[tuple[Output, ...], Items, Field(description="Files handed to later steps.")] = ()
    retries: Annotated[int, Field(ge=0, le=10, description="How often a failed step is tried again, 0 to 10.")] = 0
    timeout: Annotated[Duration | None, Field(description="The longest that the step may take.")] = None


class Training(Container):
    """Distributed training as a TrainJob (Kubeflow Trainer v2). Resources are for each node."""

    runtime: Annotated[Name, Field(description="The ClusterTrainingRuntime, such as torch-distributed.")] = (
        "torch-distributed"
    )
    nodes: Annotated[int, Field(ge=1, le=1000, description="How many nodes train together, 1 to 1000.")] = 1
    processes_per_node: Annotated[
        int | None, Field(ge=1, le=64, description="Processes a node, 1 to 64; the runtime's choice when left out.")
    ] = None
    dataset: Annotated[StorageUri | None, Field(description="Data that is fetched before training starts.")] = None
    base_model: Annotated[StorageUri | None, Field(description="A model that is fetched, to start from.")] = None
    depends_on: Annotated[tuple[Name, ...], Items, Field(description="Steps that must be done before.")] = ()
    resources: Resources = Resources(cpu="2", memory="8Gi")


class Schedule(Block):
    """When a pipeline runs by itself."""

    cron: Annotated[tuple[Cron, ...], Items, Field(min_length=1, description="When it runs.")]
    timezone: Annotated[Line, Field(description="The IANA time zone, such as Europe/Zurich.")] = "UTC"
    starting_deadline: Annotated[
        Duration, Field(description="How late a run may still start, after the controller was away.")
    ] = "5m"


class PipelineSpec(Block):
    """How a model is trained.

    With steps it becomes an Argo WorkflowTemplate (and a CronWorkflow where there is a schedule), in which the
    training is the step ``train``. With training alone it becomes a TrainJob, which runs once for each change in Git.
    """

    targets: Annotated[
        tuple[Name, ...] | None, Items, Field(description="Some of the environment's targets; all when left out.")
    ] = None
    model: Annotated[Name | None, Field(description="The model that it trains.")] = None
    parameters: Annotated[tuple[Parameter, ...], Items, Field(description="Values that a run can change.")] = ()
    steps: Annotated[tuple[Step, ...], Items, Field(description="The steps; they run as a graph, not in order.")] = ()
    training: Training | None = None
    identity: Annotated[
        Name | None, Field(description="The name of a cloud identity of the Target, with which data is read.")
    ] = None
    schedule: Schedule | None = None
    queue: Annotated[Name | None, Field(description="The Kueue LocalQueue that admits its pods.")] = None
    deadline: Annotated[Duration, Field(description="The longest that a run may take.")] = "24h"
    keep: Annotated[Duration, Field(description="How long a finished run is kept in the cluster.")] = "7d"
    tuning: Annotated[dict[str, Any] | None, Field(description="A search of parameters. Not supported yet.")] = None
    evaluation: Annotated[
        dict[str, Any] | None, Field(description="Evaluation that writes evidence. Not supported yet.")
    ] = None
    registration: Annotated[
        dict[str, Any] | None, Field(description="Proposes the new release in dev. Not supported yet.")
    ] = None


class Pipeline(Envelope):
    """A file environments/ENVIRONMENT/pipelines/NAME.yaml."""

    kind: Annotated[Literal["Pipeline"], Field(description="Always Pipeline.")]
    spec: PipelineSpec
