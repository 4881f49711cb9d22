"""``mlgitops completion``."""

from __future__ import annotations

import click

SHELLS = ("bash", "zsh", "fish")


@click.command()
@click.argument("shell", type=click.Choice(SHELLS))
def completion(shell: str) -> None:
    """Print the script by which a shell completes verbs, options, and names of environments, targets and models.

    The shell asks mlgitops itself at each <Tab>, so that it knows the project that you are in.

    \b
    Examples:
      eval "$(mlgitops completion bash)"     # in ~/.bashrc
      eval "$(mlgitops completion zsh)"      # in ~/.zshrc
      mlgitops completion fish > ~/.config/fish/completions/mlgitops.fish
    """
    from click.shell_completion import get_completion_class

    from mlgitops.cli.main import main
    from mlgitops.cli.terminal import show

    made = get_completion_class(shell)
    assert made is not None, shell
    show(made(main, {}, "mlgitops", "_MLGITOPS_COMPLETE").source())
