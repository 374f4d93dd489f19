"""Passkeys of staff: the first one by a one-time link, signing in, stepping up, adding and removing.

Each ceremony has two halves: the browser is asked (a challenge is kept for it), and it answers. An answer
uses the challenge up, rightly given or not, and a wrong one leaves an entry; both would be rolled back by a
refusal that flies, so these functions return how it went. All checks come before anything else is written.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from scheduler.actions.perform import perform
from scheduler.actions.sign_in import Begun, begin, fresh
from scheduler.domain.audit import Entity, Event, Outcome, Purpose, Trail
from scheduler.domain.errors import Denied, EnrolmentOver, StepUpNeeded, Taken
from scheduler.domain.passkeys import CHALLENGE_LASTS, Challenge, Passkey, PasskeyRefused
from scheduler.domain.passkeys import Purpose as For
from scheduler.domain.people import Actor, Proof
from scheduler.domain.permissions import stepped_up
from scheduler.gateways import passkeys as gateway
from scheduler.services import Services
from scheduler.storage import audit, enrolments, passkeys, people, sign_ins
from scheduler.storage.database import Transaction


@dataclass(frozen=True, slots=True)
class Answer:
    """A browser's answer: the JSON it sent, the token that marks it, and what it calls itself."""

    text: str
    browser_token: str
    browser: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class Tried:
    """How an answer went: ``refused`` is "" when it was right, else a word; ``begun`` where it signed in."""

    refused: str = ""
    begun: Begun | None = None


async def ask_to_enrol(services: Services, actor: Actor, *, token: str, browser_token: str) -> str:
    """Return what a browser needs to make the first passkey of the link's person, as JSON.

    Raises:
        EnrolmentOver: the link is used, over or unknown.
    """
    trail, challenge = services.trail(actor), services.new_secret().encode()

    def work(tx: Transaction) -> str:
        person_id = enrolments.find(tx, token, now=trail.at)
        if person_id is None:
            raise EnrolmentOver("enrolment")
        _keep(tx, trail, challenge, For.ENROL, person_id, browser_token)
        options = _creation_options(services, tx, person_id, challenge)
        theirs = replace(trail, actor=replace(actor, person_id=person_id, proof=Proof.LINK))
        _note(tx, theirs, Event.PERSON_READ, person_id)  # the options hold name and e-mail
        return options

    return await perform(services, actor, Event.PERSON_READ, work)


async def is_enrolment_open(services: Services, token: str) -> bool:
    """Tell whether a one-time link can still be used; looking uses nothing up."""
    now = services.now()
    return await services.database.read(lambda tx: enrolments.find(tx, token, now=now)) is not None


async def enrol(services: Services, actor: Actor, *, token: str, answer: Answer) -> Tried:
    """Keep the first passkey of the link's person, use the link up, and sign the browser in."""
    trail, new = services.trail(actor), fresh(services, answer.browser)

    def prove(tx: Transaction) -> Tried:
        person_id = enrolments.find(tx, token, now=trail.at)
        made = _made(services, tx, trail, For.ENROL, answer, person_id)
        person = people.get(tx, enrolments.use(tx, token, now=trail.at))
        theirs = replace(trail, actor=replace(actor, person_id=person.id, proof=Proof.LINK))
        _note(tx, theirs, Event.ENROLMENT_USED, person.id)
        _add(tx, theirs, made, person.id, answer)
        return Tried(begun=begin(tx, trail, person, Proof.PASSKEY, new))

    return await _tried(services, trail, Event.SIGN_IN_FAILED, prove)


async def ask_to_sign_in(services: Services, actor: Actor, *, browser_token: str) -> str:
    """Return what a browser needs to sign in with any passkey of this site, as JSON."""
    trail, challenge = services.trail(actor), services.new_secret().encode()
    await services.database.write(lambda tx: _keep(tx, trail, challenge, For.SIGN_IN, None, browser_token))
    return gateway.site_of(services.settings).request_options(challenge=challenge)


