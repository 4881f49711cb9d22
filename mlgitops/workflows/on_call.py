"""How a whole project stands, for a person on call: every target read at once, and held against Git."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from mlgitops.errors import FindingsError, MlgitopsError
from mlgitops.plan import on_call as joining
from mlgitops.plan.on_call import Declared
from mlgitops.plan.problem import OnCall, Place, Watched
from mlgitops.plan.selection import Selection
from mlgitops.render.rendering import Rendering
from mlgitops.workflows.health import environment_spec
from mlgitops.workflows.project import Opened, choose_environments
from mlgitops.workflows.render import render_environment
from mlgitops.workflows.sites import reason
from mlgitops.workflows.status import status_at

if TYPE_CHECKING:
    from mlgitops.spec.project import ProjectSpec

PROJECT = "mlgitops.yaml"


def on_call(opened: Opened, watched: Watched | None) -> OnCall:
    """Every environment and target, joined with what a controller knows. Reads only.

    An environment that cannot be rendered and a target that cannot be read are problems, and leave the others alone.
    """
    renderings: list[Rendering] = []
    broken: dict[str, str] = {}
    suspended: dict[str, str] = {}
    environments = choose_environments(opened, ())
    for name in environments:
        try:
            suspended |= _suspended(opened, name)
            renderings.append(render_environment(opened.source, name, opened.cache))
        except MlgitopsError as error:
            broken[name] = reason(error)
    statuses = status_at(opened, renderings, Selection())
    project = renderings[0].project if renderings else opened.root.name
    declared = Declared(project, opened.source.commit, environments, broken, suspended, dict(_probes(renderings)))
    return joining.on_call(statuses, declared, watched)


def declared_controller(opened: Opened) -> str:
    """Where the Project says that its controller can be asked; empty where it does not, or cannot be read."""
    try:
        return _project(opened).controller or ""
    except FindingsError:
        return ""  # the environments will say what is wrong with it


def _project(opened: Opened) -> ProjectSpec:
    from mlgitops.spec.document import load
    from mlgitops.spec.project import Project
    from mlgitops.spec.validation import validate

    document = load(PROJECT, opened.source.files().get(PROJECT, b""))
    declared, findings = validate(Project, document.data, document.written)
    if declared is None:
        raise FindingsError(findings)
    return declared.spec


def _suspended(opened: Opened, environment: str) -> dict[str, str]:
    why = environment_spec(opened, environment).reconcile.suspend
    return {environment: why} if why else {}


def _probes(renderings: Iterable[Rendering]) -> Iterator[tuple[Place, str]]:
    """For each cluster the command that shows whether it can be reached from here."""
    for rendering in renderings:
        for target in rendering.targets:
            cluster: dict[str, Any] | None = target.connection.get("kubernetes")
            if cluster is not None and not cluster.get("inCluster"):
                yield Place(rendering.environment, target.target), _probe(cluster)


def _probe(cluster: dict[str, Any]) -> str:
    words = [f"--{name}={cluster[name]}" for name in ("kubeconfig", "context") if cluster.get(name)]
    return shlex.join(["kubectl", *words, "get", "--raw=/readyz"])
