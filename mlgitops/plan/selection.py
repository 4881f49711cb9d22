"""A selection: the part of an environment that a person asked for by target, model or object."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from mlgitops.errors import MlgitopsError
from mlgitops.manifest import Identity, Manifest, identity
from mlgitops.plan.asked import Asked
from mlgitops.render.rendering import Rendering, TargetRendering, stamped
from mlgitops.spec.project_files import did_you_mean
from mlgitops.targets import owner_of

LISTED = 12
"""How many known names a message lists."""


@dataclass(frozen=True)
class Selection:
    """What was asked for; an empty part means everything. Models are also found among pipelines of that name."""

    targets: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    objects: tuple[str, ...] = ()

    @classmethod
    def of(
        cls, renderings: Sequence[Rendering], asked: Asked, applied: Iterable[tuple[Identity, str]] = ()
    ) -> Selection:
        """The selection, once every name in it is known. Raises ``MlgitopsError`` with the likely meaning.

        ``applied`` are objects of inventories with their owners: what Git no longer has can be asked for too.
        """
        for item in asked.objects:
            if item.count("/") != 1:
                raise MlgitopsError(f"--select {item} is not KIND/NAME", help="for example InferenceService/iris")
        _known("target", asked.targets, {t.target for r in renderings for t in r.targets})
        rendered = ((identity(m), owner_of(m)) for r in renderings for t in r.targets for m in t.manifests)
        objects = [*rendered, *applied] if asked.models or asked.objects else []
        _known("model", asked.models, {owner.partition("/")[2] for _, owner in objects} - {""})
        _known("object", asked.objects, {f"{one.kind}/{one.name}" for one, _ in objects})
        return cls(asked.targets, asked.models, asked.objects)

    @property
    def everything(self) -> bool:
        """Whether nothing is left out."""
        return not (self.targets or self.models or self.objects)

    def words(self) -> tuple[str, ...]:
        """The selection as options, for a plan to remember."""
        return (
            *(f"--target {name}" for name in self.targets),
            *(f"--model {name}" for name in self.models),
            *(f"--select {item}" for item in self.objects),
        )

    def keeps_target(self, target: str) -> bool:
        """Whether a target is part of it."""
        return not self.targets or target in self.targets

    def keeps(self, this: Identity, owner: str) -> bool:
        """Whether an object is part of it."""
        if self.models and owner.partition("/")[2] not in self.models:
            return False
        return not self.objects or f"{this.kind}/{this.name}".lower() in {item.lower() for item in self.objects}

    def manifests(self, target: TargetRendering, commit: str) -> Iterator[Manifest]:
        """The manifests of a target that are part of it, stamped with their commit."""
        if self.keeps_target(target.target):
            everything = not (self.models or self.objects)
            for manifest in target.manifests:
                if everything or self.keeps(identity(manifest), owner_of(manifest)):
                    yield stamped(manifest, commit)


def _known(what: str, asked: Iterable[str], known: set[str]) -> None:
    small = {name.lower() for name in known} if what == "object" else known
    for name in asked:
        if (name.lower() if what == "object" else name) not in small:
            meant = did_you_mean(name, known)
            raise MlgitopsError(
                f"there is no {what} '{name}' here",
                help=(f"did you mean '{meant}'? " if meant else "") + f"{what}s: {_listed(sorted(known))}",
            )


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
    return ", ".join(names[:LISTED]) + more if names else "none"
