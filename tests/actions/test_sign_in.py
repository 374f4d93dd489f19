"""Signing in and out: codes by mail, the rest of a browser, and ending one's sign-ins."""

from dataclasses import replace

import pytest

from scheduler.actions.sign_in import (
    Begun,
    end_other_sign_ins,
    end_sign_in,
    find_actor,
    nobody,
    sign_in_demo,
    sign_out,
)
from scheduler.actions.sign_in_codes import CodeTried, ask_for_code, enter_code
from scheduler.domain.audit import Event, Outcome
from scheduler.domain.codes import MOST_SENT
from scheduler.domain.errors import NotFound
from scheduler.domain.notices import Rule
from scheduler.domain.people import Actor, Person, Proof, Role, Source
from scheduler.services import Services
from scheduler.storage import notices, people, tables
from scheduler.storage.database import Transaction
from tests import builders
from tests.conftest import Clock
from tests.log import events, written

SOMEBODY = nobody(Source("192.0.2.7", "request"))
MARK = "the-mark-of-one-browser-0123456789"
OTHER_MARK = "the-mark-of-another-browser-012345"
WRONG = "00000000"


async def sent_codes(services: Services) -> list[tuple[str, str]]:
    """Return (person id, code) of every code that waits to be mailed."""
    now = services.now()
    claimed = await services.database.write(lambda tx: notices.claim(tx, now=now, limit=50))
    return [(one.notice.person_id, one.detail) for one in claimed if one.notice.rule is Rule.SIGN_IN_CODE]


async def ask(services: Services, email: str, mark: str = MARK) -> None:
    """Ask for a code."""
    await ask_for_code(services, SOMEBODY, email=email, browser_token=mark)


async def code_for(services: Services, person: Person, mark: str = MARK) -> str:
    """Ask for a code and return what the mail says."""
    await ask(services, person.email, mark)
    return (await sent_codes(services))[-1][1]


async def enter(services: Services, code: str, mark: str = MARK, *, is_remembered: bool = False) -> CodeTried:
    """Type a code in."""
    return await enter_code(
        services,
        SOMEBODY,
        browser_token=mark,
        code=code,
        browser="Firefox on Android",
        is_remembered=is_remembered,
    )


async def signed_in(services: Services, person: Person, *, is_remembered: bool = False) -> Begun:
    """Sign a person in by a code."""
    tried = await enter(services, await code_for(services, person), is_remembered=is_remembered)
    assert tried.begun is not None
    return tried.begun


async def actor_of(services: Services, begun: Begun, *, is_someone_there: bool = True) -> Actor:
    """Return who the browser is now."""
    return await find_actor(services, begun.token, SOMEBODY.source, is_someone_there=is_someone_there)


async def test_a_code_from_the_mail_signs_a_family_member_in(services: Services) -> None:
    family = await builders.add_family(services)

    begun = await signed_in(services, family.mother)

    mother = await actor_of(services, begun)
    assert (mother.person_id, mother.role, mother.proof) == (
        family.mother.id,
        Role.FAMILY_MEMBER,
        Proof.EMAIL_CODE,
    )
    assert mother.client_ids == {family.client.id}
    assert await events(services) == [Event.CODE_SENT, Event.SIGN_IN_SUCCEEDED]


async def test_clients_and_care_teams_know_their_clients(services: Services) -> None:
    family = await builders.add_family(services)
    other = await builders.add_family(services, "Nguyen", clinician=family.clinician)

    client = await actor_of(services, await signed_in(services, family.client))
    demo = replace(services, settings=services.settings.model_copy(update={"is_demo": True}))
    begun = await sign_in_demo(demo, SOMEBODY, family.clinician.id, browser="Firefox")
    clinician = await actor_of(services, begun)

    assert client.client_ids == {family.client.id}
    assert clinician.client_ids == {family.client.id, other.client.id}


@pytest.mark.parametrize("spelling", ["Rosa.Rivera@People.Test", "  rosa.rivera@people.test "])
async def test_an_address_is_known_in_any_spelling_of_its_letters(services: Services, spelling: str) -> None:
    family = await builders.add_family(services)

    await ask(services, spelling)

    assert [person_id for person_id, _ in await sent_codes(services)] == [family.mother.id]


