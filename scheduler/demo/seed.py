"""Fills an empty house: people, consent, hours, kinds, the program; then plays the past month (``past``)."""

from dataclasses import replace
from datetime import datetime, timedelta

from scheduler.actions.availability import add_travel, set_limits, set_weekly_hours
from scheduler.actions.families import keep_apart
from scheduler.actions.inquiries import Wish, ask, show_times
from scheduler.actions.people import NewStaff, add_staff_at_console
from scheduler.actions.sign_in import nobody
from scheduler.demo import past, program
from scheduler.demo.asking import ask_about_times
from scheduler.demo.cast import (
    CASE_MANAGER,
    EASTERN,
    FAMILIES,
    NEWCOMER,
    PACIFIC,
    PSYCHIATRIST,
    STAFF,
    THERAPIST,
    Household,
    Relative,
    Staff,
)
from scheduler.demo.desk import leave_on_desk
from scheduler.demo.house import House, today_in, working_day
from scheduler.demo.outside import add_made_up_calendar
from scheduler.demo.releases import lay_waiting
from scheduler.domain.audit import Entity, Event, Trail
from scheduler.domain.availability import Kind, WeeklyHours
from scheduler.domain.consent import Release, Scope
from scheduler.domain.households import ClientPart
from scheduler.domain.inquiries import FIRST_CONVERSATION, Words
from scheduler.domain.limits import Limits
from scheduler.domain.people import SYSTEM, Client, FamilyMember, Person, Role, Source
from scheduler.domain.times import day_of
from scheduler.gateways import release_texts
from scheduler.services import Services
from scheduler.storage import audit, consent, kinds, people
from scheduler.storage.database import Transaction

MONTH = timedelta(days=28)
SIGNED_BEFORE = timedelta(days=2)

COORDINATION = (Role.COORDINATOR, Role.SUPERVISOR)
CHECK_IN = "check-in"
LONG_TALK = "long-talk"
CARE_TEAM = past.CARE_TEAM

SHORT = Kind(
    CHECK_IN,
    "Check-in",
    minutes=20,
    pause_before=5,
    pause_after=5,
    least_notice=5,
    horizon_days=28,
    start_step=30,
)
LONG = Kind(
    LONG_TALK,
    "Family session",
    minutes=50,
    pause_before=5,
    pause_after=5,
    least_notice=24 * 60,
    horizon_days=42,
    start_step=60,
    client_part=ClientPart.MUST,
)
TOGETHER = Kind(
    CARE_TEAM,
    "Care-team session",
    minutes=50,
    pause_before=5,
    pause_after=10,
    least_notice=24 * 60,
    horizon_days=42,
    start_step=30,
    duties=(THERAPIST, PSYCHIATRIST),
)

WORKING_DAYS = range(5)
TRAVEL = (8, 10)  # working days from now
BLOCKS = {
    THERAPIST: ((9 * 60, 12 * 60), (13 * 60, 17 * 60)),
    PSYCHIATRIST: ((10 * 60, 12 * 60), (13 * 60, 16 * 60)),
    CASE_MANAGER: ((8 * 60, 12 * 60), (12 * 60 + 30, 16 * 60)),
}
NEWCOMERS_BLOCKS = ((9 * 60, 12 * 60), (13 * 60, 19 * 60))  # late enough for the groups


async def seed(services: Services, now: datetime) -> None:
    """Fill an empty, migrated house whose story starts a month before ``now``."""
    house = House.of(services, since=(now - MONTH).replace(second=0, microsecond=0))
    for person in STAFF:
        await _add_staff(house, person)
    for family in FAMILIES:
        await _add_family(house, family)
        await _keep_apart(house, family)
    await _set_hours(house)
    await _add_kinds(house)
    offerings = await program.lay(house, now)
    await past.play(house, now)
    await program.lay_coming(house, offerings, now)
    await leave_on_desk(house, now)
    await ask_about_times(house, now)
    await add_made_up_calendar(house)
    await _ask_for_conversation(house)
    await _set_limits(house, now)
    await lay_waiting(house)
    await _welcome(house)


async def _welcome(house: House) -> None:
    """Let a second family therapist join once the past is played, who offers what the first one does."""
    services = house.services
    await _add_staff(house, NEWCOMER)
    newcomer = house.persons[NEWCOMER.name].id
    clients = [house.persons[family.client].id for family in FAMILIES if THERAPIST in family.team]

    def work(tx: Transaction) -> None:
        for client_id in clients:
            people.add_to_care_team(tx, client_id=client_id, person_id=newcomer)
        for kind in (SHORT, LONG):
            kinds.offer(tx, kind.id, newcomer)

    await services.database.write(work)
    weekly = [WeeklyHours(weekday, *block) for weekday in WORKING_DAYS for block in NEWCOMERS_BLOCKS]
    await set_weekly_hours(services, await house.actor(NEWCOMER.name), weekly)


async def _add_staff(house: House, person: Staff) -> None:
    wish = NewStaff(person.name, person.email, person.role, person.zone, person.duty)
    link = await add_staff_at_console(house.services, wish)
    house.persons[person.name] = link.person


async def _add_family(house: House, family: Household) -> None:
    services, trail = house.services, house.services.trail(SYSTEM)
    client = _client(services, family)
    relatives = [(_person(services, relative), relative) for relative in family.relatives]
    releases = [_release(services, client, *pair) for pair in relatives]
    everybody = (client, *(person for person, _ in relatives))
    team = [
        house.persons[person.name].id
        for person in STAFF
        if person.duty in family.team or person.role in COORDINATION
    ]

    def work(tx: Transaction) -> None:
        _keep_people(tx, trail, family, client, relatives)
        for person_id in team:
            people.add_to_care_team(tx, client_id=client.id, person_id=person_id)
        consent.record_telehealth(tx, client.id, consented_at=trail.at, recorded_by=None)
        audit.append(tx, trail, Event.TELEHEALTH_CONSENTED, client_id=client.id)
        for release in releases:
            _keep_release(tx, trail, release)

    await services.database.write(work)
    house.persons |= {person.name: person for person in everybody}


