"""The Pipeline that compiling comes to, and its text. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from mlgitops.compile.notes import Notes, is_empty
from mlgitops.compile.written import Where, Written
from mlgitops.spec.pipeline import Step
from mlgitops.spec.serving import Resources
from mlgitops.targets.manifest_yaml import dump_as_given


@dataclass(frozen=True)
class Draft:
    """A Pipeline without its name in Git: ``name`` is the one that the source gives, empty where it gives none.

    ``steps`` and ``parameters`` are as a Pipeline has them; ``more`` are other fields of its spec.
    """

    name: str
    steps: list[dict[str, Any]]
    parameters: list[dict[str, Any]] = field(default_factory=list)
    more: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)

    def document(self, name: str, targets: tuple[str, ...] = ()) -> dict[str, Any]:
        """The whole Pipeline; ``targets`` are those of its environment that it is for, all where there are none."""
        spec = {"targets": list(targets), **self.more, "parameters": self.parameters, "steps": self.steps}
        return {
            "apiVersion": "mlgitops.dev/v1alpha1",
            "kind": "Pipeline",
            "metadata": {"name": name, **_set(self.metadata)},
            "spec": _set(spec),
        }


def text(document: dict[str, Any], written: Written) -> str:
    """The file in Git: a comment that says what it was compiled from, and the Pipeline."""
    return (
        "# yaml-language-server: $schema=../../../schemas/pipeline.json\n"
        f"# Compiled by `mlgitops compile` from {written.path}\n"
        f"# {written.digest}\n"
        f"{dump_as_given(document)}"
    )


def _set(data: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in data.items() if not is_empty(value)}


def note_defaults(draft: Draft, notes: Notes, where: Where) -> None:
    """Notes the steps that ask for no processor or no memory: they get what a step of a Pipeline gets then."""
    names = [step["name"] for step in draft.steps if not {"cpu", "memory"} <= (step.get("resources") or {}).keys()]
    usual: Resources = Step.model_fields["resources"].default
    if names:
        message = f"{', '.join(names)}: of what is not said, {usual.cpu} cpu and {usual.memory} of memory are reserved"
        notes.otherwise(where, message, "a step says what it uses, so that it is put on a node that has it")
