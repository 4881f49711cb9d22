"""A training as people write it with hera, for `mlgitops compile` to make a Pipeline of."""

from hera.workflows import DAG, Parameter, Resources, RetryStrategy, WorkflowTemplate, models, script

IMAGE = "docker.io/library/python:3.12-slim"


@script(
    image=IMAGE,
    outputs=[Parameter(name="rows", value_from=models.ValueFrom(path="/tmp/rows"))],
    resources=Resources(cpu_request="250m", memory_request="256Mi", memory_limit="256Mi"),
    retry_strategy=RetryStrategy(limit=2, retry_policy="Always"),
)
def fetch(url: str):
    import pathlib
    import urllib.request

    lines = urllib.request.urlopen(url, timeout=60).read().splitlines()
    pathlib.Path("/tmp/rows").write_text(str(len([line for line in lines if line])))


@script(image=IMAGE, resources=Resources(cpu_request=1, memory_request="1Gi", memory_limit="1Gi"))
def train(rows: int, rate: float):
    print(f"training on {rows} rows at a rate of {rate}")


with WorkflowTemplate(
    name="iris-training",
    entrypoint="main",
    arguments=[
        Parameter(name="url", value="https://archive.ics.uci.edu/ml/machine-learning-databases/iris/iris.data"),
        Parameter(name="rate", value="0.01"),
    ],
    active_deadline_seconds=3600,
) as workflow:
    with DAG(name="main"):
        fetched = fetch(name="fetch", arguments={"url": "{{workflow.parameters.url}}"})
        trained = train(
            name="train-model",
            arguments={"rows": fetched.get_parameter("rows"), "rate": "{{workflow.parameters.rate}}"},
        )
        fetched >> trained
