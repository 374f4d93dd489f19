"""Releases signed on paper: recorded by one of the care team, in force once another has approved them.

The scan is kept sealed and shown to the care team alone, each time with an entry.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TypeVar

from scheduler.actions.perform import perform
from scheduler.actions.release_access import locked, note_change, note_read, require_writer
from scheduler.actions.release_drafts import Wording, drafted, words_of
from scheduler.domain.audit import Event
from scheduler.domain.consent import BESIDE, Release, State, end_of, is_same_name, signed_on
from scheduler.domain.errors import Denied, Invalid, NoLonger
from scheduler.domain.people import Actor, Person
from scheduler.domain.permissions import Subject, Task, require
from scheduler.domain.scans import Scan
from scheduler.services import Services
from scheduler.storage import consent, households, release_scans
from scheduler.storage.database import Transaction

T = TypeVar("T")

OTHER_CLIENT_WORDS = "This is not the name of this client. Is it the right paper?"
REASON_WORDS = "Please write what is wrong with it."


@dataclass(frozen=True, slots=True)
class Paper:
    """What is on a paper: its words, the client's name, the name and the local day it was signed with.

    ``scan`` are the bytes of its picture, b"" where none was chosen.
    """

    wording: Wording
    client_name: str = ""
    signature: str = ""
    signed_on: date | None = None
    scan: bytes = b""


async def record_paper(services: Services, actor: Actor, client_id: str, paper: Paper) -> Release:
    """Keep what was signed on paper, to be approved by somebody else; the same, recorded twice, is one.

    Raises:
        Invalid: an element or the scan is missing, or a name or day cannot be right; all words at once.
        NotFound: there is no such client or family member, or they are not the actor's.
        Denied: the actor may not record one.
    """
    trail, release_id = services.trail(actor), services.new_id()

    def work(tx: Transaction) -> Release:
        _require_staff(actor)
        client, named = require_writer(tx, trail, client_id)
        households.lock(tx, client_id)
        release, scan = _read_off(release_id, client, named, paper, trail.at)
        for earlier in consent.of_client(tx, client_id):
            if earlier.state(trail.at) is State.TO_APPROVE and _facts(earlier) == _facts(release):
                return earlier
        consent.add(tx, release, recorded_by=actor.person_id)
        release_scans.add(tx, release_id, scan)
        note_change(tx, trail, Event.RELEASE_CREATED, release, after=_facts(release))
        return release

    return await perform(services, actor, Event.RELEASE_CREATED, work, client_id=client_id)


async def approve_paper(services: Services, actor: Actor, release_id: str) -> Release:
    """Put a release on paper in force, as the second person; one that is in force stays so.

    Raises:
        NotFound: there is none, or it is not of the actor's.
        Denied: the actor recorded it, or is not of the care team.
        NoLonger: it does not wait for anybody any more.
    """
    trail = services.trail(actor)

    def work(tx: Transaction) -> Release:
        release = _to_decide(tx, actor, release_id)
        if release.state(trail.at) is State.IN_FORCE:
            return release
        _require_waiting(release, trail.at)
        consent.approve(tx, release_id, by=actor.person_id or "", at=trail.at)
        approved = replace(release, approved_at=trail.at)
        after = {"state": State.IN_FORCE, "approved_by": actor.person_id, "recorded_by": release.recorded_by}
        before = {"state": State.TO_APPROVE}
        note_change(tx, trail, Event.RELEASE_SIGNED, approved, before=before, after=after)
        return approved

    return await perform(services, actor, Event.RELEASE_SIGNED, work)


async def send_back(services: Services, actor: Actor, release_id: str, *, reason: str) -> Release:
    """Send a release on paper back to whoever recorded it; one that was sent back stays so.

    Raises:
        Invalid: it is not said why.
        NotFound: there is none, or it is not of the actor's.
        Denied: the actor recorded it, or is not of the care team.
        NoLonger: it does not wait for anybody any more.
    """
    trail = services.trail(actor)

    def work(tx: Transaction) -> Release:
        release = _to_decide(tx, actor, release_id)
        if release.state(trail.at) is State.SENT_BACK:
            return release
        _require_waiting(release, trail.at)
        if not reason.strip():
            raise Invalid({"reason": REASON_WORDS})
        consent.send_back(tx, release_id, by=actor.person_id or "", at=trail.at, reason=reason)
        after = {"state": State.SENT_BACK, "why": reason}
        before = {"state": State.TO_APPROVE}
        note_change(tx, trail, Event.RELEASE_SENT_BACK, release, before=before, after=after)
        return release

    return await perform(services, actor, Event.RELEASE_SENT_BACK, work)


async def fetch_scan(services: Services, actor: Actor, release_id: str) -> Scan:
    """Return the scan of a release, for the care team alone.

    Raises:
        NotFound: there is none, or it is not of the actor's.
        Denied: the actor is not of the care team.
    """
    trail = services.trail(actor)

    def work(tx: Transaction) -> Scan:
        release = consent.visible(tx, actor, release_id)
        _require_staff(actor)
        require(actor, Task.CONTACT_READ, Subject(assigned=True))
        scan = release_scans.get(tx, release_id)
        note_read(tx, trail, release.client_id, [("release_scan", release_id)])
        return scan

    return await perform(services, actor, Event.CLIENT_READ, work)


def _require_staff(actor: Actor) -> None:
    if not actor.is_staff:
        raise Denied("paper is for the care team")


def _to_decide(tx: Transaction, actor: Actor, release_id: str) -> Release:
    release = locked(tx, actor, release_id)
    _require_staff(actor)
    is_second = actor.person_id != release.recorded_by
    require(actor, Task.RELEASE_SIGN, Subject(assigned=True, approved=is_second))
    return release


def _require_waiting(release: Release, now: datetime) -> None:
    if release.state(now) is not State.TO_APPROVE:
        raise NoLonger("release")


def _read_off(
    release_id: str, client: Person, named: tuple[Person, ...], paper: Paper, now: datetime
) -> tuple[Release, Scan]:
    """Return the release that is on the paper, and its scan.

    Raises:
        Invalid: whatever is wrong with it, all at once.
        NotFound: it names somebody of another family.
    """
    errors: dict[str, str] = {}
    wording, zone = paper.wording, client.zone
    draft = drafted(release_id, client, named, replace(wording, last_day=None), now)
    read = replace(
        draft,
        client_name=paper.client_name,
        scope=(wording.own_words.strip() or draft.scope) if wording.scope else "",
        expires_at=_noting(errors, lambda: end_of(wording.last_day, zone, now=now)),
        signature=paper.signature,
        signed_at=_noting(errors, lambda: signed_on(paper.signed_on, zone, now=now)),
        text_version="",
        language="",
        is_paper=True,
    )
    missing = dict(BESIDE[element] for element in read.missing_elements)
    if read.client_name and not is_same_name(read.client_name, client.name):
        errors["client_name"] = OTHER_CLIENT_WORDS
    scan = _noting(errors, lambda: Scan.of(paper.scan))
    if missing or scan is None or errors:
        raise Invalid(missing | errors)
    return replace(read, client_name=client.name), scan


def _noting(errors: dict[str, str], read: Callable[[], T]) -> T | None:
    try:
        return read()
    except Invalid as invalid:
        errors.update(invalid.errors)
        return None


def _facts(release: Release) -> dict[str, object]:
    signed = {"signature": release.signature, "signed_at": str(release.signed_at)}
    return words_of(release) | signed
