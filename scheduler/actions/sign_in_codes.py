"""Signing in by a code sent by mail: the way of family members.

Whether an address is known must show nowhere (42 CFR 2.13(c)): for an unknown one, and for staff, who use
passkeys, a decoy is kept that no code opens, so that every later step looks the same too.
"""

from dataclasses import dataclass

from scheduler.actions.perform import perform
from scheduler.actions.sign_in import Begun, begin, fresh
from scheduler.domain import codes as code_rules
from scheduler.domain.audit import Entity, Event, Outcome, Purpose, Trail
from scheduler.domain.notices import Rule
from scheduler.domain.people import FAMILY, Actor, Person, Proof, Role
from scheduler.services import Services
from scheduler.storage import audit, codes, notices, people
from scheduler.storage.database import Transaction

TARGET = "sign-in"
LOCKED_WORDS = "Somebody tried a wrong sign-in code five times. No new code is sent for a quarter of an hour."


@dataclass(frozen=True, slots=True)
class CodeTried:
    """How a code went; ``begun`` is there when it was right."""

    outcome: code_rules.Outcome
    tries_left: int = 0
    begun: Begun | None = None


@dataclass(frozen=True, slots=True)
class _Sending:
    """A code about to be sent, drawn before the transaction; it works in one browser only."""

    code_id: str
    notice_id: str
    code: str
    browser_token: str


async def ask_for_code(services: Services, actor: Actor, *, email: str, browser_token: str) -> None:
    """Send a code to a family member's address, for this browser; for any other address keep a decoy."""
    trail, code = services.trail(actor), code_rules.digits_of(services.new_secret())
    sending = _Sending(services.new_id(), services.new_id(), code, browser_token)

    def work(tx: Transaction) -> None:
        person = people.find_by_email(tx, email)
        reason = _reason_against(tx, person, trail)
        _issue(tx, trail, sending, person if reason is None else None)
        outcome = Outcome.SUCCESS if reason is None else Outcome.FAILURE
        _note(tx, trail, Event.CODE_SENT, person, outcome, reason)

    await perform(services, actor, Event.CODE_SENT, work)


async def enter_code(
    services: Services, actor: Actor, *, browser_token: str, code: str, browser: str, is_remembered: bool
) -> CodeTried:
    """Try the code that this browser asked for; when it is right, the browser is signed in."""
    trail, notice_id = services.trail(actor), services.new_id()
    new = fresh(services, browser, is_remembered=is_remembered)

    def work(tx: Transaction) -> CodeTried:
        tried = codes.attempt(
            tx,
            purpose=code_rules.Purpose.SIGN_IN,
            target=TARGET,
            browser=browser_token,
            code=code,
            now=trail.at,
        )
        person = people.get(tx, tried.person_id) if tried.person_id is not None else None
        if tried.outcome is code_rules.Outcome.RIGHT and person is not None and person.ended_at is None:
            begun = begin(tx, trail, person, Proof.EMAIL_CODE, new)
            return CodeTried(tried.outcome, begun=begun)
        return _failed(tx, trail, tried, person, notice_id)

    return await perform(services, actor, Event.SIGN_IN_FAILED, work)


def address_key(services: Services, email: str) -> str:
    """Return a keyed hash of an address, under which asking for codes is counted."""
    return services.vault.lookup_hash("email", people.normal_email(email)).hex()


def _reason_against(tx: Transaction, person: Person | None, trail: Trail) -> str | None:
    """Return why no code is sent; asks the database the same whether or not there is such a person."""
    person_id = "" if person is None else person.id
    purpose = code_rules.Purpose.SIGN_IN
    locked_until = codes.locked_until(tx, person_id=person_id, purpose=purpose, now=trail.at)
    sent_lately = codes.sent_lately(tx, person_id=person_id, purpose=purpose, now=trail.at)
    if person is None:
        return "unknown_address"
    if person.role not in FAMILY:
        return "staff_use_passkeys"
    if locked_until is not None:
        return "locked"
    return "too_many" if sent_lately >= code_rules.MOST_SENT else None


def _issue(tx: Transaction, trail: Trail, sending: _Sending, person: Person | None) -> None:
    codes.issue(
        tx,
        code_id=sending.code_id,
        person_id=None if person is None else person.id,
        purpose=code_rules.Purpose.SIGN_IN,
        target=TARGET,
        browser=sending.browser_token,
        code=sending.code,
        now=trail.at,
    )
    if person is not None:
        notices.queue(
            tx,
            notice_id=sending.notice_id,
            person_id=person.id,
            session_id=None,
            rule=Rule.SIGN_IN_CODE,
            due_at=trail.at,
            detail=sending.code,
        )


def _failed(
    tx: Transaction, trail: Trail, tried: code_rules.Attempt, person: Person | None, notice_id: str
) -> CodeTried:
    outcome = code_rules.Outcome.GONE if tried.outcome is code_rules.Outcome.RIGHT else tried.outcome
    event = Event.SIGN_IN_FAILED
    if outcome is code_rules.Outcome.LOCKED:
        event = Event.SIGN_IN_LOCKED
        tell_coordinators(tx, notice_id, trail, LOCKED_WORDS)
    _note(tx, trail, event, person, Outcome.FAILURE, f"code_{outcome}")
    return CodeTried(outcome, tries_left=tried.tries_left)


def tell_coordinators(tx: Transaction, notice_id: str, trail: Trail, words: str) -> None:
    """Owe every coordinator a mail; its words name nobody."""
    coordinators = [person for person in people.staff(tx) if person.role is Role.COORDINATOR]
    owed = [
        notices.Owed(
            notice_id=f"{notice_id}.{number}",
            person_id=person.id,
            session_id=None,
            rule=Rule.STAFF_ALERT,
            due_at=trail.at,
            detail=words,
        )
        for number, person in enumerate(coordinators)
    ]
    notices.queue_all(tx, owed)


def _note(
    tx: Transaction, trail: Trail, event: Event, person: Person | None, outcome: Outcome, reason: str | None
) -> None:
    entities = [] if person is None else [Entity("person", person.id)]
    audit.append(
        tx, trail, event, outcome=outcome, reason=reason, entities=entities, purpose=Purpose.SECURITY
    )
