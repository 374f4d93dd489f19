"""``hearth keys``: make the key files of an installation, and a newer key beside the old ones."""

from contextlib import ExitStack
from pathlib import Path

import click

from scheduler.actions.keys import note_rotation
from scheduler.cli_start import read_settings, with_services
from scheduler.services import utc_now
from scheduler.storage.keyring import load_keyring, new_master_key
from scheduler.storage.signer import new_signer_key


@click.group()
def keys() -> None:
    """Make key files (mode 0600) in the folder HEARTH_KEYS_DIR."""


@keys.command("new")
@click.option(
    "--dir",
    "folder",
    envvar="HEARTH_KEYS_DIR",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="The key folder; default: HEARTH_KEYS_DIR.",
)
def new_keys(folder: Path) -> None:
    """Make the keys of a new installation. Keep a copy of the folder apart from the database's backups."""
    if any(folder.glob("*.key")):
        raise click.ClickException(f"{folder} has keys already; for a newer one: hearth keys rotate")
    kid = new_master_key(folder, utc_now())
    new_signer_key(folder)
    click.echo(f"Made the keys in {folder}; the master key is {kid}.")


@keys.command("rotate")
def rotate_keys() -> None:
    """Add a newer master key: it seals from now on, the older ones still open what they sealed.

    Restart ``hearth serve`` and ``hearth jobs`` afterwards, so that they read it.
    """
    folder = read_settings().keys_dir
    load_keyring(folder)  # a folder that lacks a key gets no others: a new look-up key would find nobody
    kid = new_master_key(folder, utc_now())
    file = folder / f"master-{kid}.key"
    if load_keyring(folder).kids[-1] != kid:
        file.unlink()
        raise click.ClickException("the newest key is of a later time than now; is the clock right?")
    with ExitStack() as undo:
        undo.callback(file.unlink)
        with_services(lambda services: note_rotation(services, kid))
        undo.pop_all()
    click.echo(f"The master key is {kid} from the next start on. Now restart: hearth serve, hearth jobs.")
