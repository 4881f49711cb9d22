"""A pipeline of Kubeflow Pipelines v2, compiled (its intermediate representation), as a Pipeline. Pure.

Sub-pipelines are drawn out where they are called, as ``argo_graph`` does it. Source of the fields: ``PipelineSpec`` in
``api/v2alpha1/pipeline_spec.proto`` of Kubeflow Pipelines 2.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mlgitops.compile import kfp_task, tags
from mlgitops.compile.draft import Draft
from mlgitops.compile.kfp_values import Value, number, plain
from mlgitops.compile.naming import Names
from mlgitops.compile.notes import Notes
from mlgitops.compile.turns import in_turn, last
from mlgitops.compile.written import Where

DEEPEST = 8
"""How many pipelines may be within each other."""
MOST_RETRIES = 10
_TOP = ("components", "deploymentSpec", "pipelineInfo", "root", "schemaVersion", "sdkVersion", "defaultPipelineRoot")
_TASK = ("cachingOptions", "componentRef", "dependentTasks", "inputs", "taskInfo", "retryPolicy")
_SCHEMA = "2."
_TYPES = {"NUMBER_INTEGER": "int", "NUMBER_DOUBLE": "float", "BOOLEAN": "bool"}
"""Types of KFP's parameters that a Pipeline has too; all others are texts."""


def is_kfp(data: Any) -> bool:
    """Whether this is a compiled pipeline or component."""
    return isinstance(data, Mapping) and ({"root", "deploymentSpec"} <= data.keys() or "pipelineSpec" in data)


@dataclass(frozen=True)
class Done:
    """What is left of a task: the steps that end it, and its outputs."""

    ends: tuple[str, ...] = ()
    outputs: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True)
class Scope:
    """Where a task stands: the names of the pipelines around, what they wait for, and their inputs."""

    path: tuple[str, ...]
    needs: tuple[str, ...]
    inputs: Mapping[str, Value]


def pipeline(data: Mapping[str, Any], classes: Mapping[str, str], notes: Notes) -> Draft:
    """The Pipeline; what it cannot say is in ``notes``. ``classes`` has accelerator classes by resource or type."""
    where = Where()
    if "pipelineSpec" in data:
        data, where = data["pipelineSpec"], where.at("pipelineSpec")
    info = data.get("pipelineInfo") or {}
    where = where.of(str(info.get("name") or ""))
    notes.without(where, data, _TOP)
    if not str(data.get("schemaVersion") or _SCHEMA).startswith(_SCHEMA):
        notes.refuse(where.at("schemaVersion"), f"schema version {data['schemaVersion']} is not known",
                     "compile it with version 2 of the KFP SDK")  # fmt: skip
    if data.get("defaultPipelineRoot"):
        notes.elsewhere(where.at("defaultPipelineRoot"), "defaultPipelineRoot is not taken over",
                        "steps hand on outputs of a few bytes, and everything else themselves")  # fmt: skip
    compiled = _Compiled(data, classes, notes, where)
    parameters = compiled.parameters()
    description = info.get("description")
    return Draft(
        str(info.get("name") or ""), compiled.steps(), parameters,
        metadata={"description": str(description)[:2000]} if description else {},
    )  # fmt: skip


def declared(name: str, definition: Mapping[str, Any]) -> dict[str, Any]:
    """A parameter of a Pipeline, of the type that KFP gives it; lists and mappings are texts, as JSON."""
    kind = _TYPES.get(str(definition.get("parameterType")), "")
    default = definition.get("defaultValue")
    given = {"name": name, "type": kind or None, "description": definition.get("description")}
    if default is not None or definition.get("isOptional"):
        given["value"] = number(default) if kind and default is not None else plain(default)
    return {key: value for key, value in given.items() if value is not None}


