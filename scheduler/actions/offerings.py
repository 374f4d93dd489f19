"""Weekly offerings of a step: a coordinator says when it is held, by whom, for how many.

Saving one changes the sessions that follow it and lays what is missing at once; a session in which a family
has a place stays as it is.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from scheduler.actions.hindrances import able
from scheduler.actions.laying import Gap, adapt, cohorts_of, gaps, lay_ahead
from scheduler.actions.perform import look, perform
from scheduler.actions.waitlist import lasts_of, offer_freed
from scheduler.domain.audit import Entity, Event, Trail
from scheduler.domain.errors import Invalid, NoLonger
from scheduler.domain.people import Actor, Person, Role
from scheduler.domain.permissions import Task, require
from scheduler.domain.program import Cohort, Offering, Step
from scheduler.domain.times import WEEKDAYS, wall_text
from scheduler.services import Services
from scheduler.storage import audit, offerings, people, programs
from scheduler.storage.database import Transaction

HOSTS = (Role.CLINICIAN, Role.SUPERVISOR)
ASK_THEM = "If they agree, tick this and save again. Or choose somebody else, or another time."


@dataclass(frozen=True, slots=True)
class OfferingWish:
    """What a coordinator says of an offering; ``starts`` is in minutes after midnight in ``zone``."""

    host_id: str
    weekday: int
    starts: int
    zone: str
    capacity: int
    first_date: date
    last_date: date | None = None
    co_host_ids: tuple[str, ...] = ()
    is_beyond_limits: bool = False


@dataclass(frozen=True, slots=True)
class OfferingSeen:
    """An offering, or a new one of a step, with who could hold it and what comes of it.

    ``kept`` are the coming sessions in which families have places, ``free`` the others.
    """

    step: Step
    offering: Offering | None
    hosts: tuple[Person, ...]
    kept: tuple[Cohort, ...] = ()
    free: tuple[Cohort, ...] = ()
    gaps: tuple[Gap, ...] = ()


async def prepare_offering(services: Services, actor: Actor, step_id: str) -> OfferingSeen:
    """Return what the form of a step's new offering needs.

    Raises:
        NotFound: there is no such step.
        NoLonger: the step was ended.
        Denied: the actor does not coordinate.
    """

    def work(tx: Transaction) -> OfferingSeen:
        require(actor, Task.PROGRAM)
        return OfferingSeen(_open_step(tx, step_id), None, hosts(tx))

    return await look(services, actor, Event.ACCESS_DENIED, work)


async def see_offering(services: Services, actor: Actor, offering_id: str) -> OfferingSeen:
    """Return an offering with its coming sessions; nobody of a family is named, so that no entry is left.

    Raises:
        NotFound: there is none.
        NoLonger: it was ended.
        Denied: the actor does not coordinate.
    """
    now, weeks = services.now(), services.settings.offering_weeks

    def work(tx: Transaction) -> OfferingSeen:
        require(actor, Task.PROGRAM)
        offering = _open(offerings.get(tx, offering_id))
        coming = cohorts_of(tx, [offering.id], now=now)
        return OfferingSeen(
            programs.step(tx, offering.step_id),
            offering,
            hosts(tx),
            kept=tuple(one for one in coming if one.taken),
            free=tuple(one for one in coming if not one.taken),
            gaps=tuple(gaps(tx, [offering], weeks=weeks, now=now)),
        )

    return await look(services, actor, Event.ACCESS_DENIED, work)


async def add_offering(services: Services, actor: Actor, step_id: str, wish: OfferingWish) -> Offering:
    """Keep a new offering of a group step, or return the same one, kept before; and lay its sessions.

    Raises:
        Invalid: nobody of the hosts, or dates that end before they begin; the step is for one family; or it
            is more than one of the hosts asked for, and it was not said that they agree.
        NotFound: there is no such step.
        NoLonger: the step was ended.
        Denied: the actor does not coordinate.
    """
    trail, offering_id, weeks = services.trail(actor), services.new_id(), services.settings.offering_weeks

    def work(tx: Transaction) -> Offering:
        require(actor, Task.PROGRAM)
        programs.locked(tx, programs.step(tx, step_id).program_id)
        step = _open_step(tx, step_id)
        if not step.is_group:
            raise Invalid({"form": "This step is for one family at a time: families book it themselves."})
        made = _made(tx, wish, Offering(offering_id, step.id, **_facts(wish)))
        for one in offerings.of_step(tx, step.id):
            if replace(one, id=made.id, exceptions=frozenset()) == made:
                return one
        _check_limits(tx, made, step.minutes, weeks, trail.at)
        offerings.add(tx, made)
        _note(tx, trail, made, {"after": _words(made)})
        return made

    made = await perform(services, actor, Event.PROGRAM_CHANGED, work)
    await lay_ahead(services, [made.id], act_id=trail.act_id)
    return made


async def change_offering(services: Services, actor: Actor, offering_id: str, wish: OfferingWish) -> Offering:
    """Change an offering and the coming sessions in which nobody has a place.

    Raises:
        Invalid: nobody of the hosts, or dates that end before they begin; or it is more than one of the hosts
            asked for, and it was not said that they agree.
        NotFound: there is none.
        NoLonger: it was ended.
        Denied: the actor does not coordinate.
    """
    now, weeks = services.now(), services.settings.offering_weeks

    def change(tx: Transaction, before: Offering) -> Offering:
        after = _made(tx, wish, replace(before, **_facts(wish)))
        if after != before:
            _check_limits(tx, after, programs.step(tx, after.step_id).minutes, weeks, now)
        return after

    return await _change(services, actor, offering_id, change)


async def skip_date(services: Services, actor: Actor, offering_id: str, day: date, *, held: bool) -> Offering:
    """Keep that an offering is not held on one of its dates, or (``held``) that it is after all.

    Raises:
        Invalid: it is not held on that day anyhow, or families have places then.
        NotFound: there is none.
        NoLonger: it was ended.
        Denied: the actor does not coordinate.
    """
    now = services.now()

    def change(tx: Transaction, before: Offering) -> Offering:
        if held:
            return replace(before, exceptions=before.exceptions - {day})
        if day not in before.exceptions and day not in before.dates(day, 1):
            weekday = WEEKDAYS[before.weekday]
            raise Invalid({"day": f"It is not held on that day. Please choose a {weekday} of its time."})
        coming = cohorts_of(tx, [before.id], now=now)
        if any(one.taken and one.session.offering_date == day for one in coming):
            raise Invalid({"day": "Families have places on that day. Move or cancel that session first."})
        return replace(before, exceptions=before.exceptions | {day})

    return await _change(services, actor, offering_id, change)


async def end_offering(services: Services, actor: Actor, offering_id: str) -> Step:
    """End an offering, and return its step: no session is laid any more, coming ones without places are off.

    Raises:
        NotFound: there is none.
        Denied: the actor does not coordinate.
    """
    trail = services.trail(actor)

    def work(tx: Transaction) -> Step:
        require(actor, Task.PROGRAM)
        offering = offerings.locked(tx, offering_id)
        step = programs.step(tx, offering.step_id)
        if offering.ended_at is None:
            end(tx, trail, offering, step.minutes)
        return step

    return await perform(services, actor, Event.PROGRAM_CHANGED, work)


def end(tx: Transaction, trail: Trail, offering: Offering, minutes: int) -> None:
    """Keep that an offering is ended, with its entry; coming sessions without places are called off."""
    offerings.end(tx, offering.id, ended_at=trail.at)
    adapt(tx, trail, offering, replace(offering, ended_at=trail.at), (minutes, minutes))
    _note(tx, trail, offering, {"before": _words(offering), "after": "ended"})


def hosts(tx: Transaction) -> tuple[Person, ...]:
    """Return who may hold a session, by name."""
    able = [one for one in people.staff(tx) if one.role in HOSTS]
    return tuple(sorted(able, key=lambda one: one.name.casefold()))


async def _change(
    services: Services,
    actor: Actor,
    offering_id: str,
    change: Callable[[Transaction, Offering], Offering],
) -> Offering:
    trail = services.trail(actor)

    def work(tx: Transaction) -> Offering:
        require(actor, Task.PROGRAM)
        before = _open(offerings.locked(tx, offering_id))
        after = change(tx, before)
        if after != before:
            minutes = programs.step(tx, before.step_id).minutes
            _keep(tx, before, after)
            adapt(tx, trail, before, after, (minutes, minutes))
            if after.capacity > before.capacity:
                _offer_more(tx, trail, after, lasts=lasts_of(services))
            _note(tx, trail, after, {"before": _words(before), "after": _words(after)})
        return after

    after = await perform(services, actor, Event.PROGRAM_CHANGED, work)
    await lay_ahead(services, [offering_id], act_id=trail.act_id)
    return after


def _offer_more(tx: Transaction, trail: Trail, offering: Offering, *, lasts: timedelta) -> None:
    """Offer what is more room in the coming sessions to those who wait; the resizing has locked them."""
    for cohort in cohorts_of(tx, [offering.id], now=trail.at):
        offer_freed(tx, trail, cohort.session, lasts=lasts)


def _keep(tx: Transaction, before: Offering, after: Offering) -> None:
    offerings.change(tx, after)
    for day in before.exceptions - after.exceptions:
        offerings.remove_exception(tx, after.id, day)
    for day in after.exceptions - before.exceptions:
        offerings.add_exception(tx, after.id, day)


def _made(tx: Transaction, wish: OfferingWish, offering: Offering) -> Offering:
    """Return the offering when everything about it can be.

    Raises:
        Invalid: somebody of its hosts cannot hold it, or it ends before it begins.
    """
    able = {one.id for one in hosts(tx)}
    if wish.host_id not in able:
        raise Invalid({"host_id": "Please choose one of the people on the list."})
    if not set(wish.co_host_ids) <= able:
        raise Invalid({"co_hosts": "Please choose from the people on the list."})
    if wish.last_date is not None and wish.last_date < wish.first_date:
        raise Invalid({"last_date": "This day comes before the first day."})
    return offering


def _check_limits(tx: Transaction, offering: Offering, minutes: int, weeks: int, now: datetime) -> None:
    """Return when it is no more than its hosts asked for on any coming date, or they agree to it.

    Raises:
        Invalid: it is, and that they agree was not said.
    """
    ahead = offering.ahead(weeks=weeks, now=now)
    dates = [(offering, day, offering.interval_on(day, minutes)) for day in ahead]
    if offering.is_beyond_limits or not dates:
        return
    own = {one.session.id for one in cohorts_of(tx, [offering.id], now=now)}
    held = able(tx, dates, now, without=own)
    full = Counter(person_id for _, _, when in dates for person_id in held.full(offering, when))
    if full:
        names = people.get_many(tx, full)
        told = [f"{names[one].name} ({count} of the next {len(dates)} dates)" for one, count in full.items()]
        raise Invalid({"is_beyond_limits": f"More than they asked for: {', '.join(told)}. {ASK_THEM}"})


def _facts(wish: OfferingWish) -> dict[str, Any]:
    facts: dict[str, Any] = {name: getattr(wish, name) for name in OfferingWish.__slots__}
    return facts | {"co_host_ids": tuple(sorted(set(wish.co_host_ids) - {wish.host_id}))}


def _open_step(tx: Transaction, step_id: str) -> Step:
    step = programs.step(tx, step_id)
    if step.ended_at is not None:
        raise NoLonger("step ended")
    return step


def _open(offering: Offering) -> Offering:
    if offering.ended_at is not None:
        raise NoLonger("offering ended")
    return offering


def _note(tx: Transaction, trail: Trail, offering: Offering, detail: dict[str, object]) -> None:
    touched = (Entity("offering", offering.id), Entity("step", offering.step_id))
    audit.append(tx, trail, Event.PROGRAM_CHANGED, entities=touched, detail=detail)


def _words(offering: Offering) -> dict[str, object]:
    """Return an offering for the sealed detail of an entry."""
    return {
        "hosts": list(offering.host_ids),
        "time": f"weekday {offering.weekday}, {wall_text(offering.starts)}, {offering.zone}",
        "seats": offering.capacity,
        "dates": f"{offering.first_date} to {offering.last_date or 'no end'}",
        "beyond limits": offering.is_beyond_limits,
        "not on": sorted(str(day) for day in offering.exceptions),
    }
