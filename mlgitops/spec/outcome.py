"""What a training run ends with: its evaluation, and the release that is proposed."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from mlgitops.spec.build import FolderPath, GitAddress, RunImage
from mlgitops.spec.fields import Block, Duration, Items, Line, Name, Number, SecretKey
from mlgitops.spec.serving import Container

Written = Annotated[str, StringConstraints(min_length=1, max_length=2048, pattern=r"^[^\x00-\x1f]*$")]


class Bound(Block):
    """What a metric must hold for the run to go on. Merged by ``metric``."""

    metric: Annotated[
        str,
        StringConstraints(pattern=r"^[A-Za-z0-9_][-A-Za-z0-9_./@|]*$", max_length=253),
        Field(description="The metric's name: letters, digits and -_./@| within."),
    ]
    min: Annotated[Number | None, Field(allow_inf_nan=False, description="The least that it may be.")] = None
    max: Annotated[Number | None, Field(allow_inf_nan=False, description="The most that it may be.")] = None


class Evaluation(Container):
    """The step ``evaluate``: a container that measures the trained model, and the evidence that is made of it.

    The container leaves a JSON file with metrics by name, or with fields of evidence (docs/gates.md). Then mlgitops
    writes the evidence, which is kept as the run's output ``evidence``. A metric that is out of its bounds, or missing,
    fails the run.
    """

    depends_on: Annotated[
        tuple[Name, ...], Items, Field(description="Steps that must be done before; 'train' for the training.")
    ] = ()
    image: RunImage
    metrics: Annotated[
        str,
        StringConstraints(pattern=r"^/[^\x00-\x1f]+$", max_length=1024),
        Field(description="The absolute path of the JSON file that the container leaves."),
    ] = "/tmp/metrics.json"  # noqa: S108 - of the container
    bounds: Annotated[tuple[Bound, ...], Items, Field(description="What must hold for the run to go on.")] = ()
    data_digest: Annotated[
        Written | None, Field(description="The digest of the data that it measures on; may use placeholders.")
    ] = None
    timeout: Annotated[Duration | None, Field(description="The longest that the evaluation may take.")] = None


class Author(Block):
    """Who the commit is by."""

    name: Annotated[
        str, StringConstraints(pattern=r"^[^\x00-\x1f<>\"\\{}]+$", max_length=200), Field(description="The name.")
    ] = "mlgitops"
    email: Annotated[
        str,
        StringConstraints(pattern=r"^[^\s\x00-\x1f<>\"\\{}@]+@[^\s\x00-\x1f<>\"\\{}@]+$", max_length=254),
        Field(description="The e-mail address."),
    ] = "mlgitops@example.invalid"


class Registration(Block):
    """The step ``register``, which comes last: opens the pull request that brings the new release to the environment.

    It runs ``mlgitops release`` in a clone of the repository. All texts about the release may use placeholders.
    """

    repository: GitAddress
    path: Annotated[
        FolderPath | None, Field(description="The project's folder in the repository, where it is not the root.")
    ] = None
    credentials: Annotated[
        SecretKey,
        Field(
            description="A Secret's key with a line https://USER:TOKEN@HOST, by which Git and the forge let it in. "
            "What the token needs is in docs/forges.md."
        ),
    ]
    author: Author = Author()
    version: Annotated[
        Written | None,
        Field(description="The release's version, never used before; the time at which the run began if left out."),
    ] = None
    artifact: Annotated[Written, Field(description="The URI of the trained model's files.")]
    digest: Annotated[Written | None, Field(description="The digest of these files: sha256:…")] = None
    framework: Annotated[Written | None, Field(description="What it was made with: NAME or NAME=VERSION.")] = None
    image: Annotated[Written | None, Field(description="The image that serves it, such as {{steps.STEP.image}}.")] = (
        None
    )
    source_commit: Annotated[Written | None, Field(description="The full Git commit of the training code.")] = None
    data_digest: Annotated[Written | None, Field(description="The digest of the training data.")] = None
    reference: Annotated[
        Written | None, Field(description="The URI of the training data or a sample of it, for drift.")
    ] = None
    trained_at: Annotated[Written | None, Field(description="When training ended, RFC 3339.")] = None


class Cache(Block):
    """Results of a step are taken over from an earlier run whose inputs were the same.

    The key is of the step as it is written here (image, command, arguments, environment, outputs), of the parameters,
    and of the outputs of other steps that it uses. What else it reads is not in the key.
    """

    max_age: Annotated[Duration, Field(description="For how long results are taken over.")] = "7d"
    name: Annotated[Line | None, Field(description="Another word in the key: change it to begin anew.")] = None
