"""A version in a model registry as a release and its evidence. Pure.

Digests and documents, which registries have no place for, are read from tags such as ``mlgitops.dataDigest``; those of
the version count before those of its run.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from mlgitops.errors import MlgitopsError
from mlgitops.promotion.evidence import FORMAT, checked, text
from mlgitops.promotion.measured.metrics import listed
from mlgitops.promotion.measured.mlflow_run import LONGEST, TAG
from mlgitops.promotion.model_file import described
from mlgitops.registries.registered import Registered
from mlgitops.spec.secrets import looks_secret

PROXIED = "mlflow-artifacts:/"
_READABLE = re.compile(r"(s3|gs|hf|hdfs|https?|pvc|oci|az|abfs|abfss|wasbs|store)://\S+")
_COMMIT = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
_COMMIT_TAGS = ("mlgitops.sourceCommit", "mlflow.source.git.commit")


@dataclass(frozen=True, slots=True)
class Measured:
    """Which release evidence is about. Of metrics in ``lower_is_better`` a smaller value is better.

    ``signature`` is that of the files, the bundle of model-signing as JSON text; empty where there is none.
    """

    model: str
    version: str
    lower_is_better: Collection[str] = ()
    signature: str = ""


def release_fields(found: Registered, artifact: str, artifact_root: str) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The fields of a release as in YAML, and notes about what could not be taken over.

    ``artifact`` is where the files were copied, empty where they are as the registry says. ``artifact_root`` is where a
    server keeps the files that it hands out itself. Raises ``MlgitopsError`` where no target could read the files.
    """
    fields, notes = described(found.model_file) if found.model_file else ({}, ())
    name, version = found.framework
    framework = {"framework": {"name": name, **({"version": version} if version else {})}} if name else {}
    said = {
        "trainingRun": found.run, "trainedAt": found.trained_at, "registered": str(found.reference),
        "sourceCommit": next((tag for key in _COMMIT_TAGS if _COMMIT.fullmatch(tag := found.tags.get(key, ""))), ""),
        "dataDigest": found.tags.get(f"{TAG}dataDigest", ""), "sbom": found.tags.get(f"{TAG}sbom", ""),
    }  # fmt: skip
    digest = found.tags.get(f"{TAG}artifactDigest", "")
    return {
        "version": found.reference.version,
        "artifact": {"uri": artifact or _uri(found, artifact_root), **({"digest": digest} if digest else {})},
        **fields, **framework, **{key: value for key, value in said.items() if value},
    }, (*found.notes, *notes)  # fmt: skip


def evidence(found: Registered, measured: Measured) -> bytes | None:
    """The file of evidence, the same bytes for the same version; None where nothing was measured or signed.

    Parameters that look like secrets, and metrics that are no finite number, are left out. Raises ``MlgitopsError``
    where what is said is no evidence.
    """
    numbers = {name: value for name, value in found.metrics.items() if _is_number(value)}
    if not numbers and not measured.signature:
        return None
    tags = {name: found.tags.get(TAG + name) for name in ("dataDigest", "dataUntil", "card")}
    signature = {"artifactSignature": measured.signature} if measured.signature else {}
    try:
        return text(checked({
            "formatVersion": FORMAT, "model": measured.model, "version": measured.version,
            "createdAt": found.created_at, "metrics": listed(numbers, measured.lower_is_better),
            "parameters": _parameters(found), "source": _source(found), **signature,
            **{name: tag for name, tag in tags.items() if tag},
        }))  # fmt: skip
    except ValueError as error:
        raise MlgitopsError(
            f"what {found.reference} says is no evidence: {error}",
            help="Correct the tag of the version or the run in the registry, or leave it out.",
        ) from error


def _source(found: Registered) -> list[dict[str, str]]:
    known = {"runId": found.run_id, "uri": found.run if "://" in found.run else ""}
    return [{name: value for name, value in known.items() if value}] if found.run_id else []


def _parameters(found: Registered) -> dict[str, str]:
    datasets = {f"dataset.{name}": digest for name, digest in found.datasets.items()}
    given: Mapping[str, str] = {**found.parameters, **datasets}
    return {name: value[:LONGEST] for name, value in given.items() if value and not looks_secret(name, value)}


def _uri(found: Registered, artifact_root: str) -> str:
    """Where a target reads the files. Raises ``MlgitopsError`` where none could."""
    path = found.uri.removeprefix(PROXIED)
    plain = not path.startswith("/") and not {".", ".."} & set(path.split("/"))  # no host, and below the root
    if found.uri.startswith(PROXIED) and artifact_root and plain:
        return f"{artifact_root.rstrip('/')}/{path}"
    if _READABLE.fullmatch(found.uri):
        return found.uri
    raise MlgitopsError(
        f"the files of {found.reference} are where no target reads them: {found.uri or 'the registry does not say'}",
        help="Give --artifact-root with what the server was started with as --artifacts-destination, or --artifact "
        "with where the files were copied.",
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
