"""A version in a model registry, read and turned into a release and the evidence that comes with it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mlgitops.errors import MlgitopsError


@dataclass(frozen=True)
class Wanted:
    """Which version, for which model. ``given`` are fields of the release (as in YAML) that count before all else.

    ``artifact_root`` is where a server keeps the files that it hands out itself, ``signature`` the bundle that
    model-signing wrote of the files; of ``lower_is_better`` metrics a
    smaller value is better.
    """

    model: str
    registered: str
    given: Mapping[str, Any]
    artifact_root: str = ""
    signature: bytes = b""
    lower_is_better: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Taken:
    """The release's fields, its evidence (None where the registry measured nothing), and notes for whoever reviews."""

    fields: dict[str, Any]
    evidence: bytes | None
    notes: tuple[str, ...]


def take(wanted: Wanted) -> Taken:
    """What a registry says. The digest is computed where the registry hands out the files.

    Raises ``RegistryError``, ``NotAuthorisedError``, and ``MlgitopsError`` where no target could read the files, or
    they are not those of the digest that somebody said.
    """
    from mlgitops.promotion.registered import Measured, evidence, release_fields
    from mlgitops.registries import open_registry
    from mlgitops.registries.registered import refer

    reference = refer(wanted.registered)
    registry = open_registry(reference.kind, os.environ)
    found = registry.find(reference)
    artifact = dict(wanted.given.get("artifact", {}))
    fields, notes = release_fields(found, artifact.get("uri", ""), wanted.artifact_root)
    said = artifact.get("digest") or fields["artifact"].get("digest", "")
    bundle, signed = _signed(wanted.signature)
    name = str(found.reference)
    digest = _agreed(_agreed(said, signed, name), registry.digest(found), name)
    about = {"uri": fields["artifact"]["uri"], **({"digest": digest} if digest else {})}
    release = {**fields, **wanted.given, "artifact": about}
    measured = Measured(wanted.model, release["version"], wanted.lower_is_better, bundle)
    return Taken(release, evidence(found, measured), notes)


def _signed(signature: bytes) -> tuple[str, str]:
    """The bundle as evidence holds it, and the digest that it says. Whether anybody signed that, a gate tells."""
    from mlgitops.promotion.model_signature import as_text

    if not signature:
        return "", ""
    try:
        return as_text(signature)
    except ValueError as error:
        raise MlgitopsError(
            f"the signature cannot be used: {error}", help="Give the bundle of model-signing."
        ) from error


def _agreed(said: str, computed: str, name: str) -> str:
    if said and computed and said != computed:
        raise MlgitopsError(
            f"the digests of {name} differ: one is {computed}, another {said}",
            help="Find out which files were meant before you release any.",
        )
    return computed or said
