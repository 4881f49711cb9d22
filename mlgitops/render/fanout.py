"""A change brought to a large fleet by the clusters' own engine: an Argo WorkflowTemplate for each environment. Pure.

Each wave is one level of a graph: its targets are reconciled at once, each in a pod of its own that waits until what it
wrote is ready, and the next level begins once all of them succeeded and the soak is over. A level that fails ends the
workflow after its own pods ended; ``argo retry`` goes on where it stopped, ``argo stop`` aborts it.

Levels are used rather than one list with ``parallelism``. With ``failFast``, which such a list needs in order to stop,
Argo ends the workflow at the first failure and looks no more at the pods that are still running (its source,
``checkParallelism`` in ``workflow/controller/operator.go`` of v3.7.1, which counts only pods of the list itself).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from mlgitops.manifest import Manifest
from mlgitops.render.access import REPORT_RESULTS
from mlgitops.render.install import access, network, pod
from mlgitops.render.install.arguments import once
from mlgitops.render.install.installation import Installation, labels, made

if TYPE_CHECKING:
    from hera.workflows import WorkflowTemplate

NAME = "mlgitops-fanout"
"""The account of the pods. What it may do is to report to Argo; clusters are reached by the hub's kubeconfig."""
COMPONENT = "fanout"
COMMIT = "commit"
"""The workflow's parameter: every target gets this one, also where the branch moves on before the last wave."""
RECONCILE, SOAK = "reconcile", "soak"
_CLONE, _PINNED = f"{pod.STATE}/source", "mlgitops-fanout"
_KEPT_SECONDS = 7 * 86_400
_MARGIN = 120
"""Seconds that a pod has beyond the deadline of its target, to start and to end."""


@dataclass(frozen=True, slots=True)
class Fleet:
    """The targets of an environment in waves, canaries first; ``soak`` and ``deadline``, of one target, in seconds."""

    environment: str
    waves: Sequence[Sequence[str]]
    soak: int
    deadline: int


def in_waves(canaries: Sequence[str], others: Sequence[str], most: int) -> list[list[str]]:
    """The canaries, then the others, in waves of at most so many."""
    return [*_batches(canaries, most), *_batches(others, most)]


def _batches(targets: Sequence[str], most: int) -> Iterator[list[str]]:
    rest = iter(targets)
    while batch := list(islice(rest, most)):
        yield batch


def fanout(installation: Installation, fleets: Sequence[Fleet]) -> Iterator[Manifest]:
    """The namespace, the account and its rights, where Git finds credentials, and a WorkflowTemplate for each fleet."""
    account = made(installation, "v1", "ServiceAccount", access.COMPONENT, NAME)
    subject = {"kind": "ServiceAccount", "name": NAME, "namespace": installation.namespace}
    yield network.namespace(installation)
    yield network.policy(installation)
    yield account
    yield from access.granted(installation, NAME, installation.namespace, [REPORT_RESULTS], subject)
    yield pod.git_config(installation)
    for fleet in fleets:
        yield workflow_template(installation, fleet)


def workflow_template(installation: Installation, fleet: Fleet) -> Manifest:
    """The waves of one environment as a WorkflowTemplate."""
    with _workflow(installation, fleet) as workflow:
        _graph(fleet)
        _reconcile(installation, fleet)
        if fleet.soak and len(fleet.waves) > 1:
            _soak(fleet)
        manifest: Manifest = workflow.to_dict()  # inside the context: outside of it hera has forgotten the templates
    return manifest


def _workflow(installation: Installation, fleet: Fleet) -> WorkflowTemplate:
    from hera.workflows import WorkflowTemplate, models

    commit = models.Parameter(name=COMMIT, description="The commit to bring to every target, in full.")
    return WorkflowTemplate(
        name=f"fanout-{fleet.environment}",
        namespace=installation.namespace,
        labels=labels(installation, COMPONENT),
        entrypoint="main",
        service_account_name=NAME,
        arguments=models.Arguments(parameters=[commit]),
        ttl_strategy=models.TTLStrategy(seconds_after_completion=_KEPT_SECONDS),
        pod_gc=models.PodGC(strategy="OnWorkflowSuccess"),
        pod_metadata=models.Metadata(labels=labels(installation, COMPONENT)),
        security_context=models.PodSecurityContext.model_validate(pod.POD_SECURITY_CONTEXT),
        volumes=[models.Volume.model_validate(volume) for volume in pod.volumes(installation, token=False)],
    )


def _graph(fleet: Fleet) -> None:
    from hera.workflows import DAG, Parameter, Task

    before = ""
    with DAG(name="main"):
        for number, targets in enumerate(fleet.waves, start=1):
            if before and fleet.soak:
                Task(name=f"soak-{number - 1}", template=SOAK, depends=f"{before}.Succeeded")
                before = f"soak-{number - 1}"
            Task(
                name=f"wave-{number}",
                template=RECONCILE,
                arguments=[Parameter(name="target", value="{{item}}")],
                with_items=list(targets),
                depends=f"{before}.Succeeded" if before else None,
            )
            before = f"wave-{number}"


def _reconcile(installation: Installation, fleet: Fleet) -> None:
    """Clones the branch, makes another one of the commit, and brings the target to the head of that.

    A pod that fails, be it lost, ends the workflow: whether its target is well is for a person to see.
    """
    from hera.workflows import Container, Parameter, models

    target = "{{inputs.parameters.target}}"
    runs = pod.container(installation, once(installation, _CLONE, _PINNED, fleet.environment, target), token=False)
    runs.pop("name")
    Container(
        name=RECONCILE,
        inputs=[Parameter(name="target")],
        init_containers=[models.UserContainer.model_validate(one) for one in _preparations(installation)],
        active_deadline_seconds=fleet.deadline + _MARGIN,
        **_in_hera(runs),
    )


def _preparations(installation: Installation) -> Iterator[dict[str, Any]]:
    """Git alone, without a shell. The commit has to be on the branch, whoever names it."""
    branch = [f"--branch={installation.branch}", "--single-branch", "--no-tags", "--template="]
    clone = ["clone", "--quiet", "--bare", *branch, "--", installation.url, _CLONE]
    pin = [f"--git-dir={_CLONE}", "branch", "--end-of-options", _PINNED, f"{{{{workflow.parameters.{COMMIT}}}}}"]
    yield pod.git_container(installation, "clone", clone)
    yield pod.git_container(installation, "pin", pin)


def _in_hera(container: dict[str, Any]) -> dict[str, Any]:
    """A container's fields as hera names them."""
    from hera.workflows import models

    made = models.Container.model_validate(container)
    return {name: getattr(made, name) for name in made.model_fields_set}


def _soak(fleet: Fleet) -> None:
    from hera.workflows import Suspend

    Suspend(name=SOAK, duration=str(fleet.soak))
