"""Which release evidence is about, where its file is, and writing that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mlgitops.errors import MlgitopsError
from mlgitops.promotion import evidence
from mlgitops.spec.project_files import what_there_is
from mlgitops.spec.release import Release, release_digest
from mlgitops.spec.secrets import looks_secret
from mlgitops.targets import files
from mlgitops.workflows.project import Opened, choose_environments
from mlgitops.workflows.promotion.base import model_path, release_of


@dataclass(frozen=True)
class Subject:
    """A release that an environment has, by the files that are here. ``path`` is its evidence file's."""

    model: str
    environment: str
    release: Release
    path: str

    @property
    def digest(self) -> str:
        """The release's digest."""
        return release_digest(self.release)


@dataclass(frozen=True)
class Written:
    """The evidence, its file's path, and whether that is new or differs. ``note`` says what is still to be done."""

    path: str
    evidence: evidence.Evidence
    changed: bool
    note: str = ""


def subject(opened: Opened, model: str, environment: str) -> Subject:
    """The release of a model in an environment. Raises ``MlgitopsError`` where there is none, ``FindingsError``."""
    from mlgitops.spec.document import load

    choose_environments(opened, (environment,))
    path = model_path(environment, model)
    content = opened.source.files().get(path)
    release = release_of(load(path, content)) if content is not None else None
    if release is None:
        raise MlgitopsError(
            f"there is no release of '{model}' in {environment}", help=_models(opened, environment, model)
        )
    named = release.evidence or evidence.evidence_path(model, release.version)
    return Subject(model, environment, release, f"environments/{environment}/{named}")


def write(opened: Opened, about: Subject, fields: Mapping[str, Any], now: str, *, dry_run: bool) -> Written:
    """Puts fields over what the file says already, and replaces it as a whole. Equal evidence changes nothing.

    Raises ``MlgitopsError`` for fields that are no evidence or contradict the file, ``TargetError``.
    """
    content = opened.source.files().get(about.path)
    refuse_secrets(fields)
    try:
        old = evidence.read(content) if content is not None else None
        made = evidence.merged(old, evidence.checked({**fields, **_identity(about, now)}))
    except ValueError as error:
        raise MlgitopsError(f"{about.path} cannot be written: {error}", help=_HELP) from error
    changed = old is None or _timeless(old) != _timeless(made)
    if changed and not dry_run:
        _replace(opened, about.path, evidence.text(made))
    return Written(about.path, made if changed or old is None else old, changed, _note(about))


_HELP = "See docs/gates.md for what evidence holds; delete the file to begin anew."


def refuse_secrets(fields: Mapping[str, Any]) -> None:
    """Raises ``MlgitopsError`` for a parameter that looks like a secret: what goes into Git is there for ever."""
    parameters = fields.get("parameters")
    for name, value in parameters.items() if isinstance(parameters, Mapping) else ():
        if why := looks_secret(str(name), value):
            raise MlgitopsError(
                f"the parameter '{name}' is not written down: this looks like {why}",
                help="Leave it out of the run's parameters: what is in Git is there for ever.",
            )


def _identity(about: Subject, now: str) -> dict[str, Any]:
    artifact = about.release.artifact.digest
    return {
        "formatVersion": evidence.FORMAT,
        "model": about.model,
        "version": about.release.version,
        "releaseDigest": about.digest,
        **({"artifactDigest": artifact} if artifact else {}),
        "createdAt": now,
    }


def _timeless(one: evidence.Evidence) -> dict[str, Any]:
    return {name: value for name, value in evidence.plain(one).items() if name != "createdAt"}


def _replace(opened: Opened, path: str, content: bytes) -> None:
    folder = opened.root
    for part in path.split("/")[:-1]:
        if part in ("", ".", ".."):
            raise MlgitopsError(
                f"{path} is not a path within the environment's folder",
                help="Replace links in the environment's folder by real folders.",
            )
        folder /= part
        files.make_folder(folder)
    files.write_atomically(opened.root / path, content)


def _note(about: Subject) -> str:
    if about.release.evidence:
        return ""
    return (
        f"the release names no evidence, so that no gate sees this: bring it by mlgitops release with "
        f"--evidence {evidence.evidence_path(about.model, about.release.version)}"
    )


def _models(opened: Opened, environment: str, model: str) -> str:
    start = f"environments/{environment}/models/"
    known = [path.removeprefix(start).removesuffix(".yaml") for path in opened.source.files() if path.startswith(start)]
    return what_there_is(model, sorted(known), "models")
