"""One container or script of Argo's as a step of a Pipeline. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from mlgitops.compile import tags
from mlgitops.compile.naming import Names
from mlgitops.compile.notes import Notes
from mlgitops.compile.quantities import duration, resources, seconds_of
from mlgitops.compile.written import Where

_TEMPLATE = ("name", "inputs", "outputs", "container", "script", "retryStrategy", "activeDeadlineSeconds", "timeout")
_CONTAINER = ("name", "image", "command", "args", "env", "resources", "imagePullPolicy", "securityContext")
_ELSEWHERE = {
    "imagePullPolicy": "Kubernetes decides by the image's tag; pin images by digest",
    "securityContext": "containers run without privileges, as user 8737",
}
_INTERPRETERS = (
    (re.compile(r"(.*/)?(python[0-9.]*|pypy[0-9.]*|bash|sh|ash|dash|zsh|ksh)"), "-c"),
    (re.compile(r"(.*/)?(node|perl|ruby)"), "-e"),
)
"""Programs, and the option by which each takes its source as an argument."""
LONGEST_SOURCE = 131071
"""Bytes of one argument that Linux takes (``MAX_ARG_STRLEN``), without the zero at its end."""
MOST_RETRIES = 10


class LeafTemplate:
    """A template that is a container or a script. ``lookup`` gives the texts of its tags."""

    def __init__(
        self, data: Mapping[str, Any], classes: Mapping[str, str], notes: Notes, where: Where, lookup: tags.Lookup
    ) -> None:
        self._data = data
        self._classes = classes
        self._notes = notes
        self._where = where
        self._lookup = lookup

    @cached_property
    def outputs(self) -> dict[str, str]:
        """The names of its outputs in the Pipeline, by those in the source."""
        names = Names(self._notes, "output")
        listed = (self._data.get("outputs") or {}).get("parameters") or ()
        return {one["name"]: names.of(one["name"], self._where.at("outputs")) for one in listed}

    def step(self) -> dict[str, Any]:
        """The step without its name and dependencies; fields that say nothing are left out."""
        self._notes.without(self._where, self._data, _TEMPLATE)
        kind = "script" if "script" in self._data else "container"
        container, where = self._data.get(kind), self._where.at(kind)
        if not container:
            self._notes.refuse(self._where, f"template '{self._where.named}' is neither a container nor a script")
            return {}
        known = (*_CONTAINER, "source") if kind == "script" else _CONTAINER
        self._notes.without(where, container, known)
        for field in _ELSEWHERE.keys() & container.keys():
            self._notes.elsewhere(where.at(field), f"{field} of {self._where.named} is not taken over",
                                  _ELSEWHERE[field])  # fmt: skip
        made = {
            "image": self._text(container.get("image", ""), where.at("image")),
            **self._program(container, kind, where),
            "env": self._environment(container, where.at("env")),
            "resources": resources(container.get("resources") or {}, self._classes, self._notes,
                                   where.at("resources")),
            "outputs": self._outputs(),
            **self._attempts(),
        }  # fmt: skip
        return {field: value for field, value in made.items() if value}

    def _program(self, container: Mapping[str, Any], kind: str, where: Where) -> dict[str, list[str]]:
        command = [self._text(text, where.at("command", i)) for i, text in enumerate(container.get("command") or ())]
        args = [self._text(text, where.at("args", i)) for i, text in enumerate(container.get("args") or ())]
        if kind == "container":
            return {"command": command, "args": args}
        return self._script(command, args, str(container.get("source") or ""), where)

    def _script(self, command: list[str], args: list[str], source: str, where: Where) -> dict[str, list[str]]:
        """Argo runs a script as command, arguments, and then the path of a file with the source."""
        options = [*command[1:], *args]
        flag = next((flag for known, flag in _INTERPRETERS if command and known.fullmatch(command[0])), None)
        whose = f"the script of {self._where.named}"
        if flag is None or not all(option.startswith("-") for option in options):
            help = "use an interpreter such as python or bash with options alone, or a container"
            self._notes.refuse(where.at("command"), f"{whose} is run by '{' '.join([*command, *args])}'", help)
        if len(source.encode()) > LONGEST_SOURCE:
            self._notes.refuse(
                where.at("source"), f"{whose} is longer than an argument may be", "put it into the image"
            )
        text = self._text(escaped(source), where.at("source"))
        return {"command": [*command[:1], *options, flag or ""], "args": [text]}

    def _environment(self, container: Mapping[str, Any], where: Where) -> list[dict[str, Any]]:
        made = []
        for index, variable in enumerate(container.get("env") or ()):
            place, source = where.at(index), variable.get("valueFrom") or {}
            self._notes.without(place, variable, ("name", "value", "valueFrom"))
            self._notes.without(place.at("valueFrom"), source, ("secretKeyRef",))
            one: dict[str, Any] = {"name": variable["name"]}
            if (secret := source.get("secretKeyRef")) is not None:
                self._notes.without(place.at("valueFrom", "secretKeyRef"), secret, ("name", "key"))
                one["fromSecret"] = {"secret": secret.get("name", ""), "key": secret.get("key", "")}
            else:
                one["value"] = self._text(variable.get("value") or "", place.at("value"))
            made.append(one)
        return made

    def _outputs(self) -> list[dict[str, str]]:
        outputs, where = self._data.get("outputs") or {}, self._where.at("outputs")
        self._notes.without(where, outputs, ("parameters",))
        made = []
        for index, one in enumerate(outputs.get("parameters") or ()):
            place, source = where.at("parameters", index), one.get("valueFrom") or {}
            self._notes.without(place, one, ("name", "valueFrom"))
            self._notes.without(place.at("valueFrom"), source, ("path",))
            made.append({"name": self.outputs[one["name"]], "path": self._text(source.get("path", ""), place)})
        return made

    def _attempts(self) -> dict[str, Any]:
        made: dict[str, Any] = {}
        if (strategy := self._data.get("retryStrategy")) is not None:
            made["retries"] = self._retries(strategy, self._where.at("retryStrategy"))
        for field in ("activeDeadlineSeconds", "timeout"):
            if (value := self._data.get(field)) is not None:
                seconds = seconds_of(self._text(value, self._where.at(field)))
                if not seconds:
                    self._notes.refuse(self._where.at(field), f"{value} is no length of time that is known beforehand")
                else:
                    made["timeout"] = duration(seconds)
        return made

    def _retries(self, strategy: Mapping[str, Any], where: Where) -> int:
        self._notes.without(where, strategy, ("limit", "retryPolicy", "backoff"))
        policy, limit = strategy.get("retryPolicy") or "OnFailure", str(strategy.get("limit", ""))
        if policy not in ("Always", "OnFailure"):
            self._notes.refuse(where.at("retryPolicy"), f"{self._where.named} is tried again {policy} only",
                               "a step is tried again whatever went wrong")  # fmt: skip
        if not limit.isdecimal() or int(limit) > MOST_RETRIES:
            self._notes.refuse(where.at("limit"), f"{self._where.named} is tried again without a limit of at most "
                               f"{MOST_RETRIES}", "set limit")  # fmt: skip
            return 0
        if policy != "Always" or strategy.get("backoff"):
            message = f"{self._where.named} is tried again after every failure, at growing intervals"
            self._notes.otherwise(where, message, "policy and intervals of retries are not taken over")
        return int(limit)

    def _text(self, value: Any, where: Where) -> str:
        return tags.translated(str(value), self._lookup, lambda tag: self._notes.unknown_tag(where, tag))


def escaped(source: str) -> str:
    """A source as an argument: Kubernetes reads ``$$`` and ``$(NAME)`` of arguments, but of no file's content.

    Source: ``third_party/forked/golang/expansion/expand.go`` of Kubernetes v1.34.
    """
    return re.sub(r"\$(?=[$(])", "$$", source)
