"""A Pipeline: how a model is trained, step by step."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from mlgitops.spec.artifacts import StepArtifacts
from mlgitops.spec.build import Build, RunImage
from mlgitops.spec.envelope import Envelope
from mlgitops.spec.fields import Block, Cron, Duration, Image, Items, Line, Name, StorageUri
from mlgitops.spec.outcome import Cache, Evaluation, Registration
from mlgitops.spec.parameters import Parameter, ParameterText
from mlgitops.spec.run import Run
from mlgitops.spec.serving import Container, Resources
from mlgitops.spec.spark import Spark
from mlgitops.spec.tuning import Tuning

StepReference = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z]([-a-z0-9]*[a-z0-9])?@[0-9]([-._A-Za-z0-9]*[A-Za-z0-9])?$", max_length=116),
    Field(description="A step template and its exact version: check-data@1.0."),
]


class Output(Block):
    """A file that a step leaves behind, whose content later steps can use as ``{{steps.STEP.NAME}}``."""

    name: Annotated[Name, Field(description="The name, used as ``{{steps.STEP.NAME}}``.")]
    path: Annotated[str, Field(pattern=r"^/[^\x00-\x1f]+$", description="The file's absolute path in the container.")]


class Step(Container):
    """One step: a container that runs once its dependencies are done. Merged by ``name``.

    Command, arguments and values of environment variables may use ``{{parameters.NAME}}`` and ``{{steps.STEP.NAME}}``.
    With ``uses`` it is what a template of the library says, under what the step itself says.
    """

    name: Annotated[Name, Field(description="The step's name, unique in the pipeline.")]
    image: RunImage
    uses: Annotated[
        StepReference | None, Field(description="The step template NAME@VERSION, of the file steps/NAME/VERSION.yaml.")
    ] = None
    with_: Annotated[
        dict[Name, ParameterText],
        Field(alias="with", description="Values of the template's parameters, which may use placeholders as args may."),
    ] = Field(default_factory=dict)
    depends_on: Annotated[
        tuple[Name, ...], Items, Field(description="Steps that must be done before; 'train' for the training.")
    ] = ()
    outputs: Annotated[tuple[Output, ...], Items, Field(description="Small files, handed to later steps as text.")] = ()
    artifacts: StepArtifacts = StepArtifacts()
    retries: Annotated[int, Field(ge=0, le=10, description="How often a failed step is tried again, 0 to 10.")] = 0
    timeout: Annotated[Duration | None, Field(description="The longest that the step may take.")] = None
    spark: Annotated[Spark | None, Field(description="Makes it a step that prepares data with Apache Spark.")] = None
    build: Annotated[Build | None, Field(description="Makes it a step that packages code into an image.")] = None
    cache: Annotated[Cache | None, Field(description="Has results taken over from an earlier run.")] = None


class Training(Container):
    """Distributed training. Resources are for each node.

    A TrainJob where the Target has Kubeflow Trainer (v2), whose runtime says the framework; else a PyTorchJob, TFJob or
    XGBoostJob of Training Operator (v1), by ``framework``.
    """

    framework: Annotated[
        Literal["pytorch", "tensorflow", "xgboost"],
        Field(description="What it trains with. Decides the kind of job where the Target has Training Operator v1."),
    ] = "pytorch"
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
    image: RunImage
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
    run: Annotated[Run | None, Field(description="One run that Git asks for, beside those of the schedule.")] = None
    queue: Annotated[Name | None, Field(description="The Kueue LocalQueue that admits its pods.")] = None
    priority: Annotated[
        Name | None, Field(description="The Kueue WorkloadPriorityClass with which they wait in the queue.")
    ] = None
    deadline: Annotated[Duration, Field(description="The longest that a run may take.")] = "24h"
    keep: Annotated[Duration, Field(description="How long a finished run is kept in the cluster.")] = "7d"
    tuning: Tuning | None = None
    evaluation: Evaluation | None = None
    registration: Registration | None = None
    mlgitops_image: Annotated[
        Image | None, Field(description="The image of mlgitops itself, for evaluation and registration.")
    ] = None

    @property
    def is_workflow(self) -> bool:
        """Whether it becomes a workflow, rather than one job of training."""
        return bool(self.steps or self.evaluation or self.registration)

    @property
    def values(self) -> dict[str, str]:
        """Parameters by name: the values of the run that Git asks for over their own; empty where there is none."""
        own = {parameter.name: parameter.value or "" for parameter in self.parameters}
        return {**own, **(self.run.parameters if self.run else {})}


class Pipeline(Envelope):
    """A file environments/ENVIRONMENT/pipelines/NAME.yaml, or a step template steps/NAME/VERSION.yaml."""

    kind: Annotated[Literal["Pipeline"], Field(description="Always Pipeline.")]
    spec: PipelineSpec
