"""Rules about the graph of a pipeline's steps: names, dependencies, cycles, and what placeholders refer to. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from mlgitops.check.references import unknown_name
from mlgitops.finding import Finding
from mlgitops.spec.placeholders import TRAINING_STEP, OutputUse, ParameterUse, Unknown, containers, needs, parts, texts
from mlgitops.spec.positions import Pointer
from mlgitops.spec.resolved import ResolvedPipeline


def check(resolved: ResolvedPipeline) -> Iterator[Finding]:
    """Findings about the steps and how they hang together."""
    yield from _names(resolved)
    yield from _dependencies(resolved)
    yield from _placeholders(resolved)
    edges = {name: needs(container, depends_on) for _, name, container, depends_on in containers(resolved.spec)}
    if cycle := find_cycle(edges):
        yield resolved.finding(
            "dependency-cycle", ("steps",), f"these steps wait for each other: {' -> '.join(cycle)}",
            help="remove one of the dependencies; a use of a step's output is a dependency too",
        )  # fmt: skip


def _names(resolved: ResolvedPipeline) -> Iterator[Finding]:
    spec = resolved.spec
    yield from _repeated(resolved, ("steps",), "step", [step.name for step in spec.steps])
    yield from _repeated(resolved, ("parameters",), "parameter", [parameter.name for parameter in spec.parameters])
    for index, step in enumerate(spec.steps):
        yield from _repeated(resolved, ("steps", index, "outputs"), "output", [output.name for output in step.outputs])
        if step.name == TRAINING_STEP and spec.training is not None:
            yield resolved.finding(
                "reserved-step-name", ("steps", index, "name"), f"'{TRAINING_STEP}' is the name of the training itself",
                help="choose another name for the step",
            )  # fmt: skip


def _repeated(resolved: ResolvedPipeline, pointer: Pointer, kind: str, names: Sequence[str]) -> Iterator[Finding]:
    for name in (name for name, times in Counter(names).items() if times > 1):
        last = len(names) - 1 - names[::-1].index(name)
        yield resolved.finding(
            f"duplicate-{kind}", (*pointer, last, "name"), f"there are two {kind}s named '{name}'", help="rename one"
        )


def _dependencies(resolved: ResolvedPipeline) -> Iterator[Finding]:
    known = {name for _, name, _, _ in containers(resolved.spec)}
    for pointer, name, _, depends_on in containers(resolved.spec):
        for index, needed in enumerate(depends_on):
            if needed not in known:
                yield unknown_name(resolved, (*pointer, "dependsOn", index), "step", needed, known - {name})


def _placeholders(resolved: ResolvedPipeline) -> Iterator[Finding]:
    for pointer, _, container, _ in containers(resolved.spec):
        for place, text in texts(container):
            for part in parts(text):
                yield from _placeholder(resolved, (*pointer, *place), part)


def _placeholder(resolved: ResolvedPipeline, pointer: Pointer, part: object) -> Iterator[Finding]:
    match part:
        case Unknown(text):
            yield resolved.finding(
                "unknown-placeholder", pointer, f"'{text}' is no placeholder",
                help="write {{parameters.NAME}} or {{steps.STEP.NAME}}; keep other '{{' in a file of the image",
            )  # fmt: skip
        case ParameterUse(name):
            yield from _parameter(resolved, pointer, name)
        case OutputUse(step, name):
            yield from _output(resolved, pointer, step, name)


def _parameter(resolved: ResolvedPipeline, pointer: Pointer, name: str) -> Iterator[Finding]:
    values = {parameter.name: parameter.value for parameter in resolved.spec.parameters}
    if name not in values:
        yield unknown_name(resolved, pointer, "parameter", name, values)
    elif values[name] is None and not resolved.spec.steps:
        yield resolved.finding(
            "parameter-without-value", pointer,
            f"parameter '{name}' has no value, and a pipeline of training alone is started by Git, which gives none",
            help="add value to the parameter",
        )  # fmt: skip


def _output(resolved: ResolvedPipeline, pointer: Pointer, step: str, name: str) -> Iterator[Finding]:
    outputs = {s.name: {output.name for output in s.outputs} for s in resolved.spec.steps}
    if step not in outputs:
        yield unknown_name(resolved, pointer, "step", step, outputs)
    elif name not in outputs[step]:
        yield unknown_name(resolved, pointer, "output", name, outputs[step], f"step {step}")


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
