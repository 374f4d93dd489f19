"""What waits on the desk of the demo: a family on a waitlist, and a day on which a group's host is away."""

from datetime import datetime

from scheduler.actions.availability import add_days_off
from scheduler.actions.groups import join_waitlist
from scheduler.demo.house import House
from scheduler.demo.program import PARTS
from scheduler.domain.booking import Session
from scheduler.domain.times import day_of
from scheduler.storage import cohorts, kinds
from scheduler.storage.database import Transaction

WAITS, WAITS_FOR = "Elena Novak", PARTS[5].title  # she missed it last week, and the next one is full
AWAY, AWAY_FROM = "Maya Okafor", PARTS[3].title  # Grace Lindqvist does the same work, and is free then
WEEK = 2


async def leave_on_desk(house: House, now: datetime) -> None:
    """Let one family wait for a full group, and one host take a day off on which she holds a group."""
    house.clock.go_to(now)
    groups = await _coming(house, WAITS_FOR)
    await join_waitlist(house.services, await house.actor(WAITS), groups[0].id)
    host = await house.actor(AWAY)
    day = day_of((await _coming(house, AWAY_FROM))[WEEK - 1].starts_at, host.zone)
    await add_days_off(house.services, host, first_date=day, last_date=day)


async def _coming(house: House, title: str) -> list[Session]:
    """Return the coming groups of a step, soonest first."""

    def work(tx: Transaction) -> list[Session]:
        found = [session for session, _, _ in cohorts.ahead(tx, now=house.services.now())]
        titles = kinds.names_of(tx, [one.kind_id for one in found])
        return [one for one in found if titles[one.kind_id] == title]

    return await house.services.database.read(work)
