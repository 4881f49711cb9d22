"""The gate about who signed a model's files. Pure."""

from __future__ import annotations

from mlgitops.promotion.gates.facts import Facts, MissingError
from mlgitops.promotion.gates.parameters import Answer
from mlgitops.promotion.model_signature import signed_digest
from mlgitops.spec.gates import Keys


def signed(parameters: Keys, facts: Facts) -> Answer:
    """One of the keys signed the artifact's files, which are those of its digest."""
    artifact = str(facts.candidate.released("artifact", "digest"))
    bundle = facts.candidate.measured("artifactSignature")
    keys = len(parameters.keys)
    bound = f"by {'the key' if keys == 1 else f'one of {keys} keys'}"
    try:
        digest = signed_digest(str(bundle), parameters.keys)
    except ModuleNotFoundError:
        raise MissingError("the package cryptography is not installed: install mlgitops[signing]") from None
    except ValueError as error:
        return Answer(False, "not signed", bound, str(error))
    if digest != artifact:
        return Answer(False, digest, artifact, "other files were signed than the release's artifact")
    return Answer(True, digest, bound, "the files of the artifact are signed")