async def test_nothing_is_sent_to_an_unknown_address_and_the_page_cannot_tell(services: Services) -> None:
    await ask(services, "nobody@people.test")

    assert await sent_codes(services) == []
    tries = [await enter(services, WRONG) for _ in range(6)]
    assert [tried.outcome for tried in tries] == ["wrong"] * 4 + ["locked", "gone"]
    assert [tried.tries_left for tried in tries] == [4, 3, 2, 1, 0, 0]


async def test_tries_at_a_known_address_go_exactly_like_those_at_an_unknown_one(services: Services) -> None:
    family = await builders.add_family(services)
    await ask(services, family.mother.email)

    tries = [await enter(services, WRONG) for _ in range(6)]

    assert [tried.outcome for tried in tries] == ["wrong"] * 4 + ["locked", "gone"]
    assert [tried.tries_left for tried in tries] == [4, 3, 2, 1, 0, 0]


async def test_staff_get_no_code(services: Services) -> None:
    maya = await builders.add_person(services, "Maya Okafor", Role.CLINICIAN)

    await ask(services, maya.email)

    assert await sent_codes(services) == []
    assert await written(services) == [(Event.CODE_SENT, Outcome.FAILURE, "staff_use_passkeys")]


async def test_nobody_whose_account_has_ended_gets_a_code_or_gets_in_with_an_old_one(
    services: Services,
) -> None:
    family = await builders.add_family(services)
    code = await code_for(services, family.mother)
    now = services.now()
    await services.database.write(lambda tx: people.end(tx, family.mother.id, ended_at=now))

    assert (await enter(services, code)).outcome == "gone"
    await ask(services, family.mother.email)
    assert await sent_codes(services) == []


async def test_a_code_works_once(services: Services) -> None:
    family = await builders.add_family(services)
    code = await code_for(services, family.mother)
    await enter(services, code)

    assert (await enter(services, code)).outcome == "gone"


async def test_a_code_works_in_the_browser_that_asked_only(services: Services) -> None:
    family = await builders.add_family(services)
    code = await code_for(services, family.mother)

    assert (await enter(services, code, OTHER_MARK)).outcome == "gone"
    assert (await enter(services, code, "")).outcome == "gone"
    assert (await enter(services, code)).begun is not None


async def test_a_code_works_for_ten_minutes(services: Services, clock: Clock) -> None:
    family = await builders.add_family(services)
    code = await code_for(services, family.mother)
    clock.move(minutes=10)

    assert (await enter(services, code)).outcome == "gone"


async def test_after_five_wrong_tries_the_right_code_is_worthless_and_staff_are_told(
    services: Services, clock: Clock
) -> None:
    family = await builders.add_family(services)
    coordinator = await builders.add_person(services, "Kim Park", Role.COORDINATOR)
    code = await code_for(services, family.mother)
    for _ in range(5):
        await enter(services, WRONG)

    assert (await enter(services, code)).outcome == "gone"
    assert (await events(services)).count(Event.SIGN_IN_LOCKED) == 1
    alerts = await services.database.write(lambda tx: notices.claim(tx, now=clock(), limit=50))
    assert [(one.notice.rule, one.notice.person_id) for one in alerts] == [(Rule.STAFF_ALERT, coordinator.id)]


async def test_a_locked_person_gets_no_new_code_for_a_quarter_of_an_hour(
    services: Services, clock: Clock
) -> None:
    family = await builders.add_family(services)
    await code_for(services, family.mother)
    for _ in range(5):
        await enter(services, WRONG)

    await ask(services, family.mother.email, OTHER_MARK)
    clock.move(minutes=16)
    await ask(services, family.mother.email, OTHER_MARK)

    asked = [reason for event, _, reason in await written(services) if event is Event.CODE_SENT]
    assert asked == [None, "locked", None]


