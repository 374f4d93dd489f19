"""The process that exports, apart from the one that fills the log; no benchmark itself."""

import asyncio
import resource
import sys
import time
from pathlib import Path

from scheduler.actions.audit_export import export_from_console
from scheduler.domain.audit_filter import EVERYTHING
from scheduler.services import build_services
from scheduler.settings import Settings


def settings(folder: Path) -> Settings:
    """Return the settings of the installation in a folder."""
    return Settings.model_validate(
        {
            "database_url": f"sqlite+aiosqlite:///{folder / 'hearth.db'}",
            "base_url": "https://hearth.test",
            "keys_dir": folder / "keys",
            "mail_url": f"maildir:{folder / 'mail'}",
            "mail_from": "Hearth <hello@hearth.test>",
        }
    )


async def _export(folder: Path) -> None:
    services = build_services(settings(folder))
    await export_from_console(
        services, EVERYTHING, purpose="benchmark", path=folder / "export.zip", tell=_quiet
    )
    await services.database.close()


async def _quiet(done: int, total: int) -> None:
    """Tell nobody."""


def main(folder: Path) -> None:
    """Export, and print the peak memory in megabytes and the seconds it took."""
    started = time.perf_counter()
    asyncio.run(_export(folder))
    print(_peak_megabytes(), time.perf_counter() - started)


def _peak_megabytes() -> float:
    """Return the high-water mark of this process; ``getrusage`` would count its parent's, before exec."""
    status = Path("/proc/self/status")
    if not status.exists():  # not Linux
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024 / 1e6


if __name__ == "__main__":
    main(Path(sys.argv[1]))
