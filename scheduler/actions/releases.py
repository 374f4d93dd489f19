"""Releases: reading them, writing one down to be signed, and the client's signature (42 CFR 2.31).

Nothing may be told by one that is only written, so that writing needs neither a fresh proof nor a second
person; both come with what puts it in force.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime

from scheduler.actions.perform import perform
from scheduler.actions.release_access import locked, note_change, note_read, require_reader, require_writer
from scheduler.actions.release_drafts import Wording, drafted, words_of
from scheduler.actions.release_drafts import like as like_release
from scheduler.domain.audit import Event, Trail
from scheduler.domain.consent import USUALLY_LASTS, WRITTEN, Release, State, is_same_name
from scheduler.domain.errors import Denied, Invalid, NoLonger, NotFound
from scheduler.domain.people import Actor, Person
from scheduler.domain.permissions import Subject, Task, require
from scheduler.domain.release_texts import ReleaseText, Shown
from scheduler.domain.times import day_of
from scheduler.gateways import release_texts
from scheduler.services import Services
from scheduler.storage import consent, households, people
from scheduler.storage.database import Transaction

NO_NAME_WORDS = "Please type your name."
ANOTHER_NAME_WORDS = "Please write your name as it stands in the text above."
CHANGED_WORDS = "The text has changed since you opened this page. Please read it again before you sign."


@dataclass(frozen=True, slots=True)
class ReleaseSeen:
    """A release with where it stands. ``recorded_by`` and ``reason`` (why it was sent back) are for staff.

    ``shown`` is the text that was signed, or is to be; None for paper. ``is_named_elsewhere`` says that
    another release in force names the same person. Lists have neither.
    """

    release: Release
    state: State
    zone: str
    recorded_by: str = ""
    reason: str = ""
    shown: Shown | None = None
    is_ending: bool = False
    is_named_elsewhere: bool = False

    @property
    def ended_on(self) -> date | None:
        """The day on which it ended, in the client's zone."""
        return self.release.ended_on(self.zone)

    @property
    def last_day(self) -> date | None:
        """The last day on which it is in force, in the client's zone."""
        return self.release.last_day(self.zone)


@dataclass(frozen=True, slots=True)
class Releases:
    """A client's releases, newest first, and the ``people`` whom one could name.

    ``signs`` is False for a client for whom a guardian signs.
    """

    client: Person
    people: tuple[Person, ...]
    releases: tuple[ReleaseSeen, ...]
    signs: bool = True

    @property
    def without(self) -> tuple[Person, ...]:
        """Those of the people whom no release names that is in force or on its way."""
        on = {State.IN_FORCE, State.TO_SIGN, State.TO_APPROVE}
        named = {one.release.person_id for one in self.releases if one.state in on}
        return tuple(one for one in self.people if one.id not in named)


@dataclass(frozen=True, slots=True)
class Form:
    """What a form for a release needs: whom it could name, the text in its language, what it begins with."""

    client: Person
    people: tuple[Person, ...]
    text: ReleaseText
    begins: Wording


async def list_releases(services: Services, actor: Actor, client_id: str) -> Releases:
    """Return the releases of one of the actor's clients; clients see their own.

    Raises:
        NotFound: there is no such client, or it is not the actor's.
        Denied: the actor may not read of it.
    """
    trail = services.trail(actor)

    def work(tx: Transaction) -> Releases:
        client, named = require_reader(tx, actor, client_id)
        found = consent.of_client(tx, client_id)
        found.sort(key=lambda one: (one.created_at or one.signed_at or trail.at, one.id), reverse=True)
        seen = tuple(seen_by(tx, actor, one, client, trail.at) for one in found)
        note_read(tx, trail, client_id, [("release", one.id) for one in found])
        return Releases(client, named, seen, people.client(tx, client_id).signs_releases)

    return await perform(services, actor, Event.CLIENT_READ, work)


async def see_release(services: Services, actor: Actor, release_id: str) -> ReleaseSeen:
    """Return one release of the actor's clients, with its text.

    Raises:
        NotFound: there is none, or it is not of the actor's.
        Denied: the actor may not read of it.
    """
    trail = services.trail(actor)

    def work(tx: Transaction) -> ReleaseSeen:
        release = consent.visible(tx, actor, release_id)
        client, _ = require_reader(tx, actor, release.client_id)
        seen = seen_by(tx, actor, release, client, trail.at)
        note_read(tx, trail, release.client_id, [("release", release.id), ("person", release.person_id)])
        others = [one for one in consent.of_client(tx, release.client_id) if one.id != release.id]
        is_named = any(one.person_id == release.person_id and one.is_active(trail.at) for one in others)
        return replace(seen, shown=_shown(tx, release, client), is_named_elsewhere=is_named)

    return await perform(services, actor, Event.CLIENT_READ, work)


async def see_form(
    services: Services, actor: Actor, client_id: str, *, person_id: str = "", like: str = "", language: str
) -> Form:
    """Return what a form for a new release begins with; ``like`` is a release that it resembles.

    Raises:
        NotFound: there is no such client or release, or it is not the actor's.
        Denied: the actor may not write one.
    """
    trail = services.trail(actor)

    def work(tx: Transaction) -> Form:
        client, named = require_writer(tx, trail, client_id)
        text = release_texts.newest(language or client.language)
        begins = Wording(person_id, None, "", text.discloser, text.purpose, text.revocation_text)
        if like:
            begins = like_release(_of_client(consent.visible(tx, actor, like), client_id), text)
        begins = replace(begins, last_day=day_of(trail.at + USUALLY_LASTS, client.zone))
        note_read(tx, trail, client_id, [("person", one.id) for one in named])
        return Form(client, named, text, begins)

    return await perform(services, actor, Event.CLIENT_READ, work)


