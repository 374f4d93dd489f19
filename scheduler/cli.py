"""The command ``hearth``: thin; each command lives in a file of its own, read when it is asked for."""

from importlib import import_module
from pathlib import Path

import click

from scheduler import __version__
from scheduler.cli_start import in_one_sentence, load_env_file

COMMANDS = {
    "audit": "scheduler.cli_audit",
    "backup": "scheduler.cli_backup",
    "demo": "scheduler.cli_demo",
    "jobs": "scheduler.cli_serve",
    "keys": "scheduler.cli_keys",
    "migrate": "scheduler.cli_serve",
    "restore": "scheduler.cli_backup",
    "serve": "scheduler.cli_serve",
    "staff": "scheduler.cli_people",
}


class Hearth(click.Group):
    """The commands by name; each module holds its command under the same name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in order."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command so called, or None."""
        if cmd_name not in COMMANDS:
            return None
        found = getattr(import_module(COMMANDS[cmd_name]), cmd_name)
        assert isinstance(found, click.Command)
        return found

    def invoke(self, ctx: click.Context) -> object:
        """Run a command; trouble that an operator can mend is one sentence, never a traceback."""
        with in_one_sentence():
            return super().invoke(ctx)


@click.group(cls=Hearth, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--env",
    "env_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Read settings from a file of KEY=value lines, such as the demo's DIR/env.",
)
@click.version_option(__version__, prog_name="hearth")
def main(env_file: Path | None) -> None:
    """Hearth: an open, self-hosted scheduler for secure family sessions."""
    if env_file is not None:
        load_env_file(env_file)
