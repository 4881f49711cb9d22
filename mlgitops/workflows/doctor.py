"""Looks at all that the project needs, without changing anything: tools, specs, the forge, every target."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

from mlgitops import __version__
from mlgitops.errors import FindingsError, MlgitopsError
from mlgitops.finding import Severity
from mlgitops.manifest import identity
from mlgitops.plan.asked import Asked
from mlgitops.plan.checkup import Check, Condition, of_token
from mlgitops.plan.components import SIGNS, Installed, compared
from mlgitops.plan.selection import Selection
from mlgitops.render.rendering import Rendering, TargetRendering
from mlgitops.targets import is_rendered
from mlgitops.targets.components import ShowsComponents
from mlgitops.workflows.project import Opened, choose_environments
from mlgitops.workflows.sites import CANNOT, Site, read_sites

Checks = Iterator[Check]
Declared = Mapping[str, Mapping[str, str | None]]
"""By target the versions of the components that it declares."""


def doctor(opened: Opened, environments: tuple[str, ...]) -> list[Check]:
    """Every check, of the targets of these environments or of all. Raises ``MlgitopsError`` for an unknown one."""
    return [*_tools(opened), *_project(opened, environments), *_forge(opened), *_targets(opened, environments)]


def _tools(opened: Opened) -> Checks:
    from mlgitops.tools import git, kustomize

    yield Check("tools", "mlgitops", Condition.WELL, f"{__version__}, Python {platform.python_version()}")
    yield _tool("git", git.version, Condition.BROKEN, "Install git, and put it on PATH.")
    yield from _author(opened)
    yield _tool(
        "kustomize", lambda: kustomize.find(os.environ).version(), Condition.WARNING,
        "Install kustomize or kubectl; an environment with a kustomization.yaml needs it.",
    )  # fmt: skip


def _author(opened: Opened) -> Checks:
    """Whose name commits and promotions would carry; asked only where there is a repository."""
    from mlgitops.tools import git, git_merge

    if not git.in_repository(opened.root):
        return
    name, address = git_merge.identity(opened.root)
    if (name, address) == git_merge.FALLBACK:
        cure = 'git config --global user.name "YOUR NAME", and the same with user.email'
        yield Check("tools", "author", Condition.WARNING, "Git does not know who you are", cure)
    else:
        yield Check("tools", "author", Condition.WELL, f"{name} <{address}>")


def _tool(name: str, version: Callable[[], str], missing: Condition, cure: str) -> Check:
    try:
        return Check("tools", name, Condition.WELL, version())
    except MlgitopsError as error:
        return Check("tools", name, missing, error.message, cure)


def _project(opened: Opened, environments: tuple[str, ...]) -> Checks:
    from mlgitops.workflows.validate import validate

    findings = validate(opened, environments)
    errors = sum(finding.severity is Severity.ERROR for finding in findings)
    cure = "mlgitops validate says what is wrong, where, and what to do."
    if errors:
        yield Check("project", "specs", Condition.BROKEN, f"{errors} of {len(findings)} findings are errors", cure)
    elif findings:
        yield Check("project", "specs", Condition.WARNING, f"warnings: {len(findings)}", cure)
    else:
        yield Check("project", "specs", Condition.WELL, "no findings")


def _forge(opened: Opened) -> Checks:
    from mlgitops.workflows.promotion.base import names_forge, open_base

    if not names_forge(opened):
        cure = "Add spec.forge to mlgitops.yaml; docs/forges.md has every kind."
        yield Check("forge", "branch", Condition.WARNING, "the project names none, so nothing can be promoted", cure)
        return
    try:
        base = open_base(opened)
        yield Check("forge", "branch", Condition.WELL, f"{base.branch} is at {base.commit[:12]}")
    except MlgitopsError as error:
        yield Check("forge", "branch", Condition.BROKEN, error.message, error.help or "See spec.forge.")
        return
    if base.settings["kind"] != "local":
        yield from _token(base.settings)


def _token(settings: Mapping[str, Any]) -> Checks:
    from mlgitops.forges.access import access

    try:
        found = access(settings, os.environ)
    except MlgitopsError as error:
        yield Check("forge", "token", Condition.BROKEN, error.message, error.help or "See docs/forges.md.")
        return
    yield of_token(found)


def _targets(opened: Opened, environments: tuple[str, ...]) -> Checks:
    try:
        names = choose_environments(opened, environments)
    except FindingsError:  # the project itself cannot be read, which was said of its specs
        return
    for name in names:
        yield from _targets_of(opened, name)


def _targets_of(opened: Opened, environment: str) -> Checks:
    from mlgitops.workflows.render import checked, render_environment

    try:
        rendering = render_environment(opened.source, environment, opened.cache)
    except FindingsError:
        cure = f"Mend what mlgitops validate --env {environment} says first."
        said = "its targets were not looked at, since it cannot be rendered"
        yield Check("project", environment, Condition.BROKEN, said, cure)
        return
    places = checked(opened.source, environment, opened.cache)[0].targets
    declared = {name: place.spec.components.model_dump(by_alias=True) for name, place in places.items()}
    yield from _at(opened, rendering, declared)


def _at(opened: Opened, rendering: Rendering, declared: Declared) -> Checks:
    def look(site: Site) -> list[Check]:
        return list(_site(site, declared.get(site.name, {})))

    def unread(target: TargetRendering, why: str) -> list[Check]:
        topic = f"target {rendering.environment}/{target.target}"
        return [Check(topic, "access", Condition.BROKEN, why, "docs/kubernetes-target.md says how one is reached.")]

    selection = Selection.of([rendering], Asked())
    (found,) = read_sites(opened.root, [rendering], selection, look, unread, raises_alone=False)
    for checks in found:
        yield from checks


def _site(site: Site, declared: Mapping[str, str | None]) -> Checks:
    """Whether a target can be read and written, and has what it says. Raises what reading it raises."""
    topic = f"target {site.rendering.environment}/{site.name}"
    inventory = site.connection.inventory()
    count = len(inventory.entries)
    yield Check(
        topic, "access", Condition.WELL, f"can be reached; {count} applied objects" if count else "can be reached"
    )
    yield _rights(topic, site)
    if not is_rendered(site.target.connection):
        cluster = cast("ShowsComponents", site.connection)
        yield from compared(topic, declared, Installed(cluster.serves(SIGNS.values()), cluster.images()))


def _rights(topic: str, site: Site) -> Check:
    """Whether all that is rendered could be written, and deleted again."""
    wanted = [identity(manifest) for manifest in site.target.manifests]
    try:
        site.connection.live(wanted)
        site.connection.require_rights(wanted, wanted)
    except CANNOT as error:
        help = error.help or "docs/kubernetes-target.md has the rights that it takes."
        return Check(topic, "rights", Condition.BROKEN, error.message, help)
    return Check(topic, "rights", Condition.WELL, f"all that {len(wanted)} objects take")