def _of_client(release: Release, client_id: str) -> Release:
    """Return the release; another client's, though it may be the actor's to see, is not there."""
    if release.client_id != client_id:
        raise NotFound("release")
    return release


async def write_release(services: Services, actor: Actor, client_id: str, wording: Wording) -> Release:
    """Write a release down for the client to sign; the same, written twice, is one.

    Raises:
        Invalid: one of the elements that are written is missing; holds the words beside each field.
        NotFound: there is no such client or family member, or they are not the actor's.
        Denied: the actor may not write one.
    """
    trail, release_id = services.trail(actor), services.new_id()

    def work(tx: Transaction) -> Release:
        client, named = require_writer(tx, trail, client_id)
        households.lock(tx, client_id)
        release = drafted(release_id, client, named, wording, trail.at)
        release.check(WRITTEN)
        _require_renewable(tx, release, trail.at)
        for earlier in consent.of_client(tx, client_id):
            if earlier.state(trail.at) is State.TO_SIGN and words_of(earlier) == words_of(release):
                return earlier
        consent.add(tx, release, recorded_by=actor.person_id)
        note_change(tx, trail, Event.RELEASE_CREATED, release, after=words_of(release))
        return release

    return await perform(services, actor, Event.RELEASE_CREATED, work, client_id=client_id)


async def sign_release(
    services: Services, actor: Actor, release_id: str, *, signature: str, read_sha256: str
) -> Release:
    """Keep the client's signature: the typed name under the text with this hash; then it is in force.

    One that is signed already is returned as it is.

    Raises:
        Invalid: no name or another one, or the text is another than the one that was read.
        NotFound: there is none, or it is not theirs.
        NoLonger: it is over.
        Denied: not the client, or a guardian signs for them.
        StepUpNeeded: they have not just proved themselves anew.
    """
    trail = services.trail(actor)

    def work(tx: Transaction) -> Release:
        release = locked(tx, actor, release_id)
        _require_signer(tx, trail, release)
        state = release.state(trail.at)
        if state is State.IN_FORCE:
            return release
        if state is not State.TO_SIGN:
            raise NoLonger("release")
        shown = _shown(tx, release, people.get(tx, release.client_id))
        signed = release.signed(signature, trail.at)
        _check_signature(signed, shown, read_sha256)
        assert shown is not None, "what is to be signed has a text"
        consent.sign(tx, release_id, signature=signature, signed_at=trail.at, shown=shown)
        end_renewed(tx, trail, release)
        after = {"signature": signature, "text": release.text_version, "sha256": shown.sha256}
        note_change(tx, trail, Event.RELEASE_SIGNED, signed, after=after | {"language": release.language})
        return signed

    return await perform(services, actor, Event.RELEASE_SIGNED, work)


def seen_by(tx: Transaction, actor: Actor, release: Release, client: Person, now: datetime) -> ReleaseSeen:
    """Return a release with where it stands, and for staff who recorded it and why it was sent back."""
    seen = ReleaseSeen(release, release.state(now), client.zone, is_ending=release.is_ending(now))
    if not actor.is_staff:
        return seen
    recorder = people.get(tx, release.recorded_by).name if release.recorded_by else ""
    reason = consent.sent_back_reason(tx, release.id) if release.sent_back_at else ""
    return replace(seen, recorded_by=recorder, reason=reason)


def end_renewed(tx: Transaction, trail: Trail, release: Release) -> None:
    """End the release whose place this one takes, if it is still in force."""
    if release.renews_id is None:
        return
    earlier = consent.get(tx, release.renews_id)
    if earlier.state(trail.at) is State.IN_FORCE and consent.expire(tx, earlier.id, at=trail.at):
        note_change(tx, trail, Event.RELEASE_EXPIRED, earlier, after={"by": release.id}, reason="renewed")


def _shown(tx: Transaction, release: Release, client: Person) -> Shown | None:
    if release.is_paper or not release.text_version:
        return None
    signed = consent.shown(tx, release.id)
    return signed or release_texts.text(release.text_version, release.language).shown(release, client.zone)


def _require_renewable(tx: Transaction, release: Release, now: datetime) -> None:
    if release.renews_id is None:
        return
    earlier = consent.get(tx, release.renews_id)
    if (earlier.client_id, earlier.person_id) != (release.client_id, release.person_id):
        raise NotFound("release to renew")
    if earlier.state(now) is not State.IN_FORCE:
        raise NoLonger("release to renew")


def _require_signer(tx: Transaction, trail: Trail, release: Release) -> None:
    actor = trail.actor
    if not people.client(tx, release.client_id).signs_releases:
        raise Denied("a guardian signs")
    require(actor, Task.RELEASE_SIGN, Subject(own=actor.person_id == release.client_id), now=trail.at)


def _check_signature(signed: Release, shown: Shown | None, read_sha256: str) -> None:
    if not signed.signature.strip():
        raise Invalid({"signature": NO_NAME_WORDS})
    signed.check()
    if not is_same_name(signed.signature, signed.client_name):
        raise Invalid({"signature": ANOTHER_NAME_WORDS})
    if shown is None or shown.sha256 != read_sha256:
        raise Invalid({"form": CHANGED_WORDS})
