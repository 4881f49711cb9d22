"""A step that prepares data with Apache Spark, by the Spark Operator."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from mlgitops.spec.fields import Block
from mlgitops.spec.serving import Resources


class Spark(Block):
    """A SparkApplication in cluster mode: the step's image, args, env and resources are the driver's.

    The executors have the same image and environment.
    """

    type: Annotated[Literal["Python", "Scala", "Java", "R"], Field(description="The application's language.")] = (
        "Python"
    )
    main_application_file: Annotated[
        str,
        StringConstraints(pattern=r"^[a-z][a-z0-9+.-]*://[^\s\x00-\x1f]+$", max_length=2048),
        Field(
            description="The program: local:///PATH for a file of the image, or a URI that Spark reads; may use "
            "placeholders."
        ),
    ]
    main_class: Annotated[
        str | None,
        StringConstraints(pattern=r"^[A-Za-z_$][A-Za-z0-9_.$]*$", max_length=253),
        Field(description="The class with main; for Scala and Java."),
    ] = None
    version: Annotated[
        str,
        StringConstraints(pattern=r"^[0-9]+\.[0-9]+\.[0-9]+([-+._A-Za-z0-9]*)$", max_length=63),
        Field(description='The version of Spark in the image, in quotes ("4.0.1").'),
    ]
    executors: Annotated[int, Field(ge=1, le=1000, description="How many executors work, 1 to 1000.")] = 2
    executor_resources: Annotated[Resources, Field(description="What one executor asks for.")] = Resources(
        cpu="1", memory="2Gi"
    )
    conf: Annotated[
        dict[Annotated[str, StringConstraints(pattern=r"^spark\.[-.A-Za-z0-9]+$", max_length=253)], str],
        Field(description="Settings of Spark, such as spark.sql.shuffle.partitions; values may use placeholders."),
    ] = Field(default_factory=dict)
