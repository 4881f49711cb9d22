"""Gates about whether a release fits where it is to run: its signature, and what it would ask for. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mlgitops.promotion.gates.facts import Facts, MissingError, Side
from mlgitops.promotion.gates.parameters import Answer
from mlgitops.spec.gates import Limits, Nothing
from mlgitops.spec.quantities import amount

Tensor = Mapping[str, Any]


def signature_compatible(_: Nothing, facts: Facts) -> Answer:
    """Whoever asks the release that runs can ask this one the same way, and finds the same in its answer."""
    mine = facts.candidate.released("signature")
    if facts.champion is None:
        return Answer(True, _shape(mine), "", f"no release runs in {facts.environment} yet")
    theirs = _running(facts.champion)
    problems = [*_inputs(theirs.get("inputs") or (), mine.get("inputs") or ()),
                *_outputs(theirs.get("outputs") or (), mine.get("outputs") or ())]  # fmt: skip
    told = "; ".join(problems) or "requests and answers stay as they are"
    return Answer(not problems, _shape(mine), _shape(theirs), told)


def capacity(parameters: Limits, facts: Facts) -> Answer:
    """No target is asked for more than max of a resource, with all of the environment's models at most replicas."""
    if facts.capacity is None:
        raise MissingError("nobody worked out what the targets would be asked for")
    shares = [
        (one.asked.get(resource, amount("0")), amount(limit), resource, one.target)
        for one in facts.capacity
        for resource, limit in parameters.max.items()
    ]
    if not shares:
        raise MissingError("the environment has no target")
    asked, limit, resource, target = max(shares, key=lambda one: (one[0] - one[1], one[2:]))
    passes = all(one[0] <= one[1] for one in shares)
    verb = "would be" if passes else "is"
    told = f"{target} {verb} asked for {asked:f} of {resource}" + ("" if passes else f", which is more than {limit:f}")
    return Answer(passes, f"{asked:f} {resource}", f"at most {limit:f}", told)


def _running(champion: Side) -> Mapping[str, Any]:
    try:
        found: Mapping[str, Any] = champion.released("signature")
    except MissingError as missing:
        raise MissingError(f"of the running release: {missing}") from missing
    return found


def _inputs(old: Sequence[Tensor], new: Sequence[Tensor]) -> Iterator[str]:
    """What makes a request of before no longer fit."""
    held = {tensor["name"]: tensor for tensor in old}
    for tensor in new:
        before = held.get(tensor["name"])
        if before is None:
            yield f"input {tensor['name']} is new"
        else:
            yield from _differs("input", before, tensor, wider=tensor)
    wanted = {tensor["name"] for tensor in new}
    yield from (f"input {name} is gone" for name in held if name not in wanted)


def _outputs(old: Sequence[Tensor], new: Sequence[Tensor]) -> Iterator[str]:
    """What makes an answer lack something that was in it before. It may have more."""
    held = {tensor["name"]: tensor for tensor in new}
    for tensor in old:
        after = held.get(tensor["name"])
        if after is None:
            yield f"output {tensor['name']} is gone"
        else:
            yield from _differs("output", tensor, after, wider=tensor)


def _differs(what: str, old: Tensor, new: Tensor, wider: Tensor) -> Iterator[str]:
    name = new["name"]
    if old["datatype"] != new["datatype"]:
        yield f"{what} {name} is {new['datatype']}, and was {old['datatype']}"
    narrow = old if wider is new else new
    fits = len(old["shape"]) == len(new["shape"]) and all(
        size in (-1, other) for size, other in zip(wider["shape"], narrow["shape"], strict=True)
    )
    if not fits:
        yield f"{what} {name} has shape {list(new['shape'])}, and had {list(old['shape'])}"


def _shape(signature: Mapping[str, Any]) -> str:
    parts = (signature.get("inputs") or (), signature.get("outputs") or ())
    return " → ".join(
        ", ".join(f"{one['name']} {one['datatype']}{list(one['shape'])}" for one in part) for part in parts
    )
