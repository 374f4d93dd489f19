"""Passkeys of staff: a one-time link, signing in, stepping up; and everything that proves nothing."""

from dataclasses import replace

import pytest

from scheduler.actions import passkeys as acts
from scheduler.actions.people import NewStaff, add_staff_at_console
from scheduler.actions.sign_in import find_actor, nobody
from scheduler.domain.audit import Event, Outcome
from scheduler.domain.errors import Denied, EnrolmentOver, NotFound, StepUpNeeded, Taken
from scheduler.domain.people import Actor, Proof, Role, Source
from scheduler.services import Services
from scheduler.storage import passkeys
from tests.authenticator import Authenticator
from tests.conftest import BASE_URL, Clock
from tests.log import events, written

SOMEBODY = nobody(Source("192.0.2.7", "request"))
MARK = "the-mark-of-one-browser-0123456789"
OTHER_MARK = "the-mark-of-another-browser-012345"
MAYA = NewStaff("Maya Okafor", "maya@people.test", Role.CLINICIAN, "America/Los_Angeles", "family therapist")
ADA = NewStaff("Ada Stone", "ada@people.test", Role.ADMINISTRATOR, "America/Los_Angeles")


@pytest.fixture
def device() -> Authenticator:
    """A device of somebody at this site."""
    return Authenticator(BASE_URL)


def answered(text: str, mark: str = MARK) -> acts.Answer:
    """Return an answer that came from the browser with this mark."""
    return acts.Answer(text, mark, "Firefox on Android")


async def link_token(services: Services, wish: NewStaff = MAYA) -> str:
    """Add a person of staff and return the token of their link."""
    link = await add_staff_at_console(services, wish)
    return link.url.removeprefix(BASE_URL + "/enrol/")


async def enrolled(services: Services, device: Authenticator, wish: NewStaff = MAYA) -> Actor:
    """Enrol a person of staff with the device and return them, signed in."""
    token = await link_token(services, wish)
    options = await acts.ask_to_enrol(services, SOMEBODY, token=token, browser_token=MARK)
    tried = await acts.enrol(services, SOMEBODY, token=token, answer=answered(device.make(options)))
    return await signed_in(services, tried)


async def signed_in(services: Services, tried: acts.Tried) -> Actor:
    """Return the actor of a browser that has just been signed in."""
    assert tried.begun is not None
    return await find_actor(services, tried.begun.token, SOMEBODY.source, is_someone_there=True)


async def sign_in(services: Services, device: Authenticator) -> acts.Tried:
    """Sign in with the device."""
    options = await acts.ask_to_sign_in(services, SOMEBODY, browser_token=MARK)
    return await acts.sign_in_by_passkey(services, SOMEBODY, answer=answered(device.use(options)))


async def test_a_one_time_link_makes_a_passkey_and_signs_its_person_in(
    services: Services, device: Authenticator
) -> None:
    maya = await enrolled(services, device)

    assert (maya.role, maya.proof) == (Role.CLINICIAN, Proof.PASSKEY)
    assert await events(services) == [
        Event.PERSON_ADDED,
        Event.ENROLMENT_CREATED,
        Event.PERSON_READ,
        Event.ENROLMENT_USED,
        Event.FACTOR_ADDED,
        Event.SIGN_IN_SUCCEEDED,
    ]


async def test_looking_at_a_link_or_being_asked_uses_nothing_up(services: Services) -> None:
    token = await link_token(services)

    for _ in range(3):
        await acts.ask_to_enrol(services, SOMEBODY, token=token, browser_token=MARK)

    assert await acts.is_enrolment_open(services, token)
    assert (await events(services))[2:] == [Event.PERSON_READ] * 3


async def test_a_link_makes_one_passkey_only(services: Services, device: Authenticator) -> None:
    token = await link_token(services)
    options = await acts.ask_to_enrol(services, SOMEBODY, token=token, browser_token=MARK)
    later = await acts.ask_to_enrol(services, SOMEBODY, token=token, browser_token=OTHER_MARK)
    await acts.enrol(services, SOMEBODY, token=token, answer=answered(device.make(options)))

    second = Authenticator(BASE_URL, credential_id=b"a second device")
    tried = await acts.enrol(services, SOMEBODY, token=token, answer=answered(second.make(later), OTHER_MARK))

    assert tried.refused == "link_is_over"
    assert not await acts.is_enrolment_open(services, token)


async def test_a_link_is_over_after_two_days(services: Services, clock: Clock) -> None:
    token = await link_token(services)
    clock.move(hours=48)

    assert not await acts.is_enrolment_open(services, token)
    with pytest.raises(EnrolmentOver):
        await acts.ask_to_enrol(services, SOMEBODY, token=token, browser_token=MARK)
    assert (await written(services))[-1] == (Event.PERSON_READ, Outcome.DENIED, "EnrolmentOver")


