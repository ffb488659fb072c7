"""`--submit ADDRESS`: a command that runs as a job on a Ray cluster."""

from collections.abc import Sequence
from functools import partial

import typer
from typer.core import TyperGroup

from kbray.cli import session
from kbray.cli.render import say, write
from kbray.errors import ConfigError

COMMANDS = ("sync", "process", "index", "run", "cleanup")


def submitted(ctx: typer.Context, address: str, words: Sequence[str]) -> int:
    """The exit code of `words`, the command and what follows it, run there.

    Raises: ConfigError: not a command that can be a job, or options that the cluster must have by itself.
    """
    name = words[0]
    if name not in COMMANDS:
        raise ConfigError(f"--submit works with {', '.join(COMMANDS)}; `kbray {name}` runs here.")
    if session.given_flags():
        raise ConfigError(
            "With --submit, database and objects are those of the cluster: set KBRAY_* or kbray.toml on its nodes, and leave the "
            "global options out."
        )
    assert isinstance(ctx.command, TyperGroup)
    command = ctx.command.get_command(ctx, name)
    assert command is not None
    command.make_context(name, list(words[1:]), parent=ctx)  # a wrong option is told here and now

    from kbray.flow.submit import submit

    return submit(address, words, patience_s=session.settings().patience_s, out=partial(write, nl=False), say=say)
