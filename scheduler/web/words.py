"""Words for templates: Jinja filters that print times, numbers and codes as people say them.

Times are worded in ``domain/times.py`` and only registered here. An interval is `times.Interval`, a moment an
aware datetime in UTC, ``zone`` an IANA name::

    {{ interval|when(zone) }}           Tuesday 3 November, 2:00 to 2:20 pm, Pacific time
    {{ interval|span(zone) }}           Tuesday 3 November, 2:00 to 2:20 pm
    {{ interval|near_span(zone, now) }} Today, 2:00 to 2:20 pm
    {{ interval|clocks(zone) }}         2:00 to 2:20 pm
    {{ moment|day(zone) }}              Tuesday 3 November
    {{ moment|full_day(zone) }}         3 November 2026; {{ date|full_date }} likewise
    {{ moment|near_day(zone, now) }}    Tomorrow
    {{ moment|clock(zone) }}            2:00 pm
    {{ moment|second(zone) }}           2:00:07 pm
    {{ moment|wait(now) }}              in 12 minutes
    {{ moment|ago(now) }}               22 seconds ago
    {{ moment|iso }}                    2026-11-03T22:00Z
    {{ zone|zone_name }}                Pacific time
    {{ 3|plural("family", "families") }}   3 families
    {{ "510 555 0142, extension 12"|phone_link }}   tel:5105550142;ext=12
    {{ role|role_words }} {{ proof|proof_words }} {{ outcome|outcome_words }} {{ purpose|purpose_words }}
    {{ event|event_words }}             session.turned_away: "session turned away"
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from types import MappingProxyType

from jinja2 import Environment
from markupsafe import Markup, escape

from scheduler.domain import times
from scheduler.domain.audit import Event, Outcome, Purpose
from scheduler.domain.past_times import spoken_ago, spoken_second
from scheduler.domain.people import Proof, Role
from scheduler.domain.phones import phone_link
from scheduler.domain.times import Interval
from scheduler.domain.zones import spoken_zone
from scheduler.web.forms import MALFORMED, MISSING, TOO_LONG
from scheduler.web.navigation import home_of, site_nav

GENERAL_WORDS = tuple(  # alike beside each field: a list names the field
    words.partition("{")[0] for words in (MISSING, MALFORMED, TOO_LONG)
)
LEAVE_URL = "https://www.weather.gov/"  # dull, quick, and nothing to explain to whoever looks

ROLE_WORDS: Mapping[str, str] = MappingProxyType(
    {
        Role.ANONYMOUS: "nobody yet",
        Role.LINK_HOLDER: "holder of a link",
        Role.FAMILY_MEMBER: "family member",
        Role.CLIENT: "client",
        Role.CLINICIAN: "clinician",
        Role.COORDINATOR: "coordinator",
        Role.SUPERVISOR: "clinical supervisor",
        Role.PRIVACY_OFFICER: "privacy officer",
        Role.ADMINISTRATOR: "administrator",
        Role.SYSTEM: "the clockwork",
    }
)
PROOF_WORDS: Mapping[str, str] = MappingProxyType(
    {
        Proof.NONE: "not proved",
        Proof.LINK: "link only",
        Proof.EMAIL_CODE: "code by mail",
        Proof.REMEMBERED_DEVICE: "known device",
        Proof.DEMO: "one click (demo)",
        Proof.PASSKEY: "passkey",
        Proof.SYSTEM: "the clockwork",
    }
)
OUTCOME_WORDS: Mapping[str, str] = MappingProxyType(
    {Outcome.SUCCESS: "done", Outcome.DENIED: "denied", Outcome.FAILURE: "failed"}
)
PURPOSE_WORDS: Mapping[str, str] = MappingProxyType(
    {
        Purpose.TREATMENT: "care",
        Purpose.OPERATIONS: "running the program",
        Purpose.SECURITY: "security",
        Purpose.LEGAL: "a legal duty",
        Purpose.PATIENT_REQUEST: "the client asked for it",
        Purpose.EMERGENCY: "an emergency",
    }
)
EVENT_WORDS: Mapping[str, str] = MappingProxyType(
    {
        Event.ACCESS_DENIED: "access refused",
        Event.BREAK_GLASS_STARTED: "emergency access started",
        Event.CLOCK_STEPPED: "clock jumped",
        Event.ERROR_UNHANDLED: "unexpected error",
        Event.FACTOR_ADDED: "way to sign in added",
        Event.FACTOR_REMOVED: "way to sign in removed",
        Event.PROOF_FAILED: "proof failed",
        Event.PROOF_SUCCEEDED: "proof accepted",
        Event.SIGN_IN_ENDED: "signed out",
        Event.SIGN_IN_FAILED: "sign-in failed",
        Event.SIGN_IN_LOCKED: "sign-in locked",
        Event.SIGN_IN_SUCCEEDED: "signed in",
        Event.TELEHEALTH_CONSENTED: "video consent given",
    }
)

_NUMBERS_TO_CALL = re.compile(r"(?<![\w-])(911|988|112|999|1-\d{3}-\d{3}-\d{4})(?![\w-])")


def register(environment: Environment) -> None:
    """Add the filters and globals to the templates' environment."""
    environment.globals.update(home_of=home_of, site_nav=site_nav, leave_url=LEAVE_URL)
    environment.filters.update(
        **_of_times(),
        event_words=event_words,
        number=number,
        outcome_words=_worded(OUTCOME_WORDS),
        phone_link=phone_link,
        plural=plural,
        proof_words=_worded(PROOF_WORDS),
        purpose_words=_worded(PURPOSE_WORDS),
        role_words=_worded(ROLE_WORDS),
        with_calls=with_calls,
    )
    environment.tests.update(general_words=is_general)