async def test_an_answer_refused_leaves_the_link_usable(services: Services, device: Authenticator) -> None:
    token = await link_token(services)
    device.verifies = False
    options = await acts.ask_to_enrol(services, SOMEBODY, token=token, browser_token=MARK)

    tried = await acts.enrol(services, SOMEBODY, token=token, answer=answered(device.make(options)))

    assert tried.refused == "person_not_verified"
    assert await acts.is_enrolment_open(services, token)


async def test_a_passkey_signs_its_person_in(services: Services, device: Authenticator) -> None:
    maya = await enrolled(services, device)

    again = await signed_in(services, await sign_in(services, device))

    assert again.person_id == maya.person_id
    assert again.sign_in_id != maya.sign_in_id


async def test_a_device_that_did_not_verify_its_person_is_refused(
    services: Services, device: Authenticator
) -> None:
    await enrolled(services, device)
    device.verifies = False

    tried = await sign_in(services, device)

    assert (tried.refused, tried.begun) == ("person_not_verified", None)
    assert (await written(services))[-1] == (Event.SIGN_IN_FAILED, Outcome.FAILURE, "person_not_verified")


async def test_an_answer_given_on_another_site_is_refused(services: Services, device: Authenticator) -> None:
    await enrolled(services, device)
    device.origin = "https://hearth.test.evil.example"

    assert (await sign_in(services, device)).refused == "wrong_origin"


async def test_a_counter_that_went_back_is_refused(services: Services, device: Authenticator) -> None:
    await enrolled(services, device)
    for _ in range(3):
        await sign_in(services, device)
    device.sign_count = 1

    assert (await sign_in(services, device)).refused == "counter_went_back"


async def test_a_device_that_never_counts_is_welcome_every_time(
    services: Services, device: Authenticator
) -> None:
    await enrolled(services, device)

    for _ in range(2):
        options = await acts.ask_to_sign_in(services, SOMEBODY, browser_token=MARK)
        answer = answered(device.use(options, counted=False))
        assert (await acts.sign_in_by_passkey(services, SOMEBODY, answer=answer)).begun is not None


async def test_a_challenge_is_answered_once(services: Services, device: Authenticator) -> None:
    await enrolled(services, device)
    options = await acts.ask_to_sign_in(services, SOMEBODY, browser_token=MARK)
    answer = answered(device.use(options))
    await acts.sign_in_by_passkey(services, SOMEBODY, answer=answer)

    replayed = await acts.sign_in_by_passkey(services, SOMEBODY, answer=answer)

    assert replayed.refused == "nothing_was_asked"


async def test_a_wrong_answer_uses_its_challenge_up(services: Services, device: Authenticator) -> None:
    await enrolled(services, device)
    options = await acts.ask_to_sign_in(services, SOMEBODY, browser_token=MARK)
    right = device.use(options)
    await acts.sign_in_by_passkey(services, SOMEBODY, answer=answered("{}"))

    tried = await acts.sign_in_by_passkey(services, SOMEBODY, answer=answered(right))

    assert tried.refused == "nothing_was_asked"


async def test_an_answer_from_another_browser_is_refused(services: Services, device: Authenticator) -> None:
    await enrolled(services, device)
    options = await acts.ask_to_sign_in(services, SOMEBODY, browser_token=MARK)

    tried = await acts.sign_in_by_passkey(
        services, SOMEBODY, answer=answered(device.use(options), OTHER_MARK)
    )

    assert tried.refused == "nothing_was_asked"


async def test_an_answer_after_five_minutes_is_refused(
    services: Services, device: Authenticator, clock: Clock
) -> None:
    await enrolled(services, device)
    options = await acts.ask_to_sign_in(services, SOMEBODY, browser_token=MARK)
    clock.move(minutes=5)

    tried = await acts.sign_in_by_passkey(services, SOMEBODY, answer=answered(device.use(options)))

    assert tried.refused == "nothing_was_asked"


async def test_another_devices_signature_is_refused(services: Services, device: Authenticator) -> None:
    maya = await enrolled(services, device)
    forged = Authenticator(BASE_URL, credential_id=device.credential_id, person_id=maya.person_id or "")

    assert (await sign_in(services, forged)).refused == "wrong_signature"


async def test_a_passkey_nobody_has_is_refused(services: Services) -> None:
    stranger = Authenticator(BASE_URL, credential_id=b"unheard of", person_id="nobody")

    assert (await sign_in(services, stranger)).refused == "unknown_passkey"