async def sign_in_by_passkey(services: Services, actor: Actor, *, answer: Answer) -> Tried:
    """Sign the browser in as the person whose passkey answered."""
    trail, new = services.trail(actor), fresh(services, answer.browser)

    def prove(tx: Transaction) -> Tried:
        passkey = _proved(services, tx, trail, For.SIGN_IN, answer)
        person = people.get(tx, passkey.person_id)
        return Tried(begun=begin(tx, trail, person, Proof.PASSKEY, new))

    return await _tried(services, trail, Event.SIGN_IN_FAILED, prove)


async def ask_to_step_up(services: Services, actor: Actor, *, browser_token: str) -> str:
    """Return what a browser needs to prove its person anew, as JSON."""
    trail, challenge, person_id = services.trail(actor), services.new_secret().encode(), _id(actor)

    def work(tx: Transaction) -> str:
        _keep(tx, trail, challenge, For.STEP_UP, person_id, browser_token)
        known = [passkey.credential_id for passkey in passkeys.of_person(tx, person_id)]
        return gateway.site_of(services.settings).request_options(challenge=challenge, known=known)

    return await services.database.write(work)


async def step_up(services: Services, actor: Actor, *, answer: Answer) -> Tried:
    """Keep that the signed-in person has just proved themselves anew."""
    trail = services.trail(actor)

    def prove(tx: Transaction) -> Tried:
        _proved(services, tx, trail, For.STEP_UP, answer)
        keep_step_up(tx, trail)
        return Tried()

    return await _tried(services, trail, Event.PROOF_FAILED, prove)


async def step_up_in_demo(services: Services, actor: Actor) -> None:
    """Let a person of the demo, who has no passkey, step up at once.

    Raises:
        Denied: this is no demo, or the person did not come by the demo's door.
    """
    trail = services.trail(actor)

    def work(tx: Transaction) -> None:
        if not services.settings.is_demo or actor.proof is not Proof.DEMO:
            raise Denied("only the demo has this door")
        keep_step_up(tx, trail)

    await perform(services, actor, Event.PROOF_FAILED, work)


async def ask_to_add(services: Services, actor: Actor, *, browser_token: str) -> str:
    """Return what a browser needs to make one more passkey of the signed-in person, as JSON.

    Raises:
        StepUpNeeded: the person has not just proved themselves anew.
    """
    trail, challenge, person_id = services.trail(actor), services.new_secret().encode(), _id(actor)

    def work(tx: Transaction) -> str:
        _require_step_up(actor, trail)
        _keep(tx, trail, challenge, For.ADD, person_id, browser_token)
        return _creation_options(services, tx, person_id, challenge)

    return await perform(services, actor, Event.FACTOR_ADDED, work)


async def add_passkey(services: Services, actor: Actor, *, answer: Answer) -> Tried:
    """Keep one more passkey of the signed-in person.

    Raises:
        StepUpNeeded: the person has not just proved themselves anew.
    """
    trail = services.trail(actor)

    def prove(tx: Transaction) -> Tried:
        _require_step_up(actor, trail)
        made = _made(services, tx, trail, For.ADD, answer, actor.person_id)
        _add(tx, trail, made, _id(actor), answer)
        return Tried()

    return await _tried(services, trail, Event.FACTOR_ADDED, prove)


async def remove_passkey(services: Services, actor: Actor, credential_id: bytes) -> None:
    """Forget one of one's own passkeys; the last one stays.

    Raises:
        NotFound: it is not one's own, or not there.
        StepUpNeeded: the person has not just proved themselves anew.
        Taken: it is the last one.
    """
    trail, person_id = services.trail(actor), _id(actor)

    def work(tx: Transaction) -> None:
        _require_step_up(actor, trail)
        passkeys.remove(tx, credential_id, person_id=person_id)
        if not passkeys.of_person(tx, person_id):
            raise Taken("the last passkey stays")
        _note(tx, trail, Event.FACTOR_REMOVED, credential_id.hex(), kind="passkey")

    await perform(services, actor, Event.FACTOR_REMOVED, work)


async def _tried(
    services: Services, trail: Trail, event: Event, prove: Callable[[Transaction], Tried]
) -> Tried:
    """Run one proof; when it is refused, nothing of it is kept but the used challenge and the entry."""

    def work(tx: Transaction) -> Tried:
        try:
            return prove(tx)
        except PasskeyRefused as refused:
            reason = str(refused)
            audit.append(tx, trail, event, outcome=Outcome.FAILURE, reason=reason, purpose=Purpose.SECURITY)
            return Tried(refused=reason)

    return await perform(services, trail.actor, event, work)