def _of_times() -> dict[str, Callable[..., str]]:
    return {
        "ago": ago,
        "clock": times.spoken_clock,
        "clocks": times.spoken_clocks,
        "day": times.spoken_day,
        "full_date": times.spoken_full_date,
        "full_day": full_day,
        "iso": times.iso,
        "near_day": near_day,
        "near_span": near_span,
        "second": spoken_second,
        "span": times.spoken_span,
        "wait": wait,
        "when": times.spoken_when,
        "zone_name": spoken_zone,
    }


def _worded(words: Mapping[str, str]) -> Callable[[str], str]:
    return lambda code: words.get(code) or str(code).replace("_", " ")


def is_general(words: str) -> bool:
    """Tell whether these words beside a field could stand beside any other."""
    return words.startswith(GENERAL_WORDS)


def event_words(event: str) -> str:
    """Return an event in plain words: "person.turned_away" is "person turned away"."""
    return EVENT_WORDS.get(event) or str(event).replace(".", " ").replace("_", " ")


def ago(moment: datetime, now: datetime) -> str:
    """Return how long ago a moment was: "22 seconds ago"."""
    return spoken_ago(moment, now=now)


def full_day(moment: datetime, zone: str) -> str:
    """Return the local day with its year."""
    return times.spoken_full_date(times.day_of(moment, zone))


def near_day(moment: datetime, zone: str, now: datetime) -> str:
    """Return "Today", "Tomorrow" or the day."""
    return times.spoken_near_day(moment, zone, now=now)


def near_span(interval: Interval, zone: str, now: datetime) -> str:
    """Return the span with "Today" and "Tomorrow" where they are true."""
    return times.spoken_near_span(interval, zone, now=now)


def wait(moment: datetime, now: datetime) -> str:
    """Return how far ahead a moment is: "in 12 minutes"."""
    return times.spoken_wait(moment, now=now)


def number(count: int) -> str:
    """Return a count with its thousands apart: 41,873."""
    return f"{count:,}"


def plural(count: int, one: str, many: str = "") -> str:
    """Return "1 person", "3 people"; ``many`` is ``one`` with an s where it is left out."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


@lru_cache(maxsize=16)
def with_calls(text: str) -> Markup:
    """Return the text, escaped, with its emergency numbers as links that a phone can call."""
    return Markup(_NUMBERS_TO_CALL.sub(r'<a href="tel:\1">\1</a>', str(escape(text))))  # noqa: S704  (escaped here)
