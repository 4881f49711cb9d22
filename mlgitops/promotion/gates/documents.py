"""Gates about what has been written about a model: its card, its licence, how it is explained. Pure."""

from __future__ import annotations

from mlgitops.promotion.gates.facts import Facts, MissingError
from mlgitops.promotion.gates.parameters import Answer
from mlgitops.spec.gates import Licences, Methods, Nothing


def explainability(parameters: Methods, facts: Facts) -> Answer:
    """There is an artifact that explains the model's answers."""
    uri = str(facts.candidate.measured("explainability", "uri"))
    method = str(facts.candidate.measured("explainability", "method"))
    passes = not parameters.methods or method in parameters.methods
    told = f"explained by {method}, see {uri}" if passes else f"{method} is none of the methods that count"
    return Answer(passes, method, ", ".join(parameters.methods) or "any method", told)


def model_card(_: Nothing, facts: Facts) -> Answer:
    """There is a model card, in governance.card or in the evidence."""
    card = facts.governance.get("card") or (facts.candidate.evidence or {}).get("card")
    if not card:
        raise MissingError("neither governance.card nor the evidence names a model card")
    return Answer(True, str(card), "present", "there is a model card")


def licence(parameters: Licences, facts: Facts) -> Answer:
    """The model has a licence, and it is an allowed one."""
    found = facts.governance.get("licence")
    if not found:
        raise MissingError("governance.licence is not set")
    passes = not parameters.allowed or found in parameters.allowed
    told = "the licence is allowed" if passes else "the licence is none of those that are allowed"
    return Answer(passes, str(found), ", ".join(parameters.allowed) or "any licence", told)