def _keep(
    tx: Transaction, trail: Trail, challenge: bytes, use: For, person_id: str | None, browser_token: str
) -> None:
    kept = Challenge(challenge, use, person_id, trail.at + CHALLENGE_LASTS)
    passkeys.keep_challenge(tx, kept, browser_token=browser_token, now=trail.at)


def _taken(tx: Transaction, trail: Trail, use: For, answer: Answer) -> Challenge:
    challenge = passkeys.take_challenge(tx, browser_token=answer.browser_token, purpose=use, now=trail.at)
    if challenge is None:
        raise PasskeyRefused("nothing_was_asked")
    return challenge


def _proved(services: Services, tx: Transaction, trail: Trail, use: For, answer: Answer) -> Passkey:
    """Return the passkey that answered, its counter moved on."""
    challenge = _taken(tx, trail, use, answer)
    credential_id, handle = gateway.key_of(answer.text)
    passkey = passkeys.find(tx, credential_id)
    if passkey is None or handle not in ("", passkey.person_id):
        raise PasskeyRefused("unknown_passkey")
    if challenge.person_id not in (None, passkey.person_id):
        raise PasskeyRefused("another_person")
    sign_count = gateway.site_of(services.settings).used(
        answer.text,
        challenge=challenge.challenge,
        public_key=passkey.public_key,
        sign_count=passkey.sign_count,
    )
    if not passkeys.use(tx, credential_id, sign_count=sign_count, used_at=trail.at):
        raise PasskeyRefused("counter_went_back")
    return passkey


def _made(
    services: Services, tx: Transaction, trail: Trail, use: For, answer: Answer, person_id: str | None
) -> gateway.NewPasskey:
    """Return the passkey that the browser made for this person; it is not kept yet."""
    challenge = _taken(tx, trail, use, answer)
    if person_id is None or challenge.person_id != person_id:
        raise PasskeyRefused("another_person" if person_id else "link_is_over")
    made = gateway.site_of(services.settings).made(answer.text, challenge=challenge.challenge)
    if passkeys.find(tx, made.credential_id) is not None:
        raise PasskeyRefused("known_already")
    return made


def _creation_options(services: Services, tx: Transaction, person_id: str, challenge: bytes) -> str:
    person = people.get(tx, person_id)
    known = [passkey.credential_id for passkey in passkeys.of_person(tx, person_id)]
    return gateway.site_of(services.settings).creation_options(
        person_id=person.id, email=person.email, name=person.name, challenge=challenge, known=known
    )


def _add(tx: Transaction, trail: Trail, made: gateway.NewPasskey, person_id: str, answer: Answer) -> None:
    passkey = Passkey(
        credential_id=made.credential_id,
        person_id=person_id,
        public_key=made.public_key,
        sign_count=made.sign_count,
        label=answer.label or answer.browser,
        created_at=trail.at,
    )
    passkeys.add(tx, passkey)
    _note(tx, trail, Event.FACTOR_ADDED, made.credential_id.hex(), kind="passkey")


def keep_step_up(tx: Transaction, trail: Trail) -> None:
    """Keep that the signed-in person has just proved themselves anew, and append the entry."""
    sign_in_id = trail.actor.sign_in_id or ""
    sign_ins.step_up(tx, sign_in_id, stepped_up_at=trail.at)
    _note(tx, trail, Event.PROOF_SUCCEEDED, sign_in_id, kind="sign_in")


def _require_step_up(actor: Actor, trail: Trail) -> None:
    if not stepped_up(actor, trail.at):
        raise StepUpNeeded("passkeys")


def _id(actor: Actor) -> str:
    assert actor.person_id is not None, "the page is for people who are signed in"
    return actor.person_id


def _note(tx: Transaction, trail: Trail, event: Event, entity_id: str, *, kind: str = "person") -> None:
    audit.append(tx, trail, event, entities=[Entity(kind, entity_id)], purpose=Purpose.SECURITY)
