"""A component file of Kubeflow Pipelines (one container with inputs and outputs) as a Pipeline of one step. Pure.

Source of the fields: ``kfp.dsl.structures``, as KFP SDK 2.17 still reads them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlgitops.compile import tags
from mlgitops.compile.draft import Draft
from mlgitops.compile.kfp_values import plain
from mlgitops.compile.naming import Names, our_name
from mlgitops.compile.notes import Notes
from mlgitops.compile.written import Where

_PORT = ("name", "type", "description", "default", "optional")


def is_component(data: Any) -> bool:
    """Whether this is a component file."""
    return isinstance(data, Mapping) and isinstance(data.get("implementation"), Mapping)


def pipeline(data: Mapping[str, Any], notes: Notes) -> Draft:
    """The Pipeline of a component: its inputs become parameters."""
    return _Component(data, notes).draft()


class _Component:
    def __init__(self, data: Mapping[str, Any], notes: Notes) -> None:
        self._data = data
        self._notes = notes
        self._where = Where((), str(data.get("name") or ""))
        self._inputs = Names(notes, "parameter")
        self._outputs = Names(notes, "output")
        self._known = {str(one.get("name")) for one in data.get("inputs") or ()}

    def draft(self) -> Draft:
        notes, where = self._notes, self._where
        notes.without(where, self._data, ("name", "description", "inputs", "outputs", "implementation", "metadata"))
        implementation = self._data["implementation"]
        notes.without(where.at("implementation"), implementation, ("container",))
        container = implementation.get("container") or {}
        description = self._data.get("description")
        name = our_name(where.named) or "component"
        return Draft(
            name, [self._step(name, container, where.at("implementation", "container"))], self._parameters(),
            metadata={"description": str(description)[:2000]} if description else {},
        )  # fmt: skip

    def _parameters(self) -> list[dict[str, Any]]:
        made = []
        for index, one in enumerate(self._data.get("inputs") or ()):
            place = self._where.at("inputs", index)
            self._notes.without(place, one, _PORT)
            default = one.get("default")
            value = plain(default) if default is not None or one.get("optional") else None
            given = {"name": self._inputs.of(str(one.get("name")), place), "value": value}
            given["description"] = one.get("description")
            made.append({key: value for key, value in given.items() if value is not None})
        return made

    def _step(self, name: str, container: Mapping[str, Any], where: Where) -> dict[str, Any]:
        self._notes.without(where, container, ("image", "command", "args", "env"))
        outputs = []
        for index, one in enumerate(self._data.get("outputs") or ()):
            place = self._where.at("outputs", index)
            self._notes.without(place, one, _PORT)
            ours = self._outputs.of(str(one.get("name")), place)
            outputs.append({"name": ours, "path": _file(ours)})
        variables = [{"name": key, "value": str(value)} for key, value in (container.get("env") or {}).items()]
        made: dict[str, Any] = {"name": name, "image": str(container.get("image") or "")}
        for field in ("command", "args"):
            items = enumerate(container.get(field) or ())
            made[field] = [text for index, item in items for text in self._texts(item, where.at(field, index))]
        made |= {"env": variables, "outputs": outputs}
        return {key: value for key, value in made.items() if value}

    def _texts(self, item: Any, where: Where) -> list[str]:
        match item:
            case {"inputValue": name} if name in self._known:
                return [tags.parameter(self._inputs.of(str(name), where))]
            case {"outputPath": name}:
                return [_file(self._outputs.of(str(name), where))]
            case {"concat": list(items)}:
                return ["".join(text for one in items for text in self._texts(one, where))]
            case {"if": {"cond": {"isPresent": name}, "then": then, **rest}}:
                chosen: Any = then if name in self._known else rest.get("else", [])
                return [text for one in chosen for text in self._texts(one, where)]
            case str() | int() | float() | bool():
                return [tags.translated(plain(item), lambda _: None, lambda tag: self._notes.unknown_tag(where, tag))]
        what = next(iter(item), "this") if isinstance(item, Mapping) else "this"
        self._notes.refuse(where, f"{what} has no place in a Pipeline",
                           "an argument is a text, an inputValue or an outputPath")  # fmt: skip
        return []


def _file(output: str) -> str:
    return f"/tmp/output-{output}"  # noqa: S108