class _Compiled:
    """The compiled pipeline while its steps are gathered."""

    def __init__(self, data: Mapping[str, Any], classes: Mapping[str, str], notes: Notes, where: Where) -> None:
        self._data = data
        self._classes = classes
        self._notes = notes
        self._where = where
        self._parameter_names = Names(notes, "parameter")
        self._step_names = Names(notes, "step")
        self._steps: list[dict[str, Any]] = []

    def parameters(self) -> list[dict[str, Any]]:
        """The pipeline's own inputs."""
        inputs = self._inputs_of(self._data.get("root") or {}, self._where.at("root"))
        return [declared(self._name(name), one) for name, one in inputs.items()]

    def steps(self) -> list[dict[str, Any]]:
        """The steps, each after those that it waits for."""
        root, where = self._data.get("root") or {}, self._where.at("root")
        inputs = {
            name: Value(str(one.get("parameterType") or ""), placeholder=tags.parameter(self._name(name)))
            for name, one in (((root.get("inputDefinitions") or {}).get("parameters")) or {}).items()
        }
        self._graph(root.get("dag") or {}, Scope((), (), inputs), where.at("dag"))
        if any((task.get("cachingOptions") or {}).get("enableCache") for task in _tasks(root)):
            self._notes.otherwise(where, "Kubeflow Pipelines reuses results of earlier runs; here every step runs",
                                  "set_caching_options(False) says the same in the source")  # fmt: skip
        return self._steps

    def _name(self, parameter: str) -> str:
        return self._parameter_names.of(parameter, self._where.at("root", "inputDefinitions", "parameters", parameter))

    def _inputs_of(self, component: Mapping[str, Any], where: Where) -> Mapping[str, Mapping[str, Any]]:
        definitions = component.get("inputDefinitions") or {}
        self._notes.without(where.at("inputDefinitions"), definitions, ("parameters",))
        found: Mapping[str, Mapping[str, Any]] = definitions.get("parameters") or {}
        return found

    def _graph(self, dag: Mapping[str, Any], scope: Scope, where: Where) -> Done:
        self._notes.without(where, dag, ("tasks", "outputs"))
        tasks: Mapping[str, Mapping[str, Any]] = dag.get("tasks") or {}
        needs = {name: _needs(task) for name, task in tasks.items()}
        order, left = in_turn(needs)
        if left or not tasks:
            why = f"these tasks wait for each other, or for what is not there: {', '.join(left)}"
            self._notes.refuse(where, why if left else "there are no tasks")
        done: dict[str, Done] = {}
        for name in order:
            done[name] = self._task(name, tasks[name], scope, done, where.at("tasks", name).of(name))
        ends = tuple(end for name in last(needs) if name in done for end in done[name].ends)
        return Done(ends, self._handed_out(dag.get("outputs") or {}, done, where.at("outputs")))

    def _task(
        self, name: str, task: Mapping[str, Any], scope: Scope, done: Mapping[str, Done], where: Where
    ) -> Done:  # fmt: skip
        self._notes.without(where, task, _TASK)
        if "triggerPolicy" in task or "parameterIterator" in task or "artifactIterator" in task:
            return Done()  # what is in it would only be told about once more
        reference = str((task.get("componentRef") or {}).get("name"))
        component = (self._data.get("components") or {}).get(reference)
        if component is None:
            self._notes.refuse(where.at("componentRef"), f"there is no component '{reference}'")
            return Done()
        place = self._where.at("components", reference).of(name)
        inputs = self._given(task, component, scope, done, where)
        needs = tuple(dict.fromkeys(end for need in _needs(task) for end in done[need].ends)) or scope.needs
        within = Scope((*scope.path, name), needs, inputs)
        if "dag" in component and len(within.path) <= DEEPEST:
            return self._graph(component["dag"], within, place.at("dag"))
        return self._container(component, within, self._attempts(task, where), place)

    def _container(self, component: Mapping[str, Any], scope: Scope, more: dict[str, Any], where: Where) -> Done:
        self._notes.without(where, component, ("executorLabel", "inputDefinitions", "outputDefinitions"))
        outputs = component.get("outputDefinitions") or {}
        self._notes.without(where.at("outputDefinitions"), outputs, ("parameters",))
        declared = outputs.get("parameters") or {}
        names = kfp_task.output_names(declared, self._notes, where.at("outputDefinitions"))
        label = str(component.get("executorLabel"))
        executor = ((self._data.get("deploymentSpec") or {}).get("executors") or {}).get(label) or {}
        place = self._where.at("deploymentSpec", "executors", label).of(where.named)
        self._notes.without(place, executor, ("container",))
        container = kfp_task.Executor(executor.get("container") or {}, place.at("container"))
        name = self._step_names.of("-".join(scope.path), where)
        made = kfp_task.step(container, scope.inputs, names, self._classes, self._notes)
        depends_on = {"dependsOn": list(scope.needs)} if scope.needs else {}
        self._steps.append({"name": name, **depends_on, **made, **more})
        kinds = {key: str(one.get("parameterType") or "") for key, one in declared.items()}
        return Done((name,), {key: Value(kinds[key], placeholder=tags.output(name, names[key])) for key in declared})

    def _given(
        self,
        task: Mapping[str, Any],
        component: Mapping[str, Any],
        scope: Scope,
        done: Mapping[str, Done],
        where: Where,
    ) -> dict[str, Value]:
        """The inputs of a task's component: what the task gives, or else the component's own defaults."""
        inputs = task.get("inputs") or {}
        self._notes.without(where.at("inputs"), inputs, ("parameters",))
        given, made = inputs.get("parameters") or {}, {}
        reference = str((task.get("componentRef") or {}).get("name"))
        declared = self._inputs_of(component, self._where.at("components", reference).of(where.named))
        for name, one in declared.items():
            kind, place = str(one.get("parameterType") or ""), where.at("inputs", "parameters", name)
            value = self._value(given[name], kind, scope, done, place) if name in given else None
            if value is None and "defaultValue" in one:
                value = Value(kind, one["defaultValue"])
            if value is not None:
                made[name] = value
        return made

    def _value(
        self, given: Mapping[str, Any], kind: str, scope: Scope, done: Mapping[str, Done], where: Where
    ) -> Value | None:  # fmt: skip
        match given:
            case {"runtimeValue": {"constant": constant}}:
                return Value(kind, constant)
            case {"componentInputParameter": str(name)} if name in scope.inputs:
                return scope.inputs[name]
            case {"taskOutputParameter": {"producerTask": str(task), "outputParameterKey": str(key)}}:
                if task in done and key in done[task].outputs:
                    return done[task].outputs[key]
        help = "an input is a constant, a parameter of the pipeline, or an output of another task"
        self._notes.refuse(where, f"where {where.named} has this input from has no place in a Pipeline", help)
        return None

    def _handed_out(self, outputs: Mapping[str, Any], done: Mapping[str, Done], where: Where) -> dict[str, Value]:
        self._notes.without(where, outputs, ("parameters",))
        made = {}
        for name, one in (outputs.get("parameters") or {}).items():
            source = one.get("valueFromParameter") or {}
            self._notes.without(where.at("parameters", name), one, ("valueFromParameter",))
            found = done.get(str(source.get("producerSubtask")), Done()).outputs.get(
                str(source.get("outputParameterKey"))
            )
            if found is not None:
                made[name] = found
        return made

    def _attempts(self, task: Mapping[str, Any], where: Where) -> dict[str, int]:
        policy, place = task.get("retryPolicy") or {}, where.at("retryPolicy")
        count = int(policy.get("maxRetryCount") or 0)
        if count > MOST_RETRIES:
            self._notes.refuse(place, f"{where.named} is tried again {count} times", f"at most {MOST_RETRIES}")
        elif count and policy.get("backoffDuration") not in (None, "0s"):
            self._notes.otherwise(place, f"{where.named} is tried again at intervals that grow from 30 s",
                                  "intervals of retries are not taken over")  # fmt: skip
        return {"retries": count} if count else {}


def _tasks(component: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return list(((component.get("dag") or {}).get("tasks") or {}).values())


def _needs(task: Mapping[str, Any]) -> list[str]:
    """The tasks that it waits for: those it names, and those whose outputs it is given."""
    inputs = (task.get("inputs") or {}).get("parameters") or {}
    producers = [
        one["taskOutputParameter"].get("producerTask") for one in inputs.values() if "taskOutputParameter" in one
    ]
    return list(dict.fromkeys(str(name) for name in (*(task.get("dependentTasks") or ()), *producers)))
