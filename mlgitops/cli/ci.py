"""``mlgitops ci``: what the templates for GitHub, GitLab, Azure DevOps and Jenkins run."""

from __future__ import annotations

from pathlib import Path

import click

from mlgitops.cli.options import Command, environment_option, root_option

_SETTINGS = {"help_option_names": ["-h", "--help"]}
reports_option = click.option(
    "--reports", type=click.Path(file_okay=False, path_type=Path), default=Path("mlgitops-reports"), metavar="DIR",
    show_default=True, help="Where the reports are written.",
)  # fmt: skip
more_argument = click.argument("more", nargs=-1, type=click.UNPROCESSED, metavar="[-- OPTIONS]")


@click.group(context_settings=_SETTINGS)
def ci() -> None:
    """Run what continuous integration runs: check a pull request, apply on merge, look for drift, promote.

    Each is a few verbs after each other, printed as they begin, so that anybody can run them again. GitHub, GitLab,
    Azure DevOps and Jenkins are known by the variables that they set. What comes after -- is given to the verb.

    \b
    Examples:
      mlgitops ci check
      mlgitops ci apply --env dev -- --timeout 30m
    """


def _job(command: Command) -> Command:
    for decorate in reversed((reports_option, root_option, more_argument)):
        command = decorate(command)
    return command


@ci.command(context_settings=_SETTINGS, short_help="Check a pull request, and tell it what was found.")
@environment_option
@click.option("--quiet", is_flag=True, help="Tell the pull request nothing.")
@_job
def check(environments: tuple[str, ...], quiet: bool, reports: Path, root: Path | None, more: tuple[str, ...]) -> int:
    """Validate, plan and verify what a pull request claims, and tell the pull request.

    Findings are shown beside the lines they are about, and written as text, JSON, SARIF, JUnit and code quality. One
    comment is kept up to date, and the commit gets the statuses mlgitops/check and mlgitops/gates, where the protected
    branch names a forge and there is a token for it. Exits with 1 where anything of it failed.

    \b
    Examples:
      mlgitops ci check
      mlgitops ci check --env dev --quiet
      mlgitops ci check -- --target aws-dev
    """
    from mlgitops.cli.job import Job
    from mlgitops.workflows.ci import steps

    job = Job.begin(root, reports)
    forge = None if quiet else job.forge()
    validated = job.run(steps.validate(job.system, reports, environments))
    job.annotate()
    planned = None if validated else job.run(steps.plan(reports, environments, more))
    gates = job.gates() if forge else 0
    told = job.conclude(forge, validated, planned)
    return steps.worst([validated, planned or 0, gates, told])


@ci.command(context_settings=_SETTINGS, short_help="Apply the commit that is checked out.")
@environment_option
@_job
def apply(environments: tuple[str, ...], reports: Path, root: Path | None, more: tuple[str, ...]) -> int:
    """Apply the commit that is checked out, environment after environment in the order of promotion.

    One that fails stops those behind it.

    \b
    Examples:
      mlgitops ci apply
      mlgitops ci apply --env dev -- --timeout 30m
    """
    from mlgitops.cli.job import Job
    from mlgitops.workflows.ci import steps
    from mlgitops.workflows.project import choose_environments

    job = Job.begin(root, reports)
    for environment in choose_environments(job.opened, environments):
        if code := job.run(steps.apply(environment, more)):
            return code
    return 0


@ci.command(context_settings=_SETTINGS, short_help="Look for drift, and exit with 2 where there is any.")
@environment_option
@_job
def drift(environments: tuple[str, ...], reports: Path, root: Path | None, more: tuple[str, ...]) -> int:
    """Look for drift, and exit with 2 where there is any, so that the system tells people that a job failed.

    \b
    Examples:
      mlgitops ci drift
      mlgitops ci drift --env prod -- --fix --yes
    """
    from mlgitops.cli.job import Job
    from mlgitops.workflows.ci import steps

    job = Job.begin(root, reports)
    code = job.run(steps.drift(reports, environments, more))
    job.summarise_drift(code)
    return code


@ci.command(context_settings=_SETTINGS, short_help="Open a pull request for every release that is ready.")
@click.option("--to", "targets", multiple=True, metavar="ENV", help="An environment, repeatable; all but the first.")
@_job
def promote(targets: tuple[str, ...], reports: Path, root: Path | None, more: tuple[str, ...]) -> int:
    """Open or bring up to date a pull request for every release that is ready for the next environment.

    What a gate keeps out is named, and left out. Nothing is merged: that is for people, or for the forge's own merging
    of what was approved and has its statuses.

    \b
    Examples:
      mlgitops ci promote
      mlgitops ci promote --to prod -- --group-by team
    """
    from mlgitops.cli.job import Job
    from mlgitops.workflows.ci import steps
    from mlgitops.workflows.project import choose_environments

    job = Job.begin(root, reports)
    later = choose_environments(job.opened, targets) if targets else choose_environments(job.opened, ())[1:]
    return steps.worst(job.run(steps.promote(environment, more)) for environment in later)
