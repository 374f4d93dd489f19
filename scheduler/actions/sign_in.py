"""Signing in and out: whose browser it is, a new sign-in, and ending one's own."""

from dataclasses import dataclass, replace
from datetime import timedelta

from scheduler.actions.perform import perform
from scheduler.domain.audit import Entity, Event, Purpose, Trail
from scheduler.domain.errors import NotFound
from scheduler.domain.people import Actor, Person, Proof, Role, Source
from scheduler.domain.sign_ins import SignIn, Standing, expires_at
from scheduler.services import Services
from scheduler.storage import audit, people, sign_ins
from scheduler.storage.database import Transaction

FRESH_PROOFS = frozenset({Proof.PASSKEY, Proof.DEMO})  # signing in with these counts as a step-up


@dataclass(frozen=True, slots=True)
class Fresh:
    """What a new sign-in needs, drawn before the transaction; ``browser`` is "Firefox on Android"."""

    id: str
    token: str
    browser: str
    is_remembered: bool = False


@dataclass(frozen=True, slots=True)
class Begun:
    """A browser that has just been signed in: the ``token`` for its cookie, kept nowhere else, and a role.

    ``is_remembered`` says that the cookie is to outlive the browser's window.
    """

    token: str
    role: Role
    is_remembered: bool = False


def fresh(services: Services, browser: str, *, is_remembered: bool = False) -> Fresh:
    """Draw what a new sign-in needs."""
    return Fresh(services.new_id(), services.new_secret(), browser, is_remembered)


def nobody(source: Source) -> Actor:
    """Return the actor of a request that nobody is signed in for."""
    return Actor(person_id=None, role=Role.ANONYMOUS, source=source)


async def find_actor(services: Services, token: str, source: Source, *, is_someone_there: bool) -> Actor:
    """Return who the browser with this cookie is.

    ``is_someone_there`` says that a person asked, not a page by itself; only that starts the rest anew.
    """
    now = services.now()
    found = await services.database.read(lambda tx: sign_ins.find(tx, token))
    if found is None:
        return nobody(source)
    standing = found.sign_in.standing(now, found.rests(**_rests(services)))
    if standing is Standing.OVER:
        return nobody(source)
    if standing is Standing.REMEMBERED:
        return found.remembered_actor(source)
    if is_someone_there and found.sign_in.is_to_be_seen(now):
        await services.database.write(lambda tx: sign_ins.see(tx, found.sign_in.id, seen_at=now))
    return found.actor(source)


def begin(tx: Transaction, trail: Trail, person: Person, proof: Proof, new: Fresh) -> Begun:
    """Keep a new sign-in of a person, with its entry; part of a transaction that has proved them.

    Whoever was signed in on this browser before is signed out.
    """
    sign_in = SignIn(
        id=new.id,
        person_id=person.id,
        proof=proof,
        browser=new.browser,
        created_at=trail.at,
        seen_at=trail.at,
        expires_at=expires_at(person.role, is_remembered=new.is_remembered, now=trail.at),
        is_remembered=new.is_remembered,
        stepped_up_at=trail.at if proof in FRESH_PROOFS else None,
    )
    sign_ins.add(tx, sign_in, token=new.token)
    before = trail.actor.sign_in_id
    if before is not None and sign_ins.replace(tx, before, ended_at=trail.at):
        _note(tx, trail, Event.SIGN_IN_ENDED, before)
    actor = replace(trail.actor, person_id=person.id, role=person.role, proof=proof)
    _note(tx, replace(trail, actor=actor), Event.SIGN_IN_SUCCEEDED, new.id)
    return Begun(new.token, person.role, new.is_remembered)


async def sign_in_demo(services: Services, actor: Actor, person_id: str, *, browser: str) -> Begun:
    """Sign a person of the demo in at once; only a demo has this door.

    Raises:
        NotFound: there is no such person, or this is no demo.
    """
    trail, new = services.trail(actor), fresh(services, browser)

    def work(tx: Transaction) -> Begun:
        person = people.get(tx, person_id)
        if not services.settings.is_demo or person.ended_at is not None:
            raise NotFound("demo person")
        return begin(tx, trail, person, Proof.DEMO, new)

    return await perform(services, actor, Event.SIGN_IN_FAILED, work)


async def sign_out(services: Services, actor: Actor) -> None:
    """End this browser's sign-in; nothing happens where there is none."""
    if actor.person_id is not None and actor.sign_in_id is not None:
        await end_sign_in(services, actor, actor.sign_in_id)


async def end_sign_in(services: Services, actor: Actor, sign_in_id: str) -> None:
    """End one of one's own sign-ins, on this browser or another.

    Raises:
        NotFound: it is not one's own, is over, or is not there.
    """
    trail = services.trail(actor)

    def work(tx: Transaction) -> None:
        sign_ins.end(tx, sign_in_id, person_id=actor.person_id or "", ended_at=trail.at)
        _note(tx, trail, Event.SIGN_IN_ENDED, sign_in_id)

    await perform(services, actor, Event.SIGN_IN_ENDED, work)


async def end_other_sign_ins(services: Services, actor: Actor) -> int:
    """End all of one's own sign-ins but this one, and return how many there were."""
    trail = services.trail(actor)

    def work(tx: Transaction) -> int:
        ended = sign_ins.end_all(tx, actor.person_id or "", ended_at=trail.at, but=actor.sign_in_id)
        if ended:
            _note(tx, trail, Event.SIGN_IN_ENDED, *ended)
        return len(ended)

    return await perform(services, actor, Event.SIGN_IN_ENDED, work)


def _rests(services: Services) -> dict[str, timedelta]:
    settings = services.settings
    return {
        "staff": timedelta(minutes=settings.staff_idle_minutes),
        "family": timedelta(minutes=settings.family_idle_minutes),
    }


def _note(tx: Transaction, trail: Trail, event: Event, *sign_in_ids: str) -> None:
    entities = [Entity("sign_in", sign_in_id) for sign_in_id in sign_in_ids]
    audit.append(tx, trail, event, entities=entities, purpose=Purpose.SECURITY)
