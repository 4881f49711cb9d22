"""DAGs and steps of Argo's templates, drawn out into one graph of containers. Pure.

A template that is a graph itself is drawn out where it is called: its steps carry the caller's name before their own,
wait for what the caller waits for, and whoever waits for the caller waits for the last of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mlgitops.compile import tags
from mlgitops.compile.argo_step import LeafTemplate
from mlgitops.compile.naming import Names
from mlgitops.compile.notes import Notes
from mlgitops.compile.turns import in_turn, last
from mlgitops.compile.written import Where

DEEPEST = 8
"""How many graphs may be within each other."""
_CALL = ("name", "template", "arguments", "depends", "dependencies")
_NEED = re.compile(r"([\w-]+)(\.Succeeded)?")
_OUTPUT = re.compile(r"(?:tasks|steps)\.([\w-]+)\.outputs\.parameters\.([\w-]+)")

Texts = Mapping[str, str]


@dataclass(frozen=True)
class Done:
    """What is left of a call: the steps that end it, and how its outputs are written elsewhere."""

    ends: tuple[str, ...]
    output: Callable[[str], str | None]


@dataclass(frozen=True)
class Call:
    """A task of a DAG or a step of steps: whom it waits for, by their names in the same graph."""

    name: str
    data: Mapping[str, Any]
    needs: tuple[str, ...]
    where: Where


@dataclass(frozen=True)
class Scope:
    """Where a call stands: the names of the callers around, what they wait for, and the inputs of their template."""

    path: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    inputs: Texts | None = None


class Graph:
    """The steps that an entry point comes to."""

    def __init__(
        self, spec: Mapping[str, Any], classes: Mapping[str, str], parameters: Names, notes: Notes, where: Where
    ) -> None:
        self._entrypoint = str(spec.get("entrypoint") or "")
        self._templates = {
            str(one.get("name")): (index, {field: value for field, value in one.items() if value is not None})
            for index, one in enumerate(spec.get("templates") or ())
        }
        self._classes = classes
        self._parameters = parameters
        self._notes = notes
        self._where = where
        self._names = Names(notes, "step")
        self._steps: list[dict[str, Any]] = []

    def steps(self) -> list[dict[str, Any]]:
        """The steps of a Pipeline, each after those that it waits for."""
        if not self._templates:
            self._notes.refuse(self._where, "there are no templates", "compile a workflow that has its own templates")
            return []
        self._call(self._entrypoint, Scope(), self._where.at("entrypoint"))
        return self._steps

    def _call(self, template: str, scope: Scope, where: Where) -> Done:
        index, data = self._templates.get(template, (0, None))
        if data is None:
            self._notes.refuse(where, f"there is no template '{template}'", f"one of: {', '.join(self._templates)}")
            return _nothing()
        if len(scope.path) > DEEPEST:
            self._notes.refuse(where, f"template '{template}' calls itself, or graphs are too deep within each other")
            return _nothing()
        place = self._where.at("templates", index).of(template)
        inputs = self._inputs(data, scope, place)
        if "dag" in data or "steps" in data:
            return self._graph(data, Scope(scope.path, scope.needs, inputs), place)
        return self._leaf(data, scope, inputs, place)

    def _leaf(self, data: Mapping[str, Any], scope: Scope, inputs: Texts, where: Where) -> Done:
        name = self._names.of("-".join(scope.path) or where.named, where)
        leaf = LeafTemplate(data, self._classes, self._notes, where, lambda tag: self._tag(tag, inputs, {}))
        self._steps.append({"name": name, **({"dependsOn": list(scope.needs)} if scope.needs else {}), **leaf.step()})
        return Done((name,), lambda output: tags.output(name, leaf.outputs[output]) if output in leaf.outputs else None)

    def _graph(self, data: Mapping[str, Any], scope: Scope, where: Where) -> Done:
        calls = {call.name: call for call in self._calls(data, where)}
        needs = {call.name: call.needs for call in calls.values()}
        order, left = in_turn(needs)
        if left:
            self._notes.refuse(where, f"these wait for each other, or for what is not there: {', '.join(left)}")
        if not calls:
            self._notes.refuse(where, f"template '{where.named}' has no tasks")
        done: dict[str, Done] = {}
        for name in order:
            done[name] = self._called(calls[name], scope, done)
        ends = tuple(end for name in last(needs) if name in done for end in done[name].ends)
        return Done(ends, self._handed_out(data, scope.inputs or {}, done, where))

    def _called(self, call: Call, scope: Scope, done: Mapping[str, Done]) -> Done:
        known = ("parameters",)
        arguments = call.data.get("arguments") or {}
        self._notes.without(call.where.at("arguments"), arguments, known)
        lookup = self._lookup(scope.inputs or {}, done)
        given = {}
        for index, one in enumerate(arguments.get("parameters") or ()):
            place = call.where.at("arguments", "parameters", index)
            self._notes.without(place, one, ("name", "value"))
            given[one["name"]] = self._text(one.get("value", ""), lookup, place)
        needs = tuple(dict.fromkeys(end for need in call.needs for end in done[need].ends)) or scope.needs
        within = Scope((*scope.path, call.name), needs, given)
        return self._call(str(call.data.get("template") or ""), within, call.where.at("template"))

    def _calls(self, data: Mapping[str, Any], where: Where) -> Iterator[Call]:
        self._notes.without(where, data, ("name", "inputs", "outputs", "dag", "steps"))
        if "dag" in data:
            yield from self._tasks(data["dag"], where.at("dag"))
        else:
            yield from self._groups(data["steps"], where.at("steps"))

    def _tasks(self, dag: Mapping[str, Any], where: Where) -> Iterator[Call]:
        self._notes.without(where, {**dag, "failFast": dag.get("failFast") or None}, ("tasks", "failFast"))
        for index, task in enumerate(dag.get("tasks") or ()):
            place = where.at("tasks", index).of(str(task.get("name")))
            self._notes.without(place, task, _CALL)
            yield Call(str(task.get("name")), task, tuple(self._needs(task, place)), place)

    def _groups(self, groups: list[list[Mapping[str, Any]]], where: Where) -> Iterator[Call]:
        before: tuple[str, ...] = ()
        for number, group in enumerate(groups):
            for index, step in enumerate(group):
                place = where.at(number, index).of(str(step.get("name")))
                self._notes.without(place, step, ("name", "template", "arguments"))
                yield Call(str(step.get("name")), step, before, place)
            before = tuple(str(step.get("name")) for step in group)

    def _needs(self, task: Mapping[str, Any], where: Where) -> Iterator[str]:
        """The tasks that must have succeeded. Argo's other words (``||``, ``!``, ``.Failed``) have no place."""
        yield from task.get("dependencies") or ()
        for part in str(task.get("depends") or "").split("&&") if task.get("depends") else ():
            match = _NEED.fullmatch(part.strip().strip("()"))
            if match is None:
                self._notes.refuse(
                    where.at("depends"), f"'{task['depends']}' is more than that tasks have succeeded",
                    "a step of a Pipeline runs once all that it depends on have succeeded",
                )  # fmt: skip
            else:
                yield match[1]

    def _inputs(self, data: Mapping[str, Any], scope: Scope, where: Where) -> dict[str, str]:
        """The inputs of a template: what the call gives, or else its own defaults."""
        inputs = data.get("inputs") or {}
        self._notes.without(where.at("inputs"), inputs, ("parameters",))
        made = dict(scope.inputs or {})
        for index, one in enumerate(inputs.get("parameters") or ()):
            place = where.at("inputs", "parameters", index)
            self._notes.without(place, one, ("name", "value", "default", "description"))
            value = one.get("value", one.get("default"))
            if one["name"] not in made and value is not None:
                made[one["name"]] = self._text(value, self._lookup({}, {}), place)
        return made

    def _handed_out(
        self, data: Mapping[str, Any], inputs: Texts, done: Mapping[str, Done], where: Where
    ) -> Callable[[str], str | None]:
        outputs = data.get("outputs") or {}
        self._notes.without(where.at("outputs"), outputs, ("parameters",))
        made = {}
        for index, one in enumerate(outputs.get("parameters") or ()):
            place, source = where.at("outputs", "parameters", index), one.get("valueFrom") or {}
            self._notes.without(place, one, ("name", "valueFrom"))
            self._notes.without(place.at("valueFrom"), source, ("parameter",))
            if "parameter" in source:
                made[one["name"]] = self._text(source["parameter"], self._lookup(inputs, done), place.at("valueFrom"))
        return made.get

    def _text(self, value: Any, lookup: tags.Lookup, where: Where) -> str:
        return tags.translated(_plain(value), lookup, lambda tag: self._notes.unknown_tag(where, tag))

    def _lookup(self, inputs: Texts, done: Mapping[str, Done]) -> tags.Lookup:
        return lambda tag: self._tag(tag, inputs, done)

    def _tag(self, tag: str, inputs: Texts, done: Mapping[str, Done]) -> str | None:
        if tag.startswith("inputs.parameters."):
            return inputs.get(tag.removeprefix("inputs.parameters."))
        if tag.startswith("workflow.parameters."):
            return tags.parameter(self._parameters.of(tag.removeprefix("workflow.parameters."), self._where))
        match = _OUTPUT.fullmatch(tag)
        return done[match[1]].output(match[2]) if match and match[1] in done else None


def _plain(value: Any) -> str:
    """A value as Argo puts it into a text: booleans in small letters."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _nothing() -> Done:
    return Done((), lambda _: None)
