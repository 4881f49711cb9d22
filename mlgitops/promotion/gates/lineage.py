"""Gates about where a release comes from, and how old that is. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from mlgitops.promotion.gates.facts import Facts, MissingError, moment
from mlgitops.promotion.gates.parameters import Answer
from mlgitops.spec.gates import Age, Nothing, Provenance
from mlgitops.spec.quantities import milliseconds

_PROVENANCE = {
    "artifactDigest": ("artifact", "digest"),
    "trainingRun": ("trainingRun",),
    "sourceCommit": ("sourceCommit",),
    "dataDigest": ("dataDigest",),
    "trainedAt": ("trainedAt",),
}


def digest_pinned(_: Nothing, facts: Facts) -> Answer:
    """The artifact has a digest, and so has the image where the release names one."""
    artifact = facts.candidate.released("artifact", "digest")
    image = facts.candidate.release.get("image")
    if image and "@sha256:" not in image:
        return Answer(False, image, "…@sha256:…", "the image is not pinned by its digest")
    return Answer(True, artifact, "sha256:…", "what runs is what was reviewed, to the byte")


def provenance_complete(parameters: Provenance, facts: Facts) -> Answer:
    """The release says which run, commit and data it comes from."""
    missing = [name for name in parameters.fields if not _known(facts, _PROVENANCE[name])]
    wanted, known = len(parameters.fields), len(parameters.fields) - len(missing)
    told = f"the release does not say {', '.join(missing)}" if missing else "the lineage is known"
    return Answer(not missing, f"{known} of {wanted} known", f"all {wanted}", told)


def data_fresh(parameters: Age, facts: Facts) -> Answer:
    """The newest training data is not older than maxAge."""
    return _age("the newest training data", moment(facts.candidate.measured("dataUntil")), parameters, facts)


def model_fresh(parameters: Age, facts: Facts) -> Answer:
    """The model was trained no longer than maxAge ago."""
    return _age("the model", moment(facts.candidate.released("trainedAt")), parameters, facts)


def spoken(length: timedelta) -> str:
    """A length of time in the largest two units: ``3d 4h``."""
    minutes = int(length.total_seconds() // 60)
    parts = [(minutes // 1440, "d"), (minutes // 60 % 24, "h"), (minutes % 60, "m")]
    shown = [f"{number}{unit}" for number, unit in parts if number]
    return " ".join(shown[:2]) or "0m"


def _known(facts: Facts, keys: tuple[str, ...]) -> bool:
    try:
        return bool(facts.candidate.released(*keys))
    except MissingError:
        return False


def _age(what: str, since: datetime, parameters: Age, facts: Facts) -> Answer:
    age, most = facts.now - since, timedelta(milliseconds=milliseconds(parameters.max_age))
    if age < timedelta(0):
        raise MissingError(f"{what} is from {since.isoformat()}, which has not come yet")
    told = f"{what} is {spoken(age)} old"
    return Answer(age <= most, spoken(age), f"at most {parameters.max_age}", told)
