"""The coordinator's lists: looked at page by page, searched, and taken along for a spreadsheet.

Of each client whose family somebody is named in the rows that are shown, the reading is an entry; a search
is one beside them, with its words sealed, and so is an export.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from scheduler.actions import listed
from scheduler.actions.listed import READERS, Asker
from scheduler.actions.perform import perform
from scheduler.domain.audit import Entity, Event, Facts, Noted, Purpose, Trail
from scheduler.domain.lists import PAGE_ROWS, Listing, Row, is_found, page_of
from scheduler.domain.people import Actor
from scheduler.domain.permissions import Task, require
from scheduler.services import Services
from scheduler.storage import audit, cohorts, holds
from scheduler.storage import waitlist as waits
from scheduler.storage.database import Transaction

READS = {
    Listing.FAMILIES: Event.CLIENT_READ,
    Listing.COHORTS: Event.SESSION_READ,
    Listing.WAITLISTS: Event.WAITLIST_READ,
    Listing.HOLDS: Event.CLIENT_READ,
    Listing.HOSTLESS: Event.SESSION_READ,
}


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of a list: ``first`` is the number of its first row, of the ``found`` among ``every``."""

    rows: tuple[Row, ...]
    first: int
    found: int
    every: int
    page: int
    pages: int


async def show_list(
    services: Services, actor: Actor, listing: Listing, *, words: str = "", page: int = 1
) -> Listed:
    """Return a page of the rows that show all the words; the last page for any after it.

    Raises:
        Denied: the actor does not coordinate.
    """
    trail, weeks = services.trail(actor), services.settings.offering_weeks

    def work(tx: Transaction) -> Listed:
        every = _read(tx, trail, listing, weeks)
        found = _found(every, words, actor.zone)
        shown, pages = page_of(len(found), page)
        first = (shown - 1) * PAGE_ROWS
        rows = found[first : first + PAGE_ROWS]
        _note(tx, trail, listing, rows, _searched(listing, words, len(found)))
        return Listed(tuple(rows), first + 1, len(found), len(every), shown, pages)

    return await perform(services, actor, READS[listing], work)


async def export_list(
    services: Services, actor: Actor, listing: Listing, *, words: str = ""
) -> Sequence[Row]:
    """Return every row that shows all the words, to be taken along.

    Raises:
        Denied: the actor does not coordinate.
    """
    trail, weeks = services.trail(actor), services.settings.offering_weeks

    def work(tx: Transaction) -> Sequence[Row]:
        found = _found(_read(tx, trail, listing, weeks), words, actor.zone)
        detail = {"list": str(listing), "words": words, "rows": len(found)}
        _note(tx, trail, listing, found, [Noted(Event.LIST_EXPORTED, detail=detail)])
        return found

    return await perform(services, actor, Event.LIST_EXPORTED, work)


def counts(tx: Transaction, actor: Actor, trail: Trail, *, unlaid: int) -> dict[Listing, int]:
    """Return how many rows each list has; ``unlaid`` is how many sessions could not be created."""
    return {
        Listing.FAMILIES: len(actor.client_ids),
        Listing.COHORTS: cohorts.count_ahead(tx, now=trail.at),
        Listing.WAITLISTS: waits.count_ahead(tx, now=trail.at),
        Listing.HOLDS: holds.count_live(tx, now=trail.at),
        Listing.HOSTLESS: len(listed.missed(tx, now=trail.at)) + unlaid,
    }


def _read(tx: Transaction, trail: Trail, listing: Listing, weeks: int) -> Sequence[Row]:
    require(trail.actor, Task.HOURS_OTHERS)
    return READERS[listing](tx, Asker(trail.actor, trail.at, weeks))


def _found(every: Sequence[Row], words: str, zone: str) -> Sequence[Row]:
    return [one for one in every if is_found(words, one, zone)] if words else every


def _searched(listing: Listing, words: str, found: int) -> list[Noted]:
    detail = {"list": str(listing), "words": words, "rows": found}
    return [Noted(Event.LIST_SEARCHED, detail=detail)] if words else []


def _note(
    tx: Transaction, trail: Trail, listing: Listing, shown: Sequence[Row], first: Sequence[Noted]
) -> None:
    """Append what was done, and the reading of each client who is named."""
    touched: dict[str, list[Entity]] = {}
    for row in shown:
        for client_id in row.named:
            touched.setdefault(client_id, []).extend(row.touched)
    read = [
        Noted(
            READS[listing],
            Facts(client_id=client_id, entities=tuple(entities), purpose=Purpose.TREATMENT),
        )
        for client_id, entities in sorted(touched.items())
    ]
    if first or read:
        audit.append_all(tx, trail, [*first, *read])
