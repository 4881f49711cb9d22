"""The protected branch, as it is at the forge: what every pull request of ours starts from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlgitops.errors import MlgitopsError
from mlgitops.sources.commit import Commit
from mlgitops.spec.positions import Pointer, value_of
from mlgitops.spec.project_files import what_there_is
from mlgitops.tools import git_objects, git_refs
from mlgitops.tools.git import git
from mlgitops.workflows.project import Opened, environment_names

if TYPE_CHECKING:
    from mlgitops.forges import Forge
    from mlgitops.spec.document import Document
    from mlgitops.spec.release import Release
    from mlgitops.targets.git.branch import RemoteBranch

ORIGIN = "origin"
_HELP = "Add spec.forge to mlgitops.yaml, such as kind: github, or kind: local with the url of a bare repository."


@dataclass(frozen=True)
class Base:
    """The protected branch at one commit.

    ``opened`` is the project as that commit has it; ``prefix`` is its folder within the repository, with a ``/`` at the
    end, empty for the repository's root. ``address`` is what Git fetches from and pushes to. ``settings`` is the
    Project's forge block.
    """

    opened: Opened
    git_dir: Path
    prefix: str
    address: str
    branch: str
    settings: Mapping[str, Any]

    @property
    def commit(self) -> str:
        """The commit that the branch is at."""
        return self.opened.source.commit

    @cached_property
    def environments(self) -> list[str]:
        """Environments in the order in which a release travels."""
        return environment_names(self.opened)

    def forge(self, environment: Mapping[str, str]) -> Forge:
        """The forge itself. Raises ``ForgeError`` and ``NotAuthorisedError``."""
        from mlgitops.forges import open_forge

        return open_forge(self.settings, environment, self.opened.root)

    def remote(self, branch: str) -> RemoteBranch:
        """A branch at the forge."""
        from mlgitops.targets.git.branch import RemoteBranch

        return RemoteBranch(branch, self.address, self.git_dir)

    def content(self, path: str) -> bytes | None:
        """A file's bytes; None where there is none. Raises ``MlgitopsError`` where it is a link."""
        return self.opened.source.files().get(path)

    def refuse_links(self, path: str) -> None:
        """Raises ``MlgitopsError`` where writing ``path`` would write somewhere else, or instead of a link."""
        entries = git_objects.files(self.git_dir, self.commit, self.prefix + path)
        entry = entries.get(self.prefix + path)
        if entry is None or entry.is_link:
            raise MlgitopsError(f"{path} is a link, or in a folder that is one", help="Replace it by the file itself.")


def open_base(opened: Opened) -> Base:
    """Fetches the protected branch and opens the project as it is there. The work tree is not touched.

    Raises ``MlgitopsError`` where the project names no forge, or there is no such branch, remote or repository.
    """
    settings = _forge_settings(opened)
    git_dir = git_refs.common_directory(opened.root)
    address, branch = _address(opened.root, settings), str(settings.get("branch") or "main")
    base = Base(opened, git_dir, prefix_of(opened.root), address, branch, settings)
    head = base.remote(branch).head()
    if not head:
        raise MlgitopsError(f"there is no branch {branch} at the forge", help="Push it, or set spec.forge.branch.")
    project = Opened(opened.root, Commit(opened.root, head), opened.cache)
    return Base(project, git_dir, base.prefix, address, branch, settings)


def model_path(environment: str, model: str) -> str:
    """Where an environment's file of a model is."""
    return f"environments/{environment}/models/{model}.yaml"


def read_model(base: Base, environment: str, model: str) -> Document:
    """The environment's own file of a model. Raises ``MlgitopsError`` where there is none, ``FindingsError``."""
    from mlgitops.spec.document import load

    content = base.content(model_path(environment, model))
    if content is None:
        raise unknown_model(base, environment, model)
    return load(model_path(environment, model), content)


def release_of(document: Document, pointer: Pointer = ("spec", "release")) -> Release | None:
    """The release in a model's file, or another one there; None where it has none.

    Raises ``FindingsError`` for one that is not valid.
    """
    from mlgitops.errors import FindingsError
    from mlgitops.spec.release import Release
    from mlgitops.spec.validation import validate

    data = value_of(document.data, pointer)
    if not isinstance(data, dict):
        return None
    release, findings = validate(Release, data, document.written, prefix=pointer)
    if release is None:
        raise FindingsError(findings)
    return release


def require_environment(base: Base, name: str) -> str:
    """The name, if there is such an environment. Raises ``MlgitopsError``."""
    if name in base.environments:
        return name
    raise MlgitopsError(
        f"there is no environment '{name}' on {base.branch}",
        help=what_there_is(name, base.environments, "environments"),
    )


def unknown_model(base: Base, environment: str, model: str) -> MlgitopsError:
    """The error for a model that an environment does not have."""
    return MlgitopsError(
        f"there is no model '{model}' in environment {environment} on {base.branch}",
        help=what_there_is(model, models_of(base, environment), "models"),
    )


def models_of(base: Base, environment: str) -> list[str]:
    """The models that an environment has files of."""
    start, ending = f"environments/{environment}/models/", ".yaml"
    names = (path.removeprefix(start) for path in base.opened.source.files() if path.startswith(start))
    return sorted(name.removesuffix(ending) for name in names if name.endswith(ending) and "/" not in name)


def names_forge(opened: Opened) -> bool:
    """Whether the Project says where its pull requests are."""
    return forge_block(opened) is not None


def _forge_settings(opened: Opened) -> Mapping[str, Any]:
    settings = forge_block(opened)
    if settings is None:
        raise MlgitopsError(
            "the project names no forge, so that it has no protected branch and no pull requests", help=_HELP
        )
    return settings


def forge_block(opened: Opened) -> Mapping[str, Any] | None:
    """The Project's forge block as its file has it; None where it has none. Raises ``FindingsError``."""
    from mlgitops.spec.document import load

    content = opened.source.files().get("mlgitops.yaml", b"")
    spec = load("mlgitops.yaml", content).data.get("spec")
    settings = spec.get("forge") if isinstance(spec, dict) else None
    return settings if isinstance(settings, dict) and settings.get("kind") else None


def _address(root: Path, settings: Mapping[str, Any]) -> str:
    if settings["kind"] == "local":
        from mlgitops.forges.local import repository_at

        url = str(settings.get("url") or "")
        path = repository_at(root, url)
        return url if url.startswith("file://") else str(path)
    if not git_refs.address_of(root, ORIGIN):
        raise MlgitopsError(
            f"the repository has no remote '{ORIGIN}' to push to", help=f"Run git remote add {ORIGIN} URL."
        )
    return ORIGIN


def prefix_of(root: Path) -> str:
    """The project's folder within its repository, with a ``/`` at the end; empty for the repository's root."""
    return git(["rev-parse", "--show-prefix"], root).output.decode().strip("\n")
