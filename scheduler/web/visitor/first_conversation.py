"""A first conversation for whoever has no account: a time, a few words, done; and the private address after.

The form carries the token of the private address, so that sent twice it asks once. Nothing is kept before it
is sent, and what is refused comes back as it was typed.
"""

import re
from collections.abc import Mapping

from pydantic import Field, JsonValue
from starlette.requests import Request
from starlette.responses import Response

from scheduler.actions import inquiries
from scheduler.actions.inquiries import Wish
from scheduler.domain.booking import LONGEST_TOPIC
from scheduler.domain.errors import Invalid, SlotTaken
from scheduler.domain.inquiries import (
    FIRST_CONVERSATION,
    LONGEST_NAME,
    LONGEST_PLAN,
    LONGEST_SAFE_TIMES,
    Words,
)
from scheduler.domain.zones import is_zone
from scheduler.web import forms, pages
from scheduler.web.family import choosing
from scheduler.web.family.choosing import TimeForm
from scheduler.web.pages import actor_of, services_of
from scheduler.web.visitor.join_waiting import Phone
from scheduler.web.visitor.sign_in import Email
from scheduler.web.zones import zone_options

NO_WAY_WORDS = "Please give a telephone number or an e-mail address, so that we can reach you."
NO_MAIL_WORDS = "Please write the address to which the mail may go, or take the tick away below."
TRAP_WORDS = (
    "Something filled in a field that people do not see. It is empty again: please send this once more."
)
LONGEST = {
    "name": LONGEST_NAME,
    "plan": LONGEST_PLAN,
    "safe_times": LONGEST_SAFE_TIMES,
    "topic": LONGEST_TOPIC,
}
_TOKEN = re.compile(r"[A-Za-z0-9_-]{32}")


def _words(most: int) -> dict[str, JsonValue]:
    return {"words": forms.TOO_LONG.format(most=most)}


class AskForm(TimeForm):
    """What somebody tells; ``website`` is a trap for programs, which no person sees."""

    name: str = Field(max_length=LONGEST_NAME, json_schema_extra=_words(LONGEST_NAME))
    topic: str = Field(default="", max_length=LONGEST_TOPIC, json_schema_extra=_words(LONGEST_TOPIC))
    phone: Phone = ""
    may_leave_message: bool = False
    email: Email = ""
    mail_is_safe: bool = False
    safe_times: str = Field(
        default="", max_length=LONGEST_SAFE_TIMES, json_schema_extra=_words(LONGEST_SAFE_TIMES)
    )
    plan: str = Field(default="", max_length=LONGEST_PLAN, json_schema_extra=_words(LONGEST_PLAN))
    website: str = ""
    token: str = ""

    @property
    def words(self) -> Words:
        """What is kept of it."""
        return Words(
            name=self.name,
            phone=self.phone,
            email=self.email,
            safe_times=self.safe_times,
            topic=self.topic,
            plan=self.plan,
            may_leave_message=self.may_leave_message,
            mail_is_safe=self.mail_is_safe,
        )


async def show_times(request: Request) -> Response:
    """Show a week of free times, or the list of zones to read them in."""
    asked, zone = request.query_params, _zone(request)
    page = await inquiries.show_times(
        services_of(request), actor_of(request), zone=zone, since=choosing.date_of(asked.get("since", ""))
    )
    if "choose_zone" in asked:
        zones = zone_options()
        return pages.show(request, "visitor/first_conversation/zone.html", zone=zone, zones=zones)
    days = choosing.day_list(page, request.app.url_path_for("inquiry.form"))
    return pages.show(request, "visitor/first_conversation/times.html", page=page, zone=zone, days=days)


async def show_form(request: Request) -> Response:
    """Show the form for a chosen time; without one, the times."""
    wanted = choosing.interval_of(request.query_params.get("starts_at", ""), FIRST_CONVERSATION.minutes)
    if wanted is None:
        return choosing.go(request, "inquiry.times", {"zone": request.query_params.get("zone", "")})
    return _form(request, {"starts_at": request.query_params["starts_at"], "zone": _zone(request)})


async def ask(request: Request) -> Response:
    """Book the conversation and go to its private page."""
    typed = await forms.typed(request)
    token = _token(request, typed)
    try:
        form = _checked(typed)
        request.state.rate_limits.require_inquiry(actor_of(request))
        wish = Wish(form.starts_at, _zone(request, form.zone), form.words, token)
        await inquiries.ask(services_of(request), actor_of(request), wish)
    except (Invalid, SlotTaken) as refusal:
        return _form(request, typed | {"token": token, "website": ""}, refusal)
    return choosing.go(request, "inquiry.own", {"done": "asked"}, token=token)


async def show_own(request: Request) -> Response:
    """Show the private page of a conversation; looking changes nothing."""
    token = request.path_params["token"]
    own = await inquiries.see_own(services_of(request), actor_of(request), token)
    path = request.app.url_path_for("inquiry.own", token=token)
    return pages.show(
        request,
        "visitor/first_conversation/own.html",
        own=own,
        token=token,
        is_new=request.query_params.get("done") == "asked",
        address=services_of(request).settings.url(path),
    )


async def withdraw(request: Request) -> Response:
    """Call the conversation off."""
    token = request.path_params["token"]
    await inquiries.withdraw(services_of(request), actor_of(request), token)
    return pages.go(request, "inquiry.own", token=token)


def _checked(typed: Mapping[str, str]) -> AskForm:
    """Return the form; all that is wrong with it is told at once.

    Raises:
        Invalid: a field is missing or malformed, or there is no way to reach the person.
    """
    missing = _missing_ways(typed)
    try:
        form = forms.check(dict(typed), AskForm)
    except Invalid as invalid:
        raise Invalid(invalid.errors | missing, typed=typed) from invalid
    if missing or form.website:
        raise Invalid(missing or {"form": TRAP_WORDS}, typed=typed)
    return form


def _missing_ways(typed: Mapping[str, str]) -> dict[str, str]:
    has_phone, has_email = (typed.get(name, "").strip() for name in ("phone", "email"))
    if not has_phone and not has_email:
        return {"phone": NO_WAY_WORDS}
    return {"email": NO_MAIL_WORDS} if typed.get("mail_is_safe") and not has_email else {}


def _form(request: Request, typed: Mapping[str, str], refusal: Invalid | SlotTaken | None = None) -> Response:
    zone = _zone(request, typed.get("zone", ""))
    return pages.show(
        request,
        "visitor/first_conversation/about.html",
        status=refusal.status if refusal else 200,
        typed={**typed, "token": _token(request, typed)},
        errors=choosing.errors_of(refusal) if refusal else {},
        nearest=choosing.nearest_options(refusal, zone) if refusal else [],
        wanted=choosing.interval_of(typed.get("starts_at", ""), FIRST_CONVERSATION.minutes),
        zone=zone,
        longest=LONGEST,
    )


def _token(request: Request, typed: Mapping[str, str]) -> str:
    """Return the token that the form brought, or a new one."""
    brought = typed.get("token", "")
    return brought if _TOKEN.fullmatch(brought) else services_of(request).new_secret()


def _zone(request: Request, name: str | None = None) -> str:
    """Return the zone asked for; else the reader's own or, of those without an account, the program's."""
    wanted = request.query_params.get("zone", "") if name is None else name
    if is_zone(wanted):
        return wanted
    actor = actor_of(request)
    return actor.zone if actor.person_id else services_of(request).settings.zone