async def _keep_apart(house: House, family: Household) -> None:
    for names in family.apart:
        pair = (house.persons[names[0]].id, house.persons[names[1]].id)
        actor = await house.actor(next(one.name for one in STAFF if one.role is Role.COORDINATOR))
        await keep_apart(house.services, actor, house.persons[family.client].id, pair)


def _keep_people(
    tx: Transaction, trail: Trail, family: Household, client: Person, relatives: list[tuple[Person, Relative]]
) -> None:
    people.add(tx, client, created_at=trail.at)
    people.add_client(tx, Client(client.id, family.care_level, family.is_minor, family.privilege_holder))
    for person, relative in relatives:
        people.add(tx, person, created_at=trail.at)
        tie = FamilyMember(person.id, client.id, relative.relation, relative.household, relative.is_guardian)
        people.add_family_member(tx, tie)
    for person in (client, *(person for person, _ in relatives)):
        touched = [Entity("person", person.id)]
        audit.append(tx, trail, Event.PERSON_ADDED, client_id=client.id, entities=touched)


def _keep_release(tx: Transaction, trail: Trail, release: Release) -> None:
    text, zone = release_texts.text(release.text_version, release.language), STAFF[0].zone
    assert release.signed_at is not None
    consent.add(tx, replace(release, signature="", signed_at=None), recorded_by=None)
    shown = text.shown(release, zone)
    consent.sign(tx, release.id, signature=release.signature, signed_at=release.signed_at, shown=shown)
    touched = [Entity("release", release.id), Entity("person", release.person_id)]
    for event in (Event.RELEASE_CREATED, Event.RELEASE_SIGNED):
        audit.append(tx, trail, event, client_id=release.client_id, entities=touched, release_id=release.id)


def _client(services: Services, family: Household) -> Person:
    zone = STAFF[0].zone
    return Person(services.new_id(), Role.CLIENT, family.client, family.email, zone, family.language)


def _person(services: Services, relative: Relative) -> Person:
    return Person(
        services.new_id(),
        Role.FAMILY_MEMBER,
        relative.name,
        relative.email,
        relative.zone,
        relative.language,
        phone="555 0100",
    )


def _release(services: Services, client: Person, person: Person, relative: Relative) -> Release:
    signed_at, text = services.now() - SIGNED_BEFORE, release_texts.newest(client.language)
    assert relative.release is not None
    return Release(
        id=services.new_id(),
        client_id=client.id,
        person_id=person.id,
        client_name=client.name,
        recipient_name=person.name,
        discloser=text.discloser,
        scope=text.scopes[Scope.TREATMENT],
        purpose=text.purpose,
        revocation_text=text.revocation_text,
        expires_at=signed_at + relative.release,
        signature=client.name,
        signed_at=signed_at,
        scope_choice=Scope.TREATMENT,
        text_version=text.version,
        language=text.language,
        created_at=signed_at,
    )


async def _set_hours(house: House) -> None:
    for person in STAFF:
        if person.duty:
            weekly = tuple(
                WeeklyHours(weekday, starts, ends)
                for weekday in WORKING_DAYS
                for starts, ends in BLOCKS[person.duty]
            )
            await set_weekly_hours(house.services, await house.actor(person.name), weekly)


async def _set_limits(house: House, now: datetime) -> None:
    """Let one clinician take few sessions a day, and another work from the east coast for some days."""
    house.clock.go_to(now)
    for person in STAFF:
        actor = await house.actor(person.name)
        if person.duty == PSYCHIATRIST:
            await set_limits(house.services, actor, Limits(pause_after=10, most_a_day=6, most_a_week=20))
        if person.duty == CASE_MANAGER:
            first, last = (working_day(day_of(now, person.zone), number) for number in TRAVEL)
            await add_travel(house.services, actor, first_date=first, last_date=last, zone=EASTERN)


async def _add_kinds(house: House) -> None:
    clinicians = [house.persons[person.name].id for person in STAFF if person.duty]
    admissions = [house.persons[person.name].id for person in STAFF if person.duty == CASE_MANAGER]
    therapists = [house.persons[person.name].id for person in STAFF if person.duty == THERAPIST]
    together = [house.persons[person.name].id for person in STAFF if person.duty in TOGETHER.duties]

    def work(tx: Transaction) -> None:
        kinds.add(tx, SHORT, offered_by=clinicians)
        kinds.add(tx, LONG, offered_by=therapists)
        kinds.add(tx, TOGETHER, offered_by=together)
        kinds.add(tx, FIRST_CONVERSATION, offered_by=admissions)

    await house.services.database.write(work)


async def _ask_for_conversation(house: House) -> None:
    """Ask for a first conversation from tomorrow on, as somebody does who is in no list of this house."""
    asker, tomorrow = nobody(Source()), today_in(PACIFIC, house.services.now()) + timedelta(days=1)
    page = await show_times(house.services, asker, zone=PACIFIC, since=tomorrow)
    starts_at = page.days[0].slots[0].interval.starts_at
    words = Words(
        name="Robin",
        phone="510 555 0188",
        email="robin.m@mail.example",
        safe_times="I am alone at home then. If somebody else answers, say it is about the car.",
        topic="Whether my brother could come, and what it would mean for the children.",
        mail_is_safe=True,
    )
    await ask(house.services, asker, Wish(starts_at, PACIFIC, words, house.services.new_secret()))
