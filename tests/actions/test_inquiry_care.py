"""Who of staff sees a first conversation, and what they can do about it."""

from collections.abc import Awaitable, Callable

import pytest

from scheduler.actions.coverage import show_desk
from scheduler.actions.inquiries import see_own
from scheduler.actions.inquiry_care import cancel, mark_missed, mark_reached, show_inquiry
from scheduler.actions.today import show_today
from scheduler.domain.audit import Event, Outcome
from scheduler.domain.booking import Status
from scheduler.domain.errors import Denied, NotFound, SessionOver
from scheduler.domain.people import Actor, Role
from scheduler.services import Services
from scheduler.storage.tables import taken_ticks
from tests.builders import actor, add_person
from tests.conftest import Clock
from tests.inquiries import TOKEN, VISITOR, WORDS, add_admissions, asked, conversations, coordinator_of
from tests.log import events, written
from tests.scheduling import add_world, rows

ACTS: list[Callable[[Services, Actor, str], Awaitable[object]]] = [
    show_inquiry,
    mark_reached,
    mark_missed,
    cancel,
]


async def test_the_host_sees_whom_to_call_with_an_entry(services: Services) -> None:
    denise = await add_admissions(services)
    session = await asked(services)

    inquiry, host_name = await show_inquiry(services, actor(denise), session.id)

    assert (inquiry.words, host_name) == (WORDS, "Denise Walker")
    assert await events(services) == [Event.INQUIRY_MADE, Event.INQUIRY_READ]


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.SUPERVISOR])
async def test_those_who_coordinate_or_supervise_see_it_too(services: Services, role: Role) -> None:
    await add_admissions(services)
    session = await asked(services)

    inquiry, _ = await show_inquiry(services, await coordinator_of(services, role), session.id)

    assert inquiry.words == WORDS


@pytest.mark.parametrize("act", ACTS)
async def test_to_another_clinician_it_is_not_there(
    services: Services, act: Callable[[Services, Actor, str], Awaitable[object]]
) -> None:
    await add_admissions(services)
    world = await add_world(services)
    session = await asked(services)

    for session_id in (session.id, "nobodyisnamedthis000"):
        with pytest.raises(NotFound):
            await act(services, world.therapist, session_id)

    assert [(outcome, reason) for _, outcome, reason in await written(services)][1:] == [
        (Outcome.DENIED, "NotFound")
    ] * 2


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("role", [Role.PRIVACY_OFFICER, Role.ADMINISTRATOR, Role.FAMILY_MEMBER])
async def test_other_roles_are_refused(
    services: Services, act: Callable[[Services, Actor, str], Awaitable[object]], role: Role
) -> None:
    await add_admissions(services)
    session = await asked(services)
    person = await add_person(services, "Priya Raman", role)

    with pytest.raises(Denied):
        await act(services, actor(person), session.id)


async def test_the_day_shows_it_apart_from_sessions_with_a_roster(services: Services, clock: Clock) -> None:
    denise = await add_admissions(services)
    session = await asked(services)

    today = await show_today(services, actor(denise))
    clock.move(days=3)
    later = await show_today(services, actor(denise))

    assert (today.now, today.later, today.ahead) == (None, (), ())
    assert [one.session.id for one in today.conversations] == [session.id]
    assert [one.words.name for one in later.conversations] == ["Robin"]  # nobody has said how it went
    assert (await events(services)).count(Event.INQUIRY_READ) == 2


async def test_the_desk_shows_that_it_is_one_and_no_name(services: Services) -> None:
    await add_admissions(services)
    await asked(services)

    (shown,) = (await show_desk(services, await coordinator_of(services))).coming

    assert (shown.is_inquiry, shown.who, shown.kind_name) == (True, (), "First conversation")


async def test_how_it_went_is_kept_and_can_be_corrected(services: Services, clock: Clock) -> None:
    denise = actor(await add_admissions(services))
    session = await asked(services)
    clock.move(days=1)

    for act, status in (
        (mark_missed, Status.MISSED),
        (mark_reached, Status.ATTENDED),
        (mark_reached, Status.ATTENDED),
    ):
        await act(services, denise, session.id)
        assert (await conversations(services))[0].status is status

    assert (await events(services))[1:] == [Event.INQUIRY_MISSED, Event.INQUIRY_REACHED]
    assert (await show_today(services, denise)).conversations == ()


async def test_staff_call_it_off_in_words_that_only_staff_read(services: Services) -> None:
    denise = actor(await add_admissions(services))
    session = await asked(services)

    for reason in ("I am ill.", "pressed twice"):
        await cancel(services, denise, session.id, reason=reason)

    inquiry, _ = await show_inquiry(services, denise, session.id)
    assert inquiry.reason == "I am ill."
    assert (await see_own(services, VISITOR, TOKEN)).status is Status.CANCELLED
    assert await rows(services, taken_ticks) == []
    assert (await events(services)).count(Event.INQUIRY_CANCELLED) == 1


async def test_what_is_off_or_has_begun_is_not_changed(services: Services, clock: Clock) -> None:
    denise = actor(await add_admissions(services))
    session = await asked(services)
    await cancel(services, denise, session.id)
    with pytest.raises(SessionOver):
        await mark_reached(services, denise, session.id)

    begun = await asked(services, token="2" * 32)
    clock.move(days=1)
    with pytest.raises(SessionOver):
        await cancel(services, denise, begun.id)