async def test_one_person_gets_five_codes_a_quarter_of_an_hour_at_most(services: Services) -> None:
    family = await builders.add_family(services)

    for number in range(8):
        await ask(services, family.mother.email, f"{MARK}{number}")

    assert len(await sent_codes(services)) == MOST_SENT


async def test_a_browser_that_rested_is_signed_out(services: Services, clock: Clock) -> None:
    family = await builders.add_family(services)
    begun = await signed_in(services, family.mother)

    clock.move(minutes=29)
    assert (await actor_of(services, begun)).person_id == family.mother.id
    clock.move(minutes=29)
    assert (await actor_of(services, begun)).person_id == family.mother.id
    clock.move(minutes=30)
    assert (await actor_of(services, begun)).person_id is None


async def test_a_page_that_asks_by_itself_keeps_nobody_signed_in(services: Services, clock: Clock) -> None:
    family = await builders.add_family(services)
    begun = await signed_in(services, family.mother)

    clock.move(minutes=29)
    await actor_of(services, begun, is_someone_there=False)
    clock.move(minutes=1)

    assert (await actor_of(services, begun)).person_id is None


async def test_a_remembered_device_becomes_a_link_holder_when_it_rested(
    services: Services, clock: Clock
) -> None:
    family = await builders.add_family(services)
    begun = await signed_in(services, family.mother, is_remembered=True)

    clock.move(days=3)

    actor = await actor_of(services, begun)
    assert (actor.person_id, actor.role, actor.proof) == (
        family.mother.id,
        Role.LINK_HOLDER,
        Proof.REMEMBERED_DEVICE,
    )


async def test_signing_out_ends_the_sign_in_at_once_and_for_good(services: Services) -> None:
    family = await builders.add_family(services)
    begun = await signed_in(services, family.mother)

    await sign_out(services, await actor_of(services, begun))

    assert (await actor_of(services, begun)).person_id is None
    assert (await events(services))[-1] == Event.SIGN_IN_ENDED


async def test_one_ends_ones_own_sign_in_on_another_browser_and_nobody_elses(services: Services) -> None:
    family = await builders.add_family(services)
    phone = await signed_in(services, family.mother)
    laptop = await signed_in(services, family.mother)
    on_phone, on_laptop = await actor_of(services, phone), await actor_of(services, laptop)

    with pytest.raises(NotFound):
        await end_sign_in(services, family.client_actor, on_phone.sign_in_id or "")
    await end_sign_in(services, on_laptop, on_phone.sign_in_id or "")

    assert (await actor_of(services, phone)).person_id is None
    assert (await actor_of(services, laptop)).person_id == family.mother.id


async def test_one_ends_all_sign_ins_but_this_one(services: Services) -> None:
    family = await builders.add_family(services)
    begun = [await signed_in(services, family.mother) for _ in range(3)]

    assert await end_other_sign_ins(services, await actor_of(services, begun[0])) == 2

    left = [(await actor_of(services, one)).person_id for one in begun]
    assert left == [family.mother.id, None, None]


async def test_a_person_whose_account_ended_is_signed_out_everywhere(services: Services) -> None:
    family = await builders.add_family(services)
    begun = await signed_in(services, family.mother)
    now = services.now()

    await services.database.write(lambda tx: people.end(tx, family.mother.id, ended_at=now))

    assert (await actor_of(services, begun)).person_id is None


async def test_only_a_demo_signs_people_in_at_once(services: Services) -> None:
    family = await builders.add_family(services)

    with pytest.raises(NotFound):
        await sign_in_demo(services, SOMEBODY, family.mother.id, browser="Firefox")


async def test_neither_token_nor_code_is_kept_in_the_clear(services: Services) -> None:
    family = await builders.add_family(services)
    code = await code_for(services, family.mother)
    tried = await enter(services, code)
    assert tried.begun is not None
    token = tried.begun.token

    def everything(tx: Transaction) -> str:
        kept = (tables.codes, tables.notices, tables.people, tables.sign_ins)
        return " ".join(str(tx.execute(table.select()).all()) for table in kept)

    kept = await services.database.read(everything)
    assert token not in kept
    assert code not in kept
    assert family.mother.email not in kept
