"""A run of a pipeline: how it and its steps stand, read from the Workflow that Argo keeps. Pure.

Source of the fields: ``WorkflowStatus`` and ``NodeStatus`` in ``pkg/apis/workflow/v1alpha1/workflow_types.go`` of Argo
Workflows v3.7.1, and ``util/file/fileutil.go`` for nodes that are compressed.
"""

from __future__ import annotations

import base64
import binascii
import gzip
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from mlgitops.manifest import Manifest
from mlgitops.plan.health.fields import block, text

GRAPHS = frozenset({"DAG", "Steps", "StepGroup", "TaskGroup", "Retry"})
"""Kinds of nodes that only hold others, which are told about themselves."""
SUCCEEDED, FAILED = "Succeeded", ("Failed", "Error")
ENDS = (SUCCEEDED, *FAILED)
"""The phases in which a run stays."""
OFFLOADED = "Argo keeps the steps of this run in its own database; `argo get` shows them"
_GROUP = re.compile(r"\[\d+\]")


@dataclass(frozen=True, slots=True)
class StepState:
    """How a step stands. ``name`` is dotted within the run; ``seconds`` is None until it is over."""

    name: str
    phase: str
    message: str = ""
    seconds: int | None = None


@dataclass(frozen=True, slots=True)
class RunState:
    """How a run stands; ``phase`` is empty until Argo took it up. Times are RFC 3339, empty where there is none."""

    name: str
    phase: str = ""
    message: str = ""
    started: str = ""
    finished: str = ""
    steps: tuple[StepState, ...] = ()

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen."""
        return self.phase in ENDS

    @property
    def succeeded(self) -> bool:
        """Whether everything in it went well."""
        return self.phase == SUCCEEDED

    @property
    def seconds(self) -> int | None:
        """How long it took; None until it is over."""
        return _between(self.started, self.finished)


def state_of(workflow: Manifest) -> RunState:
    """How the run of a Workflow stands; steps in the order in which they started."""
    name, status = workflow["metadata"]["name"], block(workflow, "status")
    message = text(status, "message") or (OFFLOADED if text(status, "offloadNodeStatusVersion") else "")
    nodes = [node for node in _nodes(status).values() if isinstance(node, Mapping)]
    shown = sorted(
        (n for n in nodes if text(n, "type") not in GRAPHS), key=lambda n: (text(n, "startedAt"), text(n, "name"))
    )
    steps = tuple(
        StepState(
            _within(text(node, "name"), name), text(node, "phase"), text(node, "message"),
            _between(text(node, "startedAt"), text(node, "finishedAt")),
        )
        for node in shown
    )  # fmt: skip
    return RunState(
        name, text(status, "phase"), message, text(status, "startedAt"), text(status, "finishedAt"), steps
    )  # fmt: skip


def changes(before: RunState, after: RunState) -> Iterator[StepState]:
    """The steps that are new or otherwise than before."""
    known = {step.name: step for step in before.steps}
    for step in after.steps:
        if known.get(step.name) != step:
            yield step


def _nodes(status: Mapping[str, Any]) -> Mapping[str, Any]:
    compressed = text(status, "compressedNodes")
    if not compressed:
        return block(status, "nodes")
    try:
        nodes = orjson.loads(gzip.decompress(base64.b64decode(compressed)))
    except (binascii.Error, OSError, EOFError, zlib.error, ValueError):
        return {}
    return nodes if isinstance(nodes, dict) else {}


def _within(node: str, run: str) -> str:
    """A node's name without the run's and without the numbers of groups of steps: ``train.start``."""
    name = _GROUP.sub("", node.removeprefix(run).removeprefix("."))
    return name or node


def _between(started: str, finished: str) -> int | None:
    try:
        return int((datetime.fromisoformat(finished) - datetime.fromisoformat(started)).total_seconds())
    except ValueError:
        return None
