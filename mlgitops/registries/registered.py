"""A version in a model registry, as every registry tells it; and how one names it. Knows no network."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from mlgitops.errors import RegistryError

KINDS = ("mlflow", "kubeflow")

_REFERENCE = re.compile(
    r"(?P<kind>[a-z]+):models:/(?P<name>[^/@:?#\x00-\x1f]{1,200})(?:@(?P<alias>[\w.-]{1,100})|/(?P<version>[\w.+-]{1,100}))"
)


@dataclass(frozen=True, slots=True)
class Reference:
    """A version by its alias, or by what it is called itself; the other one is empty."""

    kind: str
    name: str
    alias: str = ""
    version: str = ""

    def __str__(self) -> str:
        return f"{self.kind}:models:/{self.name}" + (f"@{self.alias}" if self.alias else f"/{self.version}")


@dataclass(frozen=True, slots=True)
class Registered:
    """A version in a registry; what it does not say is empty.

    ``uri`` is where its files are and ``created_at`` when it was registered (RFC 3339). ``model_file`` is MLflow's own
    description of a model, ``framework`` a name and a version. ``tags`` are those of the run, with the version's over
    them. ``datasets`` are digests by the data's name, in the registry's own form. ``notes`` say what could not be read.
    """

    reference: Reference
    uri: str
    created_at: str
    run_id: str = ""
    run: str = ""
    trained_at: str = ""
    metrics: Mapping[str, float] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    datasets: Mapping[str, str] = field(default_factory=dict)
    framework: tuple[str, str] = ("", "")
    model_file: bytes = b""
    notes: tuple[str, ...] = ()


def refer(text: str) -> Reference:
    """What ``KIND:models:/NAME@ALIAS`` or ``KIND:models:/NAME/VERSION`` names. Raises ``RegistryError``."""
    found = _REFERENCE.fullmatch(text)
    if found is None or found["kind"] not in KINDS:
        shown = f"'{text}'" if text.isprintable() and "://" not in text else "this"  # an address may hold a login
        raise RegistryError(
            f"{shown} names no version in a model registry",
            help="Write mlflow:models:/NAME@ALIAS or mlflow:models:/NAME/VERSION; kubeflow: for Kubeflow's.",
        )
    return Reference(found["kind"], found["name"], found["alias"] or "", found["version"] or "")
