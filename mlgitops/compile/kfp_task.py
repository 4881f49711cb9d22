"""One container of a compiled pipeline as a step of a Pipeline. Pure.

Source of the fields: ``PipelineContainerSpec`` in ``api/v2alpha1/pipeline_spec.proto`` of Kubeflow Pipelines 2.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mlgitops.compile.kfp_values import EXECUTOR_INPUT, Container, Value
from mlgitops.compile.naming import Names
from mlgitops.compile.notes import Notes
from mlgitops.compile.quantities import resources
from mlgitops.compile.written import Where

_CONTAINER = ("image", "command", "args", "env", "resources", "imagePullPolicy")
_RESOURCES = ("cpuRequest", "cpuLimit", "memoryRequest", "memoryLimit", "accelerator", "resourceCpuRequest",
              "resourceCpuLimit", "resourceMemoryRequest", "resourceMemoryLimit")  # fmt: skip
_INSTALLS = "pip install"


@dataclass(frozen=True)
class Executor:
    """A container of the source, and the name of the function that it runs, if it is one of KFP's functions."""

    data: Mapping[str, Any]
    where: Where

    @property
    def function(self) -> str:
        """The function of a lightweight component; empty for any other container."""
        args = [str(one) for one in self.data.get("args") or ()]
        flag = "--function_to_execute"
        return args[args.index(flag) + 1] if flag in args[:-1] and "{{" + EXECUTOR_INPUT + "}}" in args else ""

    def returns(self, output: str) -> bool:
        """Whether the function returns the output, rather than writing it to a path that it is given."""
        source = str((self.data.get("command") or [""])[-1])
        try:
            tree = ast.parse(source)
        except (SyntaxError, ValueError, RecursionError):
            return False
        functions = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == self.function]
        return any(output not in {a.arg for a in (*f.args.args, *f.args.kwonlyargs)} for f in functions)


def step(
    executor: Executor, inputs: Mapping[str, Value], outputs: Mapping[str, str], classes: Mapping[str, str],
    notes: Notes,
) -> dict[str, Any]:  # fmt: skip
    """The step without its name and dependencies. ``outputs`` has our names of its outputs by those of the source."""
    where, data = executor.where, executor.data
    notes.without(where, data, _CONTAINER)
    if data.get("imagePullPolicy"):
        notes.elsewhere(where.at("imagePullPolicy"), f"imagePullPolicy of {where.named} is not taken over",
                        "Kubernetes decides by the image's tag; pin images by digest")  # fmt: skip
    files = {name: f"/tmp/output-{ours}" for name, ours in outputs.items()}  # noqa: S108
    container = Container(inputs, files)
    if executor.function:
        _function(executor, inputs, outputs, notes)
    made = {
        "image": _one(data.get("image") or "", container, notes, where.at("image")),
        **{field: _listed(data, field, container, notes, where) for field in ("command", "args")},
        "env": _environment(data, container, notes, where),
        "resources": resources(_resources(data, notes, where), classes, notes, where.at("resources")),
        "outputs": [{"name": outputs[name], "path": path} for name, path in files.items()],
    }
    return {field: value for field, value in made.items() if value}


def output_names(declared: Mapping[str, Any], notes: Notes, where: Where) -> dict[str, str]:
    """Our names of a component's outputs, by those of the source."""
    names = Names(notes, "output")
    return {name: names.of(name, where.at("parameters", name)) for name in declared}


def _function(executor: Executor, inputs: Mapping[str, Value], outputs: Mapping[str, str], notes: Notes) -> None:
    """What is otherwise where KFP's own program calls a function."""
    where = executor.where
    for name in filter(executor.returns, outputs):
        notes.refuse(where, f"{where.named} returns '{name}', which only KFP's own launcher can read",
                     "have the function write it to a dsl.OutputPath")  # fmt: skip
    texts = [name for name, value in inputs.items() if value.placeholder and value.is_text]
    if texts:
        notes.otherwise(where, f"{where.named} is given {', '.join(texts)} within JSON",
                        "the value may hold no quotation mark, backslash or end of line")  # fmt: skip


def _listed(
    data: Mapping[str, Any], field: str, container: Container, notes: Notes, where: Where
) -> list[str]:  # fmt: skip
    made: list[str] = []
    for index, one in enumerate(data.get(field) or ()):
        place = where.at(field, index)
        made += container.texts(one, lambda tag, place=place: notes.unknown_tag(place, tag))  # type: ignore[misc]
    return made


def _one(value: Any, container: Container, notes: Notes, where: Where) -> str:
    return "".join(container.texts(value, lambda tag: notes.unknown_tag(where, tag)))


def _environment(data: Mapping[str, Any], container: Container, notes: Notes, where: Where) -> list[dict[str, Any]]:
    made = []
    for index, variable in enumerate(data.get("env") or ()):
        place = where.at("env", index)
        notes.without(place, variable, ("name", "value"))
        made.append({"name": variable.get("name", ""), "value": _one(variable.get("value") or "", container, notes,
                                                                     place.at("value"))})  # fmt: skip
    installs = any(_INSTALLS in str(part) for part in data.get("command") or ())
    if installs and not any(one["name"] == "HOME" for one in made):
        help = "pods run without root and can write nowhere else; better, put packages into the image"
        notes.otherwise(where, f"{where.named} installs packages when it starts; HOME is set to /tmp for that", help)
        made.append({"name": "HOME", "value": "/tmp"})  # noqa: S108
    return made


def _resources(data: Mapping[str, Any], notes: Notes, where: Where) -> dict[str, dict[str, Any]]:
    """Requests and limits as Kubernetes has them; the older fields of KFP count cores and 10^9 bytes."""
    given, place = data.get("resources") or {}, where.at("resources")
    notes.without(place, given, _RESOURCES)
    made: dict[str, dict[str, Any]] = {"requests": {}, "limits": {}}
    for side, one in (("requests", "Request"), ("limits", "Limit")):
        for name, unit in (("cpu", ""), ("memory", "G")):
            field = f"{name.capitalize()}{one}"
            newer, older = given.get(f"resource{field}"), given.get(f"{name}{one}")
            if newer or older:
                made[side][name] = str(newer) if newer else f"{older:g}{unit}"
    accelerator = given.get("accelerator") or {}
    if accelerator:
        kind = accelerator.get("resourceType") or accelerator.get("type")
        made["limits"][str(kind)] = accelerator.get("resourceCount") or accelerator.get("count") or 1
    return made
