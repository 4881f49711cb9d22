"""An object whose shape is as its API gives it can be read, whatever stands in its fields."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import yaml

from mlgitops.compile import argo, inference_service, train_job
from mlgitops.compile.notes import Notes
from mlgitops.compile.object_shapes import BY_KIND
from mlgitops.compile.written import Where, Written

SERVICE = """\
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {name: flowers, labels: {team: shop}, annotations: {a: b}}
spec:
  predictor:
    minReplicas: 1
    maxReplicas: 2
    scaleMetric: rps
    scaleTarget: 9
    timeout: 60
    containerConcurrency: 3
    batcher: {maxBatchSize: 8, maxLatency: 50}
    logger: {mode: all, url: "http://sink"}
    deploymentStrategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 1, maxUnavailable: 25%}}
    topologySpreadConstraints: [{topologyKey: topology.kubernetes.io/zone}]
    sklearn:
      runtime: kserve-sklearnserver
      storageUri: s3://models/flowers/2.1
      protocolVersion: v1
      args: [--verbose]
      env: [{name: A, value: b}, {name: C, valueFrom: {secretKeyRef: {name: s, key: k}}}]
      ports: [{name: http1, containerPort: 8080}]
      resources: {requests: {cpu: 0.5, memory: 1Gi, nvidia.com/gpu: 1}, limits: {cpu: 1000m, nvidia.com/gpu: 1}}
  transformer:
    minReplicas: 1
    containers: [{image: "a:1", command: [a], args: [b], env: [{name: A, value: b}], resources: {limits: {cpu: 1}}}]
"""
JOB = """\
apiVersion: trainer.kubeflow.org/v1alpha1
kind: TrainJob
metadata: {name: tune, labels: {kueue.x-k8s.io/queue-name: batch}}
spec:
  runtimeRef: {name: torch-distributed}
  activeDeadlineSeconds: 60
  initializer: {dataset: {storageUri: "s3://a"}, model: {storageUri: "s3://b"}}
  trainer:
    image: example.com/train:1
    command: [train]
    env: [{name: A, value: b}]
    numNodes: 2
    numProcPerNode: auto
    resourcesPerNode: {limits: {cpu: "2", memory: 8Gi, nvidia.com/gpu: 1}}
"""
FLOW = """\
apiVersion: argoproj.io/v1alpha1
kind: CronWorkflow
metadata: {name: nightly, namespace: ml, labels: {a: b}}
spec:
  schedules: ["0 4 * * *"]
  timezone: UTC
  startingDeadlineSeconds: 60
  concurrencyPolicy: Forbid
  workflowSpec:
    entrypoint: main
    activeDeadlineSeconds: 600
    ttlStrategy: {secondsAfterCompletion: 60}
    arguments: {parameters: [{name: day, value: "1", enum: ["1", "2"], description: which}]}
    templates:
      - name: main
        inputs: {parameters: [{name: x, value: "2"}]}
        outputs: {parameters: [{name: y, valueFrom: {parameter: "{{tasks.one.outputs.parameters.z}}"}}]}
        dag:
          tasks:
            - {name: one, template: leaf, arguments: {parameters: [{name: day, value: "{{inputs.parameters.x}}"}]}}
            - {name: two, template: turns, depends: one.Succeeded}
            - {name: three, template: code, dependencies: [two]}
      - name: turns
        steps: [[{name: four, template: leaf, arguments: {parameters: [{name: day, value: "5"}]}}]]
      - name: leaf
        inputs: {parameters: [{name: day}]}
        outputs: {parameters: [{name: z, valueFrom: {path: /tmp/z}}]}
        retryStrategy: {limit: 2, retryPolicy: Always}
        activeDeadlineSeconds: 60
        container:
          image: "alpine:3"
          command: [echo]
          args: ["{{inputs.parameters.day}}"]
          env: [{name: A, value: b}, {name: C, valueFrom: {secretKeyRef: {name: s, key: k}}}]
          resources: {requests: {cpu: 100m, memory: 64Mi, nvidia.com/gpu: 1}}
      - name: code
        script: {image: "python:3", command: [python], source: "print(1)"}
"""
VALUES: tuple[Any, ...] = (None, 7, -1, 1.5, True, "", "a text", [], [7], [None], [[]], {}, {"a": 7}, {7: 7}, [{}])
CLASSES = {"nvidia.com/gpu": "t4"}


def read(data: Any, notes: Notes) -> object:
    """What importing does with an object of a good shape."""
    where = Where((), "it")
    if data["kind"] == "InferenceService":
        return inference_service.model(inference_service.in_new_words(data), "", CLASSES, notes, where)
    if data["kind"] == "TrainJob":
        return train_job.pipeline(data, CLASSES, notes, where)
    return argo.pipeline(data, CLASSES, notes)


def changed(data: Any) -> Iterator[Any]:
    """The data with each value within it replaced by each of ``VALUES``, or left out."""
    if not isinstance(data, dict | list):
        return
    for key, value in list(data.items() if isinstance(data, dict) else enumerate(data)):
        for other in (*VALUES, *changed(value)):
            copy: Any = dict(data) if isinstance(data, dict) else list(data)
            copy[key] = other
            yield copy
        if isinstance(data, dict):
            yield {name: one for name, one in data.items() if name != key}


@pytest.mark.parametrize("text", [SERVICE, JOB, FLOW], ids=["service", "job", "flow"])
def test_the_shape_of_an_object_that_is_right_has_nothing_wrong(text: str) -> None:
    data = yaml.safe_load(text)
    assert list(BY_KIND[data["kind"]].wrong(data, ())) == []


@pytest.mark.parametrize(
    ("text", "sees"),
    [
        (SERVICE, inference_service.is_inference_service), (JOB, train_job.is_train_job), (FLOW, argo.is_argo),
    ],
    ids=["service", "job", "flow"],
)  # fmt: skip
def test_what_has_nothing_wrong_with_its_shape_can_be_read(text: str, sees: Callable[[Any], bool]) -> None:
    tried = [one for one in changed(yaml.safe_load(text)) if sees(one)]
    good = [one for one in tried if not list(BY_KIND[one["kind"]].wrong(one, ()))]
    assert 100 < len(good) < len(tried)
    for one in good:
        read(one, Notes(Written("it.yaml", "", "")))
