"""What a run of an Argo workflow asks for at one time, at most: what must not run side by side is not added up. Pure.

For each task of a graph, what it asks for is added to that of all tasks that neither come before nor after it; the
largest such sum is never less than what runs at one time, and exactly that for a chain and for branches of one task.
A list of items that is only known when it runs counts once. Source of the fields: Argo Workflows v3.7.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from mlgitops.capacity.pods import Asked, Classes, classified, most_of, of_pod, times, together
from mlgitops.capacity.workloads import parts, total

_LONGEST_NESTING = 20
_STARTS = frozenset({"create", "apply", "replace"})
_NAME = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z]+)?")


def peak(spec: Mapping[str, Any], classes: Classes) -> Asked:
    """The most that one run of a workflow (a CronWorkflow's or template's ``spec``) asks for at one time."""
    run = _Run(spec, classes)
    ends = [name for name in (run.spec.get("entrypoint"), run.spec.get("onExit")) if name]
    return most_of(*(run.of(str(name), 0) for name in ends))


def units(spec: Mapping[str, Any], classes: Classes) -> Iterator[Asked]:
    """What each pod and each job that the workflow's templates start asks for as a whole."""
    run = _Run(spec, classes)
    return (asked for template in run.templates.values() if (asked := run.leaf(template)))


class _Run:
    """The templates of a workflow, and what holds for all of their pods."""

    def __init__(self, spec: Mapping[str, Any], classes: Classes) -> None:
        inner = spec.get("workflowSpec")
        self.spec = inner if isinstance(inner, Mapping) else spec
        self.classes = classes
        found = [one for one in self.spec.get("templates") or () if isinstance(one, Mapping)]
        self.templates = {str(one.get("name")): one for one in found}

    def of(self, name: str, depth: int) -> Asked:
        """The most that a template asks for at one time."""
        template = self.templates.get(name, {})
        if depth > _LONGEST_NESTING:
            return {}
        if isinstance(template.get("dag"), Mapping):
            return self._graph(template["dag"].get("tasks") or (), depth + 1)
        if isinstance(template.get("steps"), list):
            groups = (group if isinstance(group, list) else [group] for group in template["steps"])
            return most_of(*(together(*(self._task(one, depth + 1) for one in group)) for group in groups))
        return self.leaf(template)

    def leaf(self, template: Mapping[str, Any]) -> Asked:
        """What a template's own pod asks for, or the object that it makes."""
        resource = template.get("resource")
        if isinstance(resource, Mapping):
            return self._made(resource)
        own = template.get("containerSet")
        containers = [template.get("container"), template.get("script"), *(template.get("sidecars") or ())]
        containers += (own.get("containers") or ()) if isinstance(own, Mapping) else ()
        pod = {"containers": [one for one in containers if one], "initContainers": template.get("initContainers")}
        selector = template.get("nodeSelector") or self.spec.get("nodeSelector") or {}
        return classified(of_pod(pod), selector, self.classes)

    def _made(self, resource: Mapping[str, Any]) -> Asked:
        if resource.get("action") not in _STARTS:
            return {}
        try:
            made = orjson.loads(str(resource.get("manifest", "")))
        except ValueError:
            return {}
        return total(parts(made, self.classes, {})) if isinstance(made, Mapping) else {}

    def _graph(self, tasks: Any, depth: int) -> Asked:
        named = {str(task.get("name")): task for task in tasks if isinstance(task, Mapping)}
        asked = {name: self._task(task, depth) for name, task in named.items()}
        before = _before(named)
        beside = (
            [other for other in named if other == name or not (other in before[name] or name in before[other])]
            for name in named
        )
        return most_of(*(together(*(asked[other] for other in others)) for others in beside))

    def _task(self, task: Any, depth: int) -> Asked:
        if not isinstance(task, Mapping):
            return {}
        items = task.get("withItems")
        return times(self.of(str(task.get("template")), depth), len(items) if isinstance(items, list) else 1)


def _before(tasks: Mapping[str, Mapping[str, Any]]) -> dict[str, set[str]]:
    """For each task, all that have ended when it starts."""
    found: dict[str, set[str]] = {}

    def follow(name: str, path: tuple[str, ...]) -> set[str]:
        if name not in found and name not in path:
            direct = [one for one in _needs(tasks[name]) if one in tasks]
            found[name] = {*direct, *(other for one in direct for other in follow(one, (*path, name)))}
        return found.get(name, set())

    for name in tasks:
        follow(name, ())
    return found


def _needs(task: Mapping[str, Any]) -> Iterator[str]:
    yield from map(str, task.get("dependencies") or ())
    yield from (name.split(".")[0] for name in _NAME.findall(str(task.get("depends") or "")))
