"""Rules about the graph of a pipeline's steps: names, dependencies, cycles, and what placeholders refer to. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from mlgitops.check.findable import Findable
from mlgitops.check.references import unknown_name
from mlgitops.finding import Finding
from mlgitops.spec.pipeline import PipelineSpec, Step
from mlgitops.spec.placeholders import (
    EVALUATION_STEP,
    EVIDENCE_STEP,
    REGISTRATION_STEP,
    TRAINING_STEP,
    OutputUse,
    ParameterUse,
    TuningUse,
    Unknown,
    containers,
    needs,
    output_names,
    parts,
    tasks,
    texts,
    values,
)
from mlgitops.spec.positions import Pointer
from mlgitops.spec.resolved import ResolvedPipeline


def check(resolved: ResolvedPipeline) -> Iterator[Finding]:
    """Findings about the steps and how they hang together."""
    yield from _names(resolved)
    yield from _dependencies(resolved)
    yield from _placeholders(resolved)
    edges = {name: needs(part, depends_on) for _, name, part, depends_on in tasks(resolved.spec)}
    if cycle := find_cycle(edges):
        yield resolved.finding(
            "dependency-cycle", ("steps",), f"these steps wait for each other: {' -> '.join(cycle)}",
            help="remove one of the dependencies; a use of a step's output is a dependency too",
        )  # fmt: skip


def _names(resolved: ResolvedPipeline) -> Iterator[Finding]:
    spec = resolved.spec
    yield from repeated(resolved, ("steps",), "step", [step.name for step in spec.steps])
    yield from repeated(resolved, ("parameters",), "parameter", [parameter.name for parameter in spec.parameters])
    for index, step in enumerate(spec.steps):
        yield from names_of_files(resolved, ("steps", index), step)
        if (taken := _reserved(spec).get(step.name)) is not None:
            yield resolved.finding(
                "reserved-step-name", ("steps", index, "name"), f"'{step.name}' is the name of the {taken} itself",
                help="choose another name for the step",
            )  # fmt: skip


def _reserved(spec: PipelineSpec) -> dict[str, str]:
    """What steps may not be called, and whose name it is."""
    parts = {
        "training": (spec.training, (TRAINING_STEP,)),
        "evaluation": (spec.evaluation, (EVALUATION_STEP, EVIDENCE_STEP)),
        "registration": (spec.registration, (REGISTRATION_STEP,)),
    }
    return {name: what for what, (part, names) in parts.items() if part is not None for name in names}


def names_of_files(one: Findable, place: Pointer, step: Step) -> Iterator[Finding]:
    """Findings for names that a step has twice among its outputs or artifacts."""
    yield from repeated(one, (*place, "outputs"), "output", [each.name for each in step.outputs])
    for way, artifacts in (("inputs", step.artifacts.inputs), ("outputs", step.artifacts.outputs)):
        yield from repeated(one, (*place, "artifacts", way), "artifact", [each.name for each in artifacts])


def repeated(one: Findable, pointer: Pointer, kind: str, names: Sequence[str]) -> Iterator[Finding]:
    """A finding for each name that is there more than once in the list of ``kind`` at ``pointer``."""
    for name in (name for name, times in Counter(names).items() if times > 1):
        last = len(names) - 1 - names[::-1].index(name)
        yield one.finding(
            f"duplicate-{kind}",
            (*pointer, last, "name"),
            f"there are two {kind.replace('-', ' ')}s named '{name}'",
            help="rename one",
        )


def _dependencies(resolved: ResolvedPipeline) -> Iterator[Finding]:
    known = {name for _, name, _, _ in containers(resolved.spec)}
    for pointer, name, _, depends_on in containers(resolved.spec):
        for index, needed in enumerate(depends_on):
            if needed not in known:
                yield unknown_name(resolved, (*pointer, "dependsOn", index), "step", needed, known - {name})


def _placeholders(resolved: ResolvedPipeline) -> Iterator[Finding]:
    for pointer, _, container, _ in tasks(resolved.spec):
        given = list(_in_texts(resolved, pointer, values(container)))
        yield from given
        for place, text in texts(container):
            if not resolved.is_of_template((*pointer, *place)):
                yield from _in_texts(resolved, pointer, [(place, text)])
            elif not given and any(isinstance(part, Unknown) for part in parts(text)):
                yield unknown_placeholder(resolved, (*pointer, *place), text)  # of a value's brace and a template's


def _in_texts(resolved: ResolvedPipeline, pointer: Pointer, found: Iterable[tuple[Pointer, str]]) -> Iterator[Finding]:
    for place, text in found:
        for part in parts(text):
            yield from _placeholder(resolved, (*pointer, *place), part)


def unknown_placeholder(one: Findable, pointer: Pointer, text: str) -> Finding:
    """The finding that braces in a text are no placeholder."""
    return one.finding(
        "unknown-placeholder", pointer, f"'{text}' is no placeholder",
        help="write {{parameters.NAME}} or {{steps.STEP.NAME}}; keep other '{{' in a file of the image",
    )  # fmt: skip


def _placeholder(resolved: ResolvedPipeline, pointer: Pointer, part: object) -> Iterator[Finding]:
    match part:
        case Unknown(text):
            yield unknown_placeholder(resolved, pointer, text)
        case ParameterUse(name):
            yield from _parameter(resolved, pointer, name)
        case OutputUse(step, name):
            yield from _output(resolved, pointer, step, name)
        case TuningUse(name):
            yield from _searched(resolved, pointer, name)


def _parameter(resolved: ResolvedPipeline, pointer: Pointer, name: str) -> Iterator[Finding]:
    values = {parameter.name: parameter.value for parameter in resolved.spec.parameters}
    if name not in values:
        yield unknown_name(resolved, pointer, "parameter", name, values)
    elif values[name] is None and not resolved.spec.is_workflow and name not in searched(resolved):
        yield resolved.finding(
            "parameter-without-value", pointer,
            f"parameter '{name}' has no value, and a pipeline of training alone is started by Git, which gives none",
            help="add value to the parameter",
        )  # fmt: skip


def _output(resolved: ResolvedPipeline, pointer: Pointer, step: str, name: str) -> Iterator[Finding]:
    outputs = {s.name: output_names(s) for s in resolved.spec.steps}
    if step not in outputs:
        yield unknown_name(resolved, pointer, "step", step, outputs)
    elif name not in outputs[step]:
        yield unknown_name(resolved, pointer, "output", name, outputs[step], f"step {step}")


def _searched(resolved: ResolvedPipeline, pointer: Pointer, name: str) -> Iterator[Finding]:
    known = searched(resolved) if pointer[0] == "training" else ()
    if name not in known:
        yield unknown_name(resolved, pointer, "tuning-parameter", name, known)


def searched(resolved: ResolvedPipeline) -> list[str]:
    """The names of what the pipeline's tuning searches."""
    tuning = resolved.spec.tuning
    return [parameter.name for parameter in tuning.parameters] if tuning else []


def find_cycle(edges: Mapping[str, Sequence[str]]) -> list[str]:
    """A cycle, its first step repeated at its end; empty where there is none. Unknown steps count as done."""
    done: set[str] = set()
    for start in sorted(edges):
        path: list[str] = []
        branches = [iter([start])]
        while branches:
            step = next(branches[-1], None)
            if step is None:
                branches.pop()
                done.update(path[-1:])
                path[-1:] = []
            elif step in path:
                return [*path[path.index(step) :], step]
            elif step in edges and step not in done:
                path.append(step)
                branches.append(iter(edges[step]))
    return []
