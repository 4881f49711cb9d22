"""What a pull request claims, against what is found by working it out again. Pure.

A claim is the trailers of a commit. It is stale or forged where anything in it is not what it should be; which of the
two, nobody can tell, and it does not matter: it does not go in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mlgitops.promotion.judgement import GateResult, Verdict
from mlgitops.promotion.trailers import NOTHING, Trailers

_AGAIN = "the claim is stale, or forged"


@dataclass(frozen=True, slots=True)
class Checked:
    """One change of a model in an environment: who claims it, what is wrong, and what the gates say now.

    ``commit`` and ``branch`` are empty where no commit claims it. ``path`` is the file that it is about, empty for a
    problem of the whole pull request.
    """

    model: str
    environment: str
    kind: str = ""
    version: str = ""
    commit: str = ""
    branch: str = ""
    path: str = ""
    problems: tuple[str, ...] = ()
    gates: tuple[GateResult, ...] = ()

    @property
    def passes(self) -> bool:
        """Whether nothing is wrong and no gate blocks."""
        return not self.problems and not any(gate.verdict is Verdict.BLOCK for gate in self.gates)


@dataclass(frozen=True, slots=True)
class Verification:
    """Everything that a pull request changes about releases. ``base`` and ``head`` are commits."""

    base: str
    head: str
    checked: tuple[Checked, ...] = ()

    @property
    def passes(self) -> bool:
        """Whether the pull request may go in."""
        return all(one.passes for one in self.checked)


def differences(claimed: Trailers, found: Trailers) -> Iterator[str]:
    """What a commit's trailers say otherwise than what was worked out, besides gates; each in words."""
    pairs = (
        ("release digest", claimed.release_digest, found.release_digest),
        ("evidence digest", claimed.evidence_digest, found.evidence_digest),
        ("plan digest", claimed.plan_digest, found.plan_digest),
        ("promotion id", claimed.promotion_id, found.promotion_id),
    )
    for what, said, true in pairs:
        if said != true:
            yield f"the {what} is claimed to be {said or NOTHING}, and is {true or NOTHING}: {_AGAIN}"


def gate_differences(claimed: Trailers, then: Iterable[GateResult]) -> Iterator[str]:
    """What gates said otherwise, at the time of the claim, than it says."""
    said, true = dict(claimed.gates), {gate.name: gate.verdict.value for gate in then}
    for name in dict.fromkeys((*said, *true)):
        if said.get(name) != true.get(name):
            shown = said.get(name) or "not there"
            yield f"the gate {name} is claimed to be {shown}, and was {true.get(name) or 'not there'}: {_AGAIN}"
