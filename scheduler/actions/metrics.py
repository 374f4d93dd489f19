"""Figures for operators, in the text format of Prometheus; counts only, nobody's data."""

from collections.abc import Iterator
from datetime import datetime

from scheduler import __version__
from scheduler.domain.notices import Status
from scheduler.services import Services
from scheduler.storage import attendance, audit, notices
from scheduler.storage.database import Transaction

HELP = {
    "hearth_info": "The running version.",
    "hearth_notices": "Notices by status.",
    "hearth_notices_overdue_seconds": "How long the oldest notice that should have gone has waited.",
    "hearth_audit_entries": "Entries of the audit log.",
    "hearth_sessions_now": "Sessions that are on now.",
}


async def figures(services: Services) -> str:
    """Return the figures as text.

    Raises:
        Unavailable: the database cannot be read.
    """
    now, engine = services.now(), services.database.engine_name
    found = await services.database.read(lambda tx: list(_figures(tx, now, engine)))
    lines: list[str] = []
    for name, samples in found:
        lines += [f"# HELP {name} {HELP[name]}", f"# TYPE {name} gauge"]
        lines += [f"{name}{labels} {value:g}" for labels, value in samples]
    return "\n".join(lines) + "\n"


def _figures(tx: Transaction, now: datetime, engine: str) -> Iterator[tuple[str, list[tuple[str, float]]]]:
    counts = notices.counts(tx)
    waited = notices.oldest_due(tx, now=now)
    yield "hearth_info", [(f'{{version="{__version__}",database="{engine}"}}', 1)]
    yield "hearth_notices", [(f'{{status="{status}"}}', counts.get(status, 0)) for status in Status]
    yield "hearth_notices_overdue_seconds", [("", waited.total_seconds())]
    yield "hearth_audit_entries", [("", audit.size(tx))]
    yield "hearth_sessions_now", [("", attendance.count_on(tx, now=now))]
