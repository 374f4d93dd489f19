"""Asking for a first conversation: who gets it, asking twice, calling off; it ties to nobody."""

from dataclasses import replace
from datetime import timedelta

import pytest

from scheduler.actions.attendance import settle_ended
from scheduler.actions.inquiries import OwnInquiry, ask, see_own, show_times, withdraw
from scheduler.actions.inquiry_care import forget_old
from scheduler.domain.audit import Event
from scheduler.domain.availability import Kind
from scheduler.domain.booking import Status
from scheduler.domain.errors import Denied, NotFound, SessionOver, SlotTaken, TooLate
from scheduler.domain.inquiries import FIRST_CONVERSATION
from scheduler.domain.people import Actor, Role, Source
from scheduler.services import Services
from scheduler.storage import kinds
from scheduler.storage.tables import inquiries, sessions, taken_ticks
from tests.builders import PACIFIC, add_family, add_person
from tests.conftest import Clock
from tests.inquiries import TOKEN, VISITOR, WORDS, add_admissions, asked, conversations, coordinator_of, wish
from tests.log import events, written
from tests.owed import entries
from tests.scheduling import CHECK_IN, TUESDAY_NINE, add_world, book, open_hours, rows
from tests.statements import statements_of


async def test_a_stranger_gets_twenty_minutes_with_admissions(services: Services) -> None:
    denise = await add_admissions(services)

    session = await asked(services)

    assert (session.host_id, session.starts_at, session.interval.minutes) == (denise.id, TUESDAY_NINE, 20)
    assert (session.status, session.capacity) == (Status.BOOKED, 0)
    assert {row.person_id for row in await rows(services, taken_ticks)} == {denise.id}


async def test_whoever_offers_the_kind_beside_another_duty_holds_it_too(
    services: Services,
) -> None:
    manager = await add_person(services, "Denise Walker", Role.CLINICIAN, duty="case manager")
    await open_hours(services, manager)
    await services.database.write(lambda tx: kinds.add(tx, FIRST_CONVERSATION, offered_by=[manager.id]))

    assert (await asked(services)).host_id == manager.id


async def test_times_are_those_of_admissions_alone(services: Services) -> None:
    await add_world(services)
    nothing = await show_times(services, VISITOR, zone=PACIFIC)
    await add_admissions(services)

    page = await show_times(services, VISITOR, zone=PACIFIC)

    assert nothing.days == ()
    assert page.days[0].slots[0].interval.starts_at == TUESDAY_NINE - timedelta(days=1) + timedelta(hours=2)
    assert page.offer.hint(page.days[0].slots[0].clinician_ids) == ""


async def test_families_are_not_offered_it(services: Services) -> None:
    world = await add_world(services)
    await services.database.write(
        lambda tx: kinds.add(tx, FIRST_CONVERSATION, offered_by=[world.family.clinician.id])
    )

    offers = await services.database.read(lambda tx: kinds.offers_to(tx, world.family.client.id))

    assert [offer.kind.id for offer in offers] == [CHECK_IN.id]


async def test_the_same_form_sent_twice_asks_once(services: Services) -> None:
    await add_admissions(services, "Denise Walker")
    await add_admissions(services, "Nora Quinn")

    for _ in range(3):
        await ask(services, VISITOR, wish())

    assert len(await conversations(services)) == 1
    assert await events(services) == [Event.INQUIRY_MADE]


async def test_the_same_form_sent_again_after_its_time_is_no_error(services: Services, clock: Clock) -> None:
    await add_admissions(services)
    await asked(services)
    clock.move(days=2)

    await ask(services, VISITOR, wish())

    assert len(await conversations(services)) == 1


async def test_a_time_that_is_gone_comes_with_the_nearest_ones(services: Services) -> None:
    await add_admissions(services)
    await asked(services)

    with pytest.raises(SlotTaken) as taken:
        await ask(services, VISITOR, wish(token="another-private-address-of-anoth"))

    assert taken.value.nearest
    assert TUESDAY_NINE not in [one.starts_at for one in taken.value.nearest]
    assert len(await rows(services, sessions)) == 1


async def test_of_two_at_admissions_the_less_taken_one_gets_it(services: Services) -> None:
    first, second = (
        await add_admissions(services, "Denise Walker"),
        await add_admissions(services, "Nora Quinn"),
    )

    found = {(await asked(services, token=f"{number}" * 32)).host_id for number in range(2)}

    assert found == {first.id, second.id}


async def test_a_familys_session_with_the_same_clinician_keeps_the_time_taken(services: Services) -> None:
    world = await add_world(services)
    therapist = world.family.clinician
    await services.database.write(lambda tx: kinds.add(tx, FIRST_CONVERSATION, offered_by=[therapist.id]))
    await book(services, world)

    with pytest.raises(SlotTaken):
        await asked(services)


async def test_a_time_that_is_past_by_now_comes_with_the_nearest_ones(services: Services) -> None:
    await add_admissions(services)

    with pytest.raises(SlotTaken) as gone:
        await ask(services, VISITOR, wish(starts_at=services.now() - timedelta(hours=1)))

    assert gone.value.nearest


async def test_a_time_too_far_ahead_is_refused(services: Services) -> None:
    await add_admissions(services)

    with pytest.raises(TooLate):
        await ask(services, VISITOR, wish(starts_at=services.now() + timedelta(days=60)))


