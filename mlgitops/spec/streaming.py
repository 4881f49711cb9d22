"""Scoring of a stream of events: a consumer of a Kafka topic, scaled by KEDA on what it has not yet read."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from mlgitops.spec.fields import Block, Duration, Image, Items, SecretKey

_PORT = "(6553[0-5]|655[0-2][0-9]|65[0-4][0-9]{2}|6[0-4][0-9]{3}|[1-5][0-9]{4}|[1-9][0-9]{0,3})"

Broker = Annotated[
    str,
    StringConstraints(pattern=rf"^[A-Za-z0-9]([-.A-Za-z0-9]*[A-Za-z0-9])?:{_PORT}$", max_length=259),
    Field(description="A broker as HOST:PORT."),
]
Topic = Annotated[
    str,
    StringConstraints(pattern=r"^[-._A-Za-z0-9]*[-_A-Za-z0-9][-._A-Za-z0-9]*$", max_length=249),
    Field(description="A topic, as Kafka allows its name: letters, digits and ._- , at most 249 characters."),
]
KafkaVersion = Annotated[
    str,
    StringConstraints(pattern=r"^(0\.[0-9]+\.[0-9]+\.[0-9]+|[1-9][0-9]*\.[0-9]+\.[0-9]+)$"),
    Field(description='A version of Kafka, in quotes ("3.9.0"), with three numbers (four before 1.0).'),
]


class StreamLogin(Block):
    """With which name and password consumer and KEDA log in to Kafka (SASL). Both are keys of Secrets, never values."""

    mechanism: Annotated[
        Literal["plaintext", "scram_sha256", "scram_sha512"], Field(description="The SASL mechanism, as KEDA names it.")
    ]
    username: Annotated[SecretKey, Field(description="Where the name is.")]
    password: Annotated[SecretKey, Field(description="Where the password is.")]


class StreamTls(Block):
    """Kafka is spoken to by TLS. May be empty ({}): the brokers' certificate is of an authority that all know."""

    ca: Annotated[SecretKey | None, Field(description="The authority that signed the brokers' certificate (PEM).")] = (
        None
    )
    certificate: Annotated[SecretKey | None, Field(description="The client's own certificate (PEM).")] = None
    private_key: Annotated[SecretKey | None, Field(description="The key of that certificate (PEM).")] = None


class ConsumerHealth(Block):
    """Where the consumer says over HTTP, on serving.port, whether it works. Without it only its end is noticed."""

    live: Annotated[
        str,
        StringConstraints(pattern=r"^/[^\s\x00-\x1f]*$", max_length=1024),
        Field(description="The path, from /, that fails where only a restart helps."),
    ] = "/healthz"
    ready: Annotated[
        str,
        StringConstraints(pattern=r"^/[^\s\x00-\x1f]*$", max_length=1024),
        Field(description="The path, from /, that fails until it reads from its topic."),
    ] = "/readyz"
    startup: Annotated[Duration, Field(description="How long it may take to load the model and to start.")] = "5m"


class Fallback(Block):
    """How many replicas run while KEDA cannot find out the lag."""

    replicas: Annotated[int, Field(ge=0, le=1000, description="The number of replicas, 0 to 1000.")]
    after: Annotated[int, Field(ge=1, le=100, description="After so many failed attempts in a row, 1 to 100.")] = 3


class Streaming(Block):
    """Scoring of events as they come (mode streaming): a consumer of a Kafka topic, scaled by its lag.

    serving.scaling has the fewest and the most replicas. The container gets MODEL_URI, MODEL_VERSION, KAFKA_BROKERS,
    KAFKA_TOPIC, KAFKA_GROUP, KAFKA_OFFSET_RESET and KAFKA_SECURITY_PROTOCOL as environment variables; where the block
    says so also KAFKA_OUTPUT_TOPIC, KAFKA_SASL_MECHANISM, KAFKA_USERNAME, KAFKA_PASSWORD, KAFKA_CA, KAFKA_CERTIFICATE
    and KAFKA_PRIVATE_KEY.
    """

    image: Annotated[Image | None, Field(description="The consumer's image, where the release does not name one.")] = (
        None
    )
    command: Annotated[tuple[str, ...], Items, Field(description="Replaces the image's entry point.")] = ()
    args: Annotated[tuple[str, ...], Items, Field(description="Arguments of the command.")] = ()
    brokers: Annotated[
        tuple[Broker, ...],
        Items,
        Field(min_length=1, max_length=50, description="Brokers to begin with, each as HOST:PORT, 1 to 50."),
    ]
    topic: Annotated[
        Topic, Field(description="The topic that is read: letters, digits and ._-, at most 249 characters.")
    ]
    group: Annotated[
        Annotated[str, StringConstraints(pattern=r"^[-.:_/A-Za-z0-9]+$", max_length=249)],
        Field(
            description="The consumer group: letters, digits and -.:_/, at most 249 characters. Where environments "
            "share brokers, one each, or they take each other's events."
        ),
    ]
    output_topic: Annotated[
        Topic | None, Field(description="The topic for scores: letters, digits and ._-, at most 249 characters.")
    ] = None
    kafka_version: Annotated[
        KafkaVersion | None,
        Field(
            description='Whose protocol KEDA speaks, as "3.9.0"; where left out 1.0.0, which Kafka 4 no longer knows.'
        ),
    ] = None
    lag_threshold: Annotated[
        int,
        Field(ge=1, description="Another replica comes for each so many events that were not read."),
    ] = 10
    activation_lag: Annotated[int, Field(ge=0, description="From zero, the first replica comes above so many.")] = 0
    from_: Annotated[
        Literal["earliest", "latest"],
        Field(
            alias="from",
            description="Where a group without a committed position begins: KEDA counts the lag from there, and the "
            "consumer is told by KAFKA_OFFSET_RESET.",
        ),
    ] = "latest"
    polling: Annotated[Duration, Field(description="How often KEDA asks for the lag, rounded up to seconds.")] = "30s"
    cooldown: Annotated[
        Duration,
        Field(description="How long nothing is to be read before it goes to zero, rounded up to seconds."),
    ] = "5m"
    drain: Annotated[
        Duration, Field(description="How long a replica has to finish its events and commit before it is killed.")
    ] = "60s"
    fallback: Fallback | None = None
    login: StreamLogin | None = None
    tls: StreamTls | None = None
    health: ConsumerHealth | None = None
