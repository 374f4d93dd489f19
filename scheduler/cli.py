"""The command ``hearth``: thin, each command in a file of its own (``cli_<term>.py``)."""

from pathlib import Path

import click

from scheduler import __version__
from scheduler.cli_audit import audit
from scheduler.cli_backup import backup, restore
from scheduler.cli_demo import demo
from scheduler.cli_keys import keys
from scheduler.cli_people import staff
from scheduler.cli_serve import jobs, migrate, serve
from scheduler.cli_start import load_env_file


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
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


for command in (audit, backup, demo, jobs, keys, migrate, restore, serve, staff):
    main.add_command(command)
