"""Who may come near a release, and the entries of what they did there."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from scheduler.domain.audit import Entity, Event, Purpose, Trail
from scheduler.domain.consent import Release
from scheduler.domain.errors import Denied, NotFound
from scheduler.domain.people import Actor, Person
from scheduler.domain.permissions import Subject, Task, require
from scheduler.storage import audit, consent, households, people
from scheduler.storage.database import Transaction


def require_reader(tx: Transaction, actor: Actor, client_id: str) -> tuple[Person, tuple[Person, ...]]:
    """Return the client with those whom a release could name, to their care team or themselves.

    Raises:
        NotFound: there is no such client, or it is not the actor's.
        Denied: the actor may not read of it.
    """
    if client_id not in actor.client_ids:
        raise NotFound("client")
    family = households.family(tx, client_id)
    is_own = actor.person_id == client_id
    require(actor, Task.CONTACT_READ, Subject(own=is_own, assigned=not is_own))
    known = family.known_to(client_id) if is_own else tuple(one.person_id for one in family.relatives)
    found = people.get_many(tx, (client_id, *known))
    named = sorted((found[one] for one in known), key=lambda one: (one.name, one.id))
    return found[client_id], tuple(named)


def require_writer(tx: Transaction, trail: Trail, client_id: str) -> tuple[Person, tuple[Person, ...]]:
    """Return what `require_reader` does, to whoever may write a release of this client.

    Raises:
        NotFound: there is no such client, or it is not the actor's.
        Denied: the actor may not write one.
    """
    found = require_reader(tx, trail.actor, client_id)
    is_own = trail.actor.person_id == client_id
    as_if_done = replace(trail.actor, stepped_up_at=trail.at)  # what is only written tells nobody anything
    subject = Subject(own=is_own, assigned=not is_own, approved=True)
    require(as_if_done, Task.RELEASE_SIGN, subject, now=trail.at)
    if is_own and not people.client(tx, client_id).signs_releases:
        raise Denied("a guardian signs")
    return found


def locked(tx: Transaction, actor: Actor, release_id: str) -> Release:
    """Return a release of the actor's clients as nobody else can change it meanwhile.

    Raises:
        NotFound: there is none, or it is not of the actor's.
    """
    households.lock(tx, consent.visible(tx, actor, release_id).client_id)
    return consent.get(tx, release_id)


def note_read(tx: Transaction, trail: Trail, client_id: str, touched: Iterable[tuple[str, str]]) -> None:
    """Append the entry of what was shown of a client: pairs of kind and id."""
    purpose = Purpose.TREATMENT if trail.actor.is_staff else Purpose.PATIENT_REQUEST
    entities = [Entity(*one) for one in touched]
    audit.append(tx, trail, Event.CLIENT_READ, client_id=client_id, entities=entities, purpose=purpose)


def note_change(
    tx: Transaction,
    trail: Trail,
    event: Event,
    release: Release,
    *,
    after: Mapping[str, object],
    before: Mapping[str, object] | None = None,
    reason: str | None = None,
) -> None:
    """Append the entry of a change, with what was so before and what is so now sealed beside it."""
    audit.append(
        tx,
        trail,
        event,
        reason=reason,
        client_id=release.client_id,
        entities=[Entity("release", release.id), Entity("person", release.person_id)],
        purpose=Purpose.TREATMENT if trail.actor.is_staff else Purpose.PATIENT_REQUEST,
        release_id=release.id,
        detail={"before": before, "after": dict(after)},
    )
