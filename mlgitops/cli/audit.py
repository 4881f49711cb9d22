"""``mlgitops audit``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mlgitops.cli.options import branch_option, color_option, environment_option, output_option, repository_options

if TYPE_CHECKING:
    from mlgitops.workflows.project import Opened


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def audit() -> None:
    """Verify that releases changed by promotions alone.

    \b
    Example:
      mlgitops audit verify
    """


@audit.command(short_help="Fail on any change of a release that no merged promotion brought.")
@environment_option
@click.option("--since", default="", metavar="REV", help="Take everything up to this commit as it is.")
@click.option("--signatures", is_flag=True, help="Require a good signature, SSH or GPG, on each promotion's commit.")
@click.option(
    "--allowed-signers", "signers", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The SSH keys that are trusted, as gpg.ssh.allowedSignersFile; implies --signatures.",
)  # fmt: skip
@click.option("--squash", is_flag=True, help="Also take squashed and rebased merges, by their trailers.")
@click.option("--replay", is_flag=True, help="Also work out again what each promotion claimed: its plan and its gates.")
@output_option("text", "json")
@branch_option
@color_option
@repository_options
def verify(
    opened: Opened, environments: tuple[str, ...], since: str, signatures: bool, signers: Path | None, squash: bool,
    replay: bool, outputs: list[tuple[str, Path | None]], revision: str, color: str,
) -> int:  # fmt: skip
    """Walk the protected branch, and fail on any change of a release that did not come by a merged promotion.

    Each change must have come by a merge that brought a commit with valid trailers, whose digests are those of the
    release and its evidence, and whose release has been where the trailers say that it comes from. The first commit is
    taken as it is. With --replay, plans and gates of the past are worked out by this version of mlgitops, which may
    differ from those of an older one.

    \b
    Examples:
      mlgitops audit verify
      mlgitops audit verify --env prod --allowed-signers .github/allowed_signers
    """
    from mlgitops.cli.terminal import style_for, write
    from mlgitops.promotion.audit import Policy
    from mlgitops.report.promotion import audit as report
    from mlgitops.workflows.project import choose_environments
    from mlgitops.workflows.promotion.audit import audit as judge

    chosen = frozenset(choose_environments(opened, environments) if environments else ())
    policy = Policy(signatures or signers is not None, squash, chosen)
    verdict = judge(opened, policy, revision, since, signers, replay=replay)
    write(outputs, {
        "text": lambda: report.text(verdict, style_for(sys.stdout, color)),
        "json": lambda: report.json(verdict),
    })  # fmt: skip
    return 0 if verdict.passed else 1
