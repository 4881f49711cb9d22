"""``mlgitops render``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mlgitops.cli.install_options import install_options
from mlgitops.cli.options import output_option, project_options, selection_options

if TYPE_CHECKING:
    from mlgitops.manifest import Manifest
    from mlgitops.plan.asked import Asked
    from mlgitops.plan.selection import Selection
    from mlgitops.render.rendering import Rendering
    from mlgitops.workflows.install import Wishes
    from mlgitops.workflows.project import Opened


@click.command()
@selection_options
@click.option(
    "--bootstrap",
    type=click.Choice(["argocd", "flux"]),
    help="Instead, what makes this engine sync the targets that are Git branches.",
)
@click.option(
    "--bundle",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Instead, write an archive for a site without a network: manifests, list of images, checksums.",
)
@install_options
@output_option("yaml", "json")
@project_options
def render(
    opened: Opened,
    asked: Asked,
    bootstrap: str | None,
    bundle: Path | None,
    wishes: Wishes | None,
    fanout: str | None,
    outputs: list[tuple[str, Path | None]],
) -> None:
    """Print the manifests of an environment, overlay included, as they would be applied.

    The output is the same byte for byte for the same commit.

    --install prints what runs the controller in clusters instead: its Deployment or CronJob, and the least rights that
    these environments take. Every manifest has the label mlgitops.dev/cluster, so that kubectl apply -l applies those
    of one cluster.

    \b
    Examples:
      mlgitops render --env dev
      mlgitops render --env prod --target aws-prod --model iris-sklearn
      mlgitops render --env dev -o json | jq '.items[].kind'
      mlgitops render --env prod --bootstrap argocd
      mlgitops render --install --env prod --target aws-prod
      mlgitops render --fanout argo --env prod
      mlgitops render --env prod --target edge-factory-prod --bundle factory.tar
    """
    from mlgitops.cli.terminal import write

    if bundle and (bootstrap or wishes):
        raise click.UsageError("--bundle has what is applied: leave out --bootstrap, --install and --fanout")
    if bootstrap and wishes:
        raise click.UsageError("--bootstrap is about engines that sync by themselves: leave out --install and --fanout")
    if wishes and (asked.models or asked.objects):
        raise click.UsageError("--install and --fanout are about whole targets: leave out --model and --select")
    if bundle:
        _write_bundle(opened, asked, bundle)
        return
    chosen = list(_chosen(opened, asked, bootstrap, wishes, fanout))
    write(outputs, {"yaml": lambda: _yaml(chosen), "json": lambda: _json(chosen)})
    if wishes:
        _say_image(wishes)


def _write_bundle(opened: Opened, asked: Asked, path: Path) -> None:
    """Writes the archive and says what is in it, and which of its images may be another one at the site."""
    from mlgitops.cli.terminal import show, write_bytes
    from mlgitops.plan.selection import Selection
    from mlgitops.report import inert
    from mlgitops.workflows.bundle import bundle
    from mlgitops.workflows.plan import rendered

    renderings = rendered(opened, asked)
    made = bundle(renderings, Selection.of(renderings, asked))
    write_bytes(path, made.content, private=False)
    show(inert.line(f"{path}: {_counted(made.manifests, 'manifest')}, {_counted(len(made.images), 'image')}."))
    for image in made.unpinned:
        show(inert.line(f"note: {image} has no digest: what its tag means may be another image at the site"), err=True)


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _say_image(wishes: Wishes) -> None:
    """Says on stderr that nothing could be started from what was printed, where no image was named."""
    from mlgitops.cli.terminal import show
    from mlgitops.render.install.installation import IMAGE

    if wishes.image == IMAGE and not wishes.rights_only:
        show("note: without --image, what is printed names an image that does not exist", err=True)


def _chosen(
    opened: Opened, asked: Asked, bootstrap: str | None, wishes: Wishes | None, fanout: str | None
) -> Iterator[tuple[str, Manifest]]:
    """Every manifest, with the place that it is for."""
    from mlgitops.plan.selection import Selection
    from mlgitops.workflows.plan import rendered

    renderings = rendered(opened, asked)
    selection = Selection.of(renderings, asked)
    if wishes is not None and fanout:
        from mlgitops.workflows.fanout import fanout as fanned_out

        return fanned_out(opened, renderings, asked, wishes)
    if wishes is not None:
        from mlgitops.workflows.install import install

        return install(opened, renderings, asked, wishes)
    if bootstrap:
        from mlgitops.workflows.bootstrap import bootstrap as bootstrapped

        return bootstrapped(opened.root, renderings, selection, bootstrap)
    return _manifests(renderings, selection)


def _manifests(renderings: list[Rendering], selection: Selection) -> Iterator[tuple[str, Manifest]]:
    """Every manifest of the environments, with the environment and target it is for."""
    for rendering in renderings:
        for target in rendering.targets:
            for manifest in selection.manifests(target, rendering.commit):
                yield f"{rendering.environment} on {target.target}", manifest


def _yaml(manifests: list[tuple[str, Manifest]]) -> str:
    from mlgitops.targets.manifest_yaml import dump

    return "".join(f"---\n# {place}\n{dump(manifest)}" for place, manifest in manifests)


def _json(manifests: list[tuple[str, Manifest]]) -> str:
    import orjson

    listing = {"apiVersion": "v1", "kind": "List", "items": [manifest for _, manifest in manifests]}
    return orjson.dumps(listing, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS).decode()