async def test_a_passkey_that_names_another_person_is_refused(
    services: Services, device: Authenticator
) -> None:
    await enrolled(services, device)
    device.person_id = "somebody else"

    assert (await sign_in(services, device)).refused == "unknown_passkey"


@pytest.mark.parametrize(
    "garbage", ["", "{}", "[]", "null", '{"rawId": 7}', '{"rawId": "", "response": {}}', "{" * 9_000]
)
async def test_garbage_is_refused(services: Services, garbage: str) -> None:
    await acts.ask_to_sign_in(services, SOMEBODY, browser_token=MARK)

    tried = await acts.sign_in_by_passkey(services, SOMEBODY, answer=answered(garbage))

    assert tried.refused in ("garbled", "unknown_passkey")


async def test_stepping_up_is_kept_with_the_sign_in(
    services: Services, device: Authenticator, clock: Clock
) -> None:
    maya = await enrolled(services, device)
    clock.move(minutes=10)
    options = await acts.ask_to_step_up(services, maya, browser_token=MARK)

    tried = await acts.step_up(services, maya, answer=answered(device.use(options)))

    assert tried.refused == ""
    assert (await written(services))[-1] == (Event.PROOF_SUCCEEDED, Outcome.SUCCESS, None)


async def test_nobody_steps_up_with_somebody_elses_passkey(services: Services, device: Authenticator) -> None:
    maya = await enrolled(services, device)
    others = Authenticator(BASE_URL, credential_id=b"another person's")
    await enrolled(services, others, ADA)
    options = await acts.ask_to_step_up(services, maya, browser_token=MARK)

    tried = await acts.step_up(services, maya, answer=answered(others.use(options)))

    assert tried.refused == "another_person"
    assert (await written(services))[-1] == (Event.PROOF_FAILED, Outcome.FAILURE, "another_person")


async def test_an_answer_for_signing_in_does_not_step_up(services: Services, device: Authenticator) -> None:
    maya = await enrolled(services, device)
    options = await acts.ask_to_sign_in(services, SOMEBODY, browser_token=MARK)

    tried = await acts.step_up(services, maya, answer=answered(device.use(options)))

    assert tried.refused == "nothing_was_asked"


async def test_only_the_demo_lets_people_step_up_at_once(services: Services, device: Authenticator) -> None:
    maya = await enrolled(services, device)
    demo = replace(services, settings=services.settings.model_copy(update={"is_demo": True}))
    came_by_the_demo = replace(maya, proof=Proof.DEMO)

    with pytest.raises(Denied):
        await acts.step_up_in_demo(services, came_by_the_demo)
    with pytest.raises(Denied):
        await acts.step_up_in_demo(demo, maya)
    await acts.step_up_in_demo(demo, came_by_the_demo)


async def test_a_second_passkey_needs_a_fresh_proof(
    services: Services, device: Authenticator, clock: Clock
) -> None:
    maya = await enrolled(services, device)
    phone = Authenticator(BASE_URL, credential_id=b"a phone")
    options = await acts.ask_to_add(services, maya, browser_token=MARK)
    assert (await acts.add_passkey(services, maya, answer=answered(phone.make(options)))).refused == ""

    clock.move(minutes=6)
    with pytest.raises(StepUpNeeded):
        await acts.ask_to_add(services, maya, browser_token=MARK)
    with pytest.raises(StepUpNeeded):
        await acts.remove_passkey(services, maya, phone.credential_id)


async def test_the_same_passkey_is_not_kept_twice(services: Services, device: Authenticator) -> None:
    maya = await enrolled(services, device)
    options = await acts.ask_to_add(services, maya, browser_token=MARK)

    tried = await acts.add_passkey(services, maya, answer=answered(device.make(options)))

    assert tried.refused == "known_already"


async def test_the_last_passkey_stays(services: Services, device: Authenticator) -> None:
    maya = await enrolled(services, device)
    phone = Authenticator(BASE_URL, credential_id=b"a phone")
    options = await acts.ask_to_add(services, maya, browser_token=MARK)
    await acts.add_passkey(services, maya, answer=answered(phone.make(options)))

    await acts.remove_passkey(services, maya, device.credential_id)
    with pytest.raises(Taken):
        await acts.remove_passkey(services, maya, phone.credential_id)

    left = await services.database.read(lambda tx: passkeys.of_person(tx, maya.person_id or ""))
    assert [passkey.credential_id for passkey in left] == [phone.credential_id]


async def test_nobody_removes_somebody_elses_passkey(services: Services, device: Authenticator) -> None:
    await enrolled(services, device)
    ada = await enrolled(services, Authenticator(BASE_URL, credential_id=b"another person's"), ADA)

    with pytest.raises(NotFound):
        await acts.remove_passkey(services, ada, device.credential_id)
