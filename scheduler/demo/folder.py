"""The demo's folder: keys, database, mail, ``env`` and ``people.json``, all in one place.

It is made beside its name and renamed when it is whole, so that a start that was cut off leaves nothing half
done; a second start finds everything as it was left.
"""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from scheduler.actions.demo import in_order, sign_in_path
from scheduler.domain.people import Person
from scheduler.services import utc_now
from scheduler.settings import Settings
from scheduler.storage.keyring import Keyring, new_master_key
from scheduler.storage.schema import migrate_to_head
from scheduler.storage.signer import new_signer_key


class NotADemo(Exception):
    """The folder holds something else; it is left alone."""


@dataclass(frozen=True, slots=True)
class Folder:
    """The demo's folder, by its absolute path."""

    path: Path

    @property
    def is_made(self) -> bool:
        """Whether a demo lives here already.

        Raises:
            NotADemo: something else does.
        """
        if (self.path / "hearth.db").exists():
            return True
        if self.path.exists() and any(self.path.iterdir()):
            raise NotADemo(f"{self.path} is not empty and holds no demo")
        return False

    @property
    def part(self) -> "Folder":
        """The folder under the name it has while it is made."""
        return Folder(self.path.with_name(self.path.name + ".part"))

    def begin(self) -> None:
        """Lay keys and an empty, migrated database under the temporary name."""
        shutil.rmtree(self.part.path, ignore_errors=True)
        self.part.path.mkdir(parents=True)
        new_master_key(self.part.path / "keys", utc_now())
        new_signer_key(self.part.path / "keys")
        self.part.migrate()

    def finish(self) -> None:
        """Give it its name."""
        if self.path.exists():
            self.path.rmdir()
        self.part.path.rename(self.path)

    def migrate(self) -> None:
        """Bring the database to head."""
        migrate_to_head(f"sqlite+aiosqlite:///{self.path / 'hearth.db'}")

    def settings(self, port: int) -> Settings:
        """Return the demo's settings, served at ``http://localhost:<port>``."""
        return Settings.model_validate(self._values(port))

    def write_env(self, port: int) -> None:
        """Write the settings as KEY=value lines, so that every command works on the demo."""
        lines = [f"HEARTH_{name.upper()}={value}" for name, value in self._values(port).items()]
        (self.path / "env").write_text("\n".join(lines) + "\n")

    def write_people(self, persons: list[Person], *, settings: Settings, keyring: Keyring) -> None:
        """Write ``people.json``: who there is, and the address that signs each of them in at once."""
        found = [
            {
                "name": person.name,
                "email": person.email,
                "role": person.role,
                "zone": person.zone,
                "sign_in_url": settings.url(sign_in_path(keyring, person.id)),
            }
            for person in in_order(persons)
        ]
        (self.path / "people.json").write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n")

    def _values(self, port: int) -> dict[str, str]:
        return {
            "database_url": f"sqlite+aiosqlite:///{self.path / 'hearth.db'}",
            "base_url": f"http://localhost:{port}",
            "keys_dir": str(self.path / "keys"),
            "mail_url": f"maildir:{self.path / 'mail'}",
            "mail_from": "Hearth <hello@hearth.example>",
            "exports_dir": str(self.path / "exports"),
            "requests_a_minute": "100000",  # everyone in the demo comes from one address
            "is_demo": "true",
        }
