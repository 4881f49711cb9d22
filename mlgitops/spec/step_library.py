"""The library of step templates, and how a pipeline's step is filled from the one that it uses. Pure.

A template is a Pipeline ``steps/NAME/VERSION.yaml`` of parameters and one step. For each step that uses one, the
template's step, its parameters replaced by what ``with`` gives, is a layer below all others: what the pipeline says
itself wins, as everywhere, and every field knows the template's line from which it came.
"""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mlgitops.finding import Finding, Severity
from mlgitops.spec.document import Document
from mlgitops.spec.merge import Layer, Pointer, Provenance, item_key
from mlgitops.spec.parameters import as_text
from mlgitops.spec.pipeline import Pipeline, PipelineSpec
from mlgitops.spec.placeholders import texts, with_values
from mlgitops.spec.positions import Written, value_of
from mlgitops.spec.project_files import did_you_mean, step_path
from mlgitops.spec.validation import validate

ORDER = "order of steps"
"""The name of the lowest layer, which holds names alone, so that steps from templates stand where the pipeline says."""


@dataclass(frozen=True)
class StepTemplate:
    """A template that is of the right form; ``check`` says what is wrong with it otherwise."""

    reference: str
    document: Document
    spec: PipelineSpec

    def finding(
        self, code: str, pointer: Pointer, message: str, *, help: str = "", severity: Severity = Severity.ERROR
    ) -> Finding:
        """A finding about the field at ``pointer`` within the template's spec."""
        found = self.document.finding(code, ("spec", *pointer), message, help=help)
        return dataclasses.replace(found, severity=severity)


Library = Mapping[str, StepTemplate]
"""The templates by ``NAME@VERSION``."""


def read(documents: Mapping[str, Document], findings: list[Finding]) -> dict[str, StepTemplate]:
    """The templates that are of the right form, whether anything uses them or not; ``findings`` gets the others'."""
    library = {}
    for reference, document in sorted(documents.items()):
        value, found = validate(Pipeline, document.data, document.written)
        findings += found
        if value is not None and value.spec.steps:
            library[reference] = StepTemplate(reference, document, value.spec)
        elif value is not None:
            findings.append(document.finding("invalid-step-template", ("spec",), "a step template has one step",
                                             help="add spec.steps with the step"))  # fmt: skip
    return library


@dataclass(frozen=True)
class Filled:
    """The layers of a pipeline with its templates', the template of each step by name, and why it cannot be filled.

    ``whole`` is false where a template is missing or not of the right form.
    """

    layers: Sequence[Layer]
    templates: Mapping[str, StepTemplate] = dataclasses.field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    whole: bool = True


def fill(layers: Sequence[Layer], library: Library, known: Mapping[str, Document], unread: frozenset[str]) -> Filled:
    """The pipeline's layers with those of its templates below them.

    ``known`` has every template that there is, also those not in ``library`` because of their form; ``unread`` are
    paths of files that cannot be read. What is wrong with either is told of the template itself.
    """
    provenance = Provenance(layers)
    steps = _steps(provenance.merged)
    used = {index: step["uses"] for index, step in enumerate(steps) if isinstance(step.get("uses"), str)}
    if not used:
        return Filled(layers)
    if item_key(steps) != "name":
        return Filled(layers, findings=(_unnamed(provenance),), whole=False)
    unknown = {i: ref for i, ref in used.items() if "@" in ref and ref not in known and step_path(ref) not in unread}
    findings = tuple(_unknown(provenance.written(("steps", i, "uses")), ref, known) for i, ref in unknown.items())
    if not library.keys() >= set(used.values()):
        return Filled(layers, findings=findings, whole=False)
    order = Layer(ORDER, None, (), {"steps": [{"name": step["name"]} for step in steps]})
    below = [_layer(library[reference], steps[index]) for index, reference in used.items()]
    templates = {steps[index]["name"]: library[reference] for index, reference in used.items()}
    return Filled([order, *below, *layers], templates)


def _steps(merged: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    steps = merged.get("steps")
    return steps if isinstance(steps, list) and all(isinstance(step, Mapping) for step in steps) else []


def _layer(template: StepTemplate, step: Mapping[str, Any]) -> Layer:
    """The template's step under the name of the step that uses it. Pointers into it are pointers into the template."""
    own = _filled(template, _values(template, step))
    data = {"steps": [{**own, "name": step["name"]}]}
    return Layer(f"step template {template.reference}", template.document, ("spec",), data)


def _values(template: StepTemplate, step: Mapping[str, Any]) -> dict[str, str]:
    """The values of the template's parameters as text: the step's, else the template's own."""
    given = value_of(step, ("with",))
    own = {parameter.name: parameter.value for parameter in template.spec.parameters}
    of_step = {name: as_text(value) for name, value in given.items()} if isinstance(given, Mapping) else {}
    return {name: text for name, text in {**own, **of_step}.items() if isinstance(text, str) and name in own}


def _filled(template: StepTemplate, values: Mapping[str, str]) -> dict[str, Any]:
    """The template's step with the values in those of its texts that hold placeholders."""
    filled: dict[str, Any] = copy.deepcopy(template.document.data["spec"]["steps"][0])
    for pointer, text in texts(template.spec.steps[0]):
        if "{{" in text:
            _put(filled, pointer, with_values(text, values))
    return filled


def _put(data: Any, pointer: Pointer, text: str) -> None:
    *way, last = pointer
    for part in way:
        data = data[part]
    data[last] = text


def _unnamed(provenance: Provenance) -> Finding:
    written = provenance.written(("steps",))
    return Finding(
        "duplicate-step", "steps that use templates need names that differ", written.location,
        pointer=".".join(map(str, written.pointer)), excerpt=written.excerpt, help="give every step a name of its own",
    )  # fmt: skip


def _unknown(written: Written, reference: str, known: Mapping[str, Document]) -> Finding:
    name, _, version = reference.partition("@")
    versions = sorted(each.partition("@")[2] for each in known if each.partition("@")[0] == name)
    message = f"step template '{name}' has no version {version}" if versions else f"there is no step template '{name}'"
    what = f"versions: {', '.join(versions)}" if versions else f"templates: {', '.join(sorted(known)) or 'none'}"
    return Finding(
        "unknown-step-template", message, written.location, pointer=".".join(map(str, written.pointer)),
        excerpt=written.excerpt, help=f"{what}; each is a file steps/NAME/VERSION.yaml",
        suggestion=did_you_mean(reference, known),
    )  # fmt: skip
