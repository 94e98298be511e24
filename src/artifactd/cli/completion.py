"""`artifactd completion`: the script that makes a shell complete commands, options and field names."""

from __future__ import annotations

import click

SHELLS = ("bash", "zsh", "fish")


@click.command()
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the script that makes a shell complete commands, options and fields.

    \b
    To install it, once:
      bash   artifactd completion bash > ~/.local/share/bash-completion/completions/artifactd
      zsh    artifactd completion zsh > "${fpath[1]}/_artifactd"
      fish   artifactd completion fish > ~/.config/fish/completions/artifactd.fish

    \b
    Or only for the shell that is running:
      source <(artifactd completion bash)
    """
    from click.shell_completion import get_completion_class

    found = get_completion_class(shell)
    assert found is not None
    root = context.find_root()
    click.echo(found(root.command, {}, "artifactd", "_ARTIFACTD_COMPLETE").source())
