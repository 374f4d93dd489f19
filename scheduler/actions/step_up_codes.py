"""Stepping up by a code sent by mail: the way of family members and clients, who are signed in already."""

from dataclasses import dataclass

from scheduler.actions.passkeys import keep_step_up
from scheduler.actions.perform import perform
from scheduler.actions.sign_in_codes import tell_coordinators
from scheduler.domain import codes as code_rules
from scheduler.domain.audit import Entity, Event, Outcome, Purpose, Trail
from scheduler.domain.errors import Denied, TooManyRequests
from scheduler.domain.notices import Rule
from scheduler.domain.people import Actor
from scheduler.services import Services
from scheduler.storage import audit, codes, notices
from scheduler.storage.database import Transaction

LOCKED_WORDS = "Somebody who is signed in tried a wrong code five times. No new code is sent for a while."


@dataclass(frozen=True, slots=True)
class Tried:
    """How a code went."""

    outcome: code_rules.Outcome
    tries_left: int = 0


async def ask_for_code(services: Services, actor: Actor, *, browser_token: str) -> None:
    """Send a code to the signed-in person's address for codes, good in this browser and sign-in.

    Raises:
        Denied: not of a family; staff have passkeys.
        TooManyRequests: too many were sent, or one was guessed at five times.
    """
    trail, code = services.trail(actor), code_rules.digits_of(services.new_secret())
    code_id, notice_id = services.new_id(), services.new_id()

    def work(tx: Transaction) -> None:
        _require_calm(tx, trail)
        codes.issue(
            tx,
            code_id=code_id,
            person_id=actor.person_id,
            purpose=code_rules.Purpose.STEP_UP,
            target=_target(actor),
            browser=browser_token,
            code=code,
            now=trail.at,
        )
        _mail(tx, trail, notice_id, code)
        _note(tx, trail, Event.CODE_SENT)

    await perform(services, actor, Event.CODE_SENT, work)


async def enter_code(services: Services, actor: Actor, *, browser_token: str, code: str) -> Tried:
    """Try the code; when it is right, the sign-in has just been proved anew."""
    trail, notice_id = services.trail(actor), services.new_id()

    def work(tx: Transaction) -> Tried:
        tried = codes.attempt(
            tx,
            purpose=code_rules.Purpose.STEP_UP,
            target=_target(actor),
            browser=browser_token,
            code=code,
            now=trail.at,
        )
        if tried.outcome is code_rules.Outcome.RIGHT and tried.person_id == actor.person_id:
            keep_step_up(tx, trail)
            return Tried(tried.outcome)
        if tried.outcome is code_rules.Outcome.LOCKED:
            tell_coordinators(tx, notice_id, trail, LOCKED_WORDS)
        _note(tx, trail, Event.PROOF_FAILED, Outcome.FAILURE, f"code_{tried.outcome}")
        return Tried(tried.outcome, tried.tries_left)

    return await perform(services, actor, Event.PROOF_FAILED, work)


def _mail(tx: Transaction, trail: Trail, notice_id: str, code: str) -> None:
    notices.queue(
        tx,
        notice_id=notice_id,
        person_id=trail.actor.person_id or "",
        session_id=None,
        rule=Rule.STEP_UP_CODE,
        due_at=trail.at,
        detail=code,
    )


def _require_calm(tx: Transaction, trail: Trail) -> None:
    if not trail.actor.is_family:
        raise Denied("staff have passkeys")
    person_id, purpose = trail.actor.person_id or "", code_rules.Purpose.STEP_UP
    is_locked = codes.locked_until(tx, person_id=person_id, purpose=purpose, now=trail.at) is not None
    sent = codes.sent_lately(tx, person_id=person_id, purpose=purpose, now=trail.at)
    if is_locked or sent >= code_rules.MOST_SENT:
        raise TooManyRequests(int(code_rules.LOCK_LASTS.total_seconds()))


def _target(actor: Actor) -> str:
    return f"step-up {actor.sign_in_id}"


def _note(
    tx: Transaction,
    trail: Trail,
    event: Event,
    outcome: Outcome = Outcome.SUCCESS,
    reason: str | None = None,
) -> None:
    entities = [Entity("sign_in", trail.actor.sign_in_id or "")]
    audit.append(
        tx, trail, event, outcome=outcome, reason=reason, entities=entities, purpose=Purpose.SECURITY
    )