async def test_the_log_knows_nobody_from_nowhere(services: Services) -> None:
    await add_admissions(services)
    family = await add_family(services)
    source = Source("198.51.100.9", "r9")

    await ask(services, replace(family.mother_actor, source=source), wish())
    await see_own(services, replace(family.mother_actor, source=source), TOKEN)
    await withdraw(services, replace(family.mother_actor, source=source), TOKEN)

    written_down = await entries(services)
    assert [one["event"] for one in written_down] == ["inquiry.made", "inquiry.read", "inquiry.cancelled"]
    for one in written_down:
        assert one["actor"] == {"id": None, "kind": "nobody", "proof": "none", "role": "anonymous"}
        assert one["source"]["ip"] == one["source"]["request"] == ""  # type: ignore[index]
        assert one["client"] is None


async def test_staff_who_ask_for_a_caller_are_named(services: Services) -> None:
    await add_admissions(services)
    tom = await coordinator_of(services)

    await ask(services, tom, wish())

    assert [one["actor"]["id"] for one in await entries(services)] == [tom.person_id]  # type: ignore[index]


@pytest.mark.parametrize("role", [Role.CLIENT, Role.PRIVACY_OFFICER, Role.ADMINISTRATOR])
async def test_roles_that_have_others_to_ask_are_refused(services: Services, role: Role) -> None:
    await add_admissions(services)
    who = Actor("p1", role)

    with pytest.raises(Denied):
        await ask(services, who, wish())
    with pytest.raises(Denied):
        await show_times(services, who, zone=PACIFIC)

    assert {event for event, _, _ in await written(services)} == {Event.INQUIRY_MADE}


async def test_a_browser_that_was_remembered_asks_like_any_other(services: Services) -> None:
    await add_admissions(services)

    await ask(services, Actor("p1", Role.LINK_HOLDER), wish())

    assert [one["actor"]["id"] for one in await entries(services)] == [None]  # type: ignore[index]


async def test_whether_an_address_is_known_costs_the_database_nothing(services: Services) -> None:
    await add_admissions(services)
    family = await add_family(services)
    await asked(services, token="0" * 32)  # so that the kind is kept

    known = await asking_costs(services, family.mother.email, hours=1)
    unknown = await asking_costs(services, "nobody.at.all@people.test", hours=2)

    assert known == unknown


async def asking_costs(services: Services, email: str, *, hours: int) -> int:
    """Return how many statements asking runs."""
    then = TUESDAY_NINE + timedelta(hours=hours)
    asking = wish(starts_at=then, token=f"{hours}" * 32, email=email)
    return await statements_of(services, lambda: ask(services, VISITOR, asking))


async def test_what_was_told_is_sealed(services: Services) -> None:
    await add_admissions(services)
    await asked(services)

    (row,) = await rows(services, inquiries)
    told = [WORDS.name, WORDS.phone, WORDS.email, WORDS.safe_times, WORDS.topic, WORDS.plan, TOKEN]
    kept = b" ".join(value if isinstance(value, bytes) else str(value).encode() for value in row)
    assert [words for words in told if words.encode() in kept] == []


async def test_the_private_page_shows_a_time_and_no_name(services: Services) -> None:
    await add_admissions(services)
    session = await asked(services)

    own = await see_own(services, VISITOR, TOKEN)

    assert own == OwnInquiry(
        session.interval,
        PACIFIC,
        Status.BOOKED,
        is_call=True,
        may_leave_message=False,
        wants_mail=True,
        may_cancel=True,
    )


async def test_calling_off_frees_the_time_at_once_and_twice_is_once(services: Services) -> None:
    await add_admissions(services)
    await asked(services)

    for _ in range(2):
        await withdraw(services, VISITOR, TOKEN)

    assert await rows(services, taken_ticks) == []
    assert await events(services) == [Event.INQUIRY_MADE, Event.INQUIRY_CANCELLED]
    await ask(services, VISITOR, wish(token="another-private-address-of-anoth"))


async def test_what_has_begun_is_not_called_off(services: Services, clock: Clock) -> None:
    await add_admissions(services)
    await asked(services)
    clock.move(days=1)

    with pytest.raises(SessionOver):
        await withdraw(services, VISITOR, TOKEN)


@pytest.mark.parametrize("act", [see_own, withdraw])
async def test_an_unknown_address_is_not_there(services: Services, act: object) -> None:
    with pytest.raises(NotFound):
        await act(services, VISITOR, "x" * 32)  # type: ignore[operator]


async def test_the_clockwork_leaves_how_it_went_to_the_host(services: Services, clock: Clock) -> None:
    await add_admissions(services)
    await asked(services)
    clock.move(days=2)

    assert await settle_ended(services) == 0
    assert (await conversations(services))[0].status is Status.BOOKED


async def test_all_of_it_is_forgotten_after_its_days(services: Services, clock: Clock) -> None:
    await add_admissions(services)
    await asked(services)
    clock.move(days=services.settings.inquiry_days + 1)
    assert await forget_old(services) == 0

    clock.move(hours=1)
    assert await forget_old(services) == 1

    assert await rows(services, inquiries) == []
    assert (await events(services))[-1] is Event.INQUIRY_FORGOTTEN
    with pytest.raises(NotFound):
        await see_own(services, VISITOR, TOKEN)


async def test_a_kind_that_was_changed_stays_as_it_is(services: Services) -> None:
    longer = replace(FIRST_CONVERSATION, pause_after=30)
    await services.database.write(lambda tx: kinds.add(tx, longer))
    await add_admissions(services)

    await asked(services)

    found: Kind = await services.database.read(lambda tx: kinds.get(tx, longer.id))
    assert found == longer
    assert len(await rows(services, taken_ticks)) == 10
