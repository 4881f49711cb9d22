"""What compiling could not take over, or takes over otherwise: findings about the source, all of them at once. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from mlgitops.compile.written import Where, Written
from mlgitops.finding import Finding, Severity

HELPS = {
    "affinity": "what a step needs of its node is said by resources.accelerator, and by the Target what that means",
    "artifacts": "hand files on through object storage, and their names as outputs",
    "daemon": "a Pipeline has no steps that go on beside others",
    "envFrom": "name each variable in env, with fromSecret",
    "hooks": "add a step that depends on this one",
    "nodeSelector": "use resources.accelerator; the Target says which nodes that means",
    "onExit": "add a step that depends on all others; it runs where they succeed",
    "artifactIterator": "let one step go through the items",
    "parameterIterator": "write one task for each item, or let one step go through the items",
    "sidecars": "a step is one container",
    "templateRef": "compile the template itself",
    "tolerations": "use resources.accelerator; the Target says what its nodes tolerate",
    "triggerPolicy": "let the program decide: a step always runs",
    "volumeMounts": "keep files in object storage, or read them with the pipeline's identity",
    "volumes": "keep files in object storage, or read them with the pipeline's identity",
    "when": "let the program decide: a step always runs",
    "withItems": "write one task for each item",
    "withParam": "let one step go through the items",
    "withSequence": "write one task for each item",
    "workflowTemplateRef": "compile the template itself",
}
"""What to do instead of fields that a Pipeline has no word for."""

_HELP = "leave it out of the source, or write the Pipeline by hand"


class Notes:
    """Collects findings about one source."""

    def __init__(self, written: Written) -> None:
        self._written = written
        self.findings: list[Finding] = []

    def refuse(self, where: Where, message: str, help: str = "") -> None:
        """Something of the source has no place in a Pipeline."""
        self._add("compile-not-possible", where, message, help or _HELP)

    def without(self, where: Where, data: Mapping[str, Any], known: Collection[str]) -> None:
        """Refuses every field of ``data`` that is set and not ``known``; ``where`` is the place of ``data``."""
        for field, value in data.items():
            if field not in known and not is_empty(value):
                whose = f" of {where.named}" if where.named else ""
                self.refuse(where.at(field), f"a Pipeline has no word for {field}{whose}", HELPS.get(field, ""))

    def unknown_tag(self, where: Where, tag: str) -> None:
        """Braces of the source stand for something that a Pipeline has not."""
        help = "a step can use parameters of the pipeline and outputs of steps that it depends on"
        if ".outputs.result" in tag:
            help = "what a step prints is not handed on: write it to a file and declare an output"
        self.refuse(where, f"'{tag}' has no place in a Pipeline", help)

    def renamed(self, where: Where, kind: str, old: str, new: str) -> None:
        """A name has another form in a Pipeline."""
        self._warn("compile-renamed", where, f"{kind} '{old}' is named '{new}' in the Pipeline",
                   "names are lower-case letters, digits and '-'; use that name with mlgitops run")  # fmt: skip

    def elsewhere(self, where: Where, message: str, help: str) -> None:
        """Something is decided by the environment, the target or mlgitops itself, and not by a Pipeline."""
        self._warn("compile-decided-elsewhere", where, message, help)

    def otherwise(self, where: Where, message: str, help: str) -> None:
        """Something runs a little otherwise than in the source."""
        self._warn("compile-differs", where, message, help)

    def _warn(self, code: str, where: Where, message: str, help: str) -> None:
        self._add(code, where, message, help, Severity.WARNING)

    def _add(self, code: str, where: Where, message: str, help: str, severity: Severity = Severity.ERROR) -> None:
        location = self._written.locate(where)
        pointer = ".".join(map(str, where.pointer))
        excerpt = self._written.excerpt(location.line)
        self.findings.append(Finding(code, message, location, severity, pointer, excerpt, help))


def is_empty(value: Any) -> bool:
    """Whether a field says nothing: left out, or an empty text, list or mapping."""
    return value is None or value in ("", [], {})
