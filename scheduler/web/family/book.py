"""Booking in three steps: a time, what to talk about, done. Each step is an ordinary form.

Whatever is refused comes back with what was typed and, where the time is gone, with the nearest free ones.
"""

from collections.abc import Mapping
from typing import Any

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from scheduler.actions import booking, holds, members, slots
from scheduler.actions.booking import Wish
from scheduler.domain.booking import LONGEST_TOPIC
from scheduler.domain.errors import Invalid, SlotTaken
from scheduler.web import forms, pages
from scheduler.web.family import choosing
from scheduler.web.family.choosing import TimeForm
from scheduler.web.pages import actor_of, services_of
from scheduler.web.zones import zone_options

TOPIC_WORDS = forms.TOO_LONG.format(most=LONGEST_TOPIC)


class BookForm(TimeForm):
    """The whole booking."""

    kind_id: str
    topic: str = Field(default="", max_length=LONGEST_TOPIC, json_schema_extra={"words": TOPIC_WORDS})
    hold_id: str = ""


class HoldForm(TimeForm):
    """A time of a kind to be set aside."""

    kind_id: str


async def show_slots(request: Request) -> Response:
    """Show what can be booked and a week of free times, or the list of zones to read them in."""
    asked, zone = request.query_params, choosing.zone_of(request)
    try:
        choice = await slots.show_slots(
            services_of(request),
            actor_of(request),
            kind_id=asked.get("kind_id", ""),
            duty=asked.get("duty", ""),
            zone=zone,
            since=choosing.date_of(asked.get("since", "")),
            members=choosing.members_of(asked),
        )
    except Invalid as refusal:
        return await choices_page(request, asked, refusal)
    if choice.page is None:
        return pages.show(request, "family/kinds.html", choice=choice)
    shown: dict[str, Any] = {"page": choice.page, "zone": zone, "carried": choosing.carried(choice.others)}
    if "choose_zone" in asked:
        return pages.show(request, "family/zone.html", zones=zone_options(), **shown)
    days, can_choose_kind = choosing.day_list(choice.page), len(choice.offers) > 1
    return pages.show(request, "family/book.html", days=days, can_choose_kind=can_choose_kind, **shown)


async def show_choices(request: Request) -> Response:
    """Ask who takes part beside the reader, before times are shown at which all of them are free."""
    asked = request.query_params
    return await choices_page(request, asked, is_asking="ask" in asked)


async def choices_page(
    request: Request, values: Mapping[str, str], refusal: Invalid | None = None, *, is_asking: bool = False
) -> Response:
    """Return the page that asks who takes part or, for a proposal, whom to ask; again after a refusal."""
    services, actor = services_of(request), actor_of(request)
    return pages.show(
        request,
        "family/who.html",
        status=refusal.status if refusal else 200,
        errors=refusal.errors if refusal else {},
        choices=await members.see_choices(services, actor, values.get("kind_id", "")),
        is_asking=is_asking,
        zone=choosing.zone_of(request, values.get("zone", "")),
        chosen=choosing.members_of(values),
    )


async def hold_time(request: Request) -> Response:
    """Set the chosen time aside and go on to the form."""
    typed = await forms.typed(request)
    try:
        form = forms.check(typed, HoldForm)
        held = await holds.hold_slot(
            services_of(request),
            actor_of(request),
            kind_id=form.kind_id,
            starts_at=form.starts_at,
            duty=form.duty,
        )
    except (Invalid, SlotTaken) as refusal:
        return await _ask_again(request, typed, refusal)
    carried = choosing.carried(choosing.members_of(typed))
    return choosing.go(request, "family.hold", {"zone": form.zone} | carried, hold_id=held.id)


async def show_form(request: Request) -> Response:
    """Show the form for the time that is set aside."""
    chosen = choosing.members_of(request.query_params)
    seen = await holds.see_hold(services_of(request), actor_of(request), request.path_params["hold_id"])
    return pages.show(
        request,
        "family/book_form.html",
        seen=seen,
        zone=choosing.zone_of(request),
        chosen=chosen,
        carried=choosing.carried(chosen),
        typed={},
        errors={},
        longest=LONGEST_TOPIC,
    )


async def let_go(request: Request) -> Response:
    """Let the time go, to choose another."""
    typed = await forms.typed(request)
    hold = await holds.release_hold(services_of(request), actor_of(request), request.path_params["hold_id"])
    carried = choosing.carried(choosing.members_of(typed))
    return choosing.go(
        request, "family.book", {"kind_id": hold.kind_id, "zone": typed.get("zone", "")} | carried
    )


async def book(request: Request) -> Response:
    """Book the time."""
    typed = await forms.typed(request)
    try:
        form = forms.check(typed, BookForm)
        chosen = choosing.members_of(typed)
        wish = Wish(form.kind_id, form.starts_at, form.topic, form.duty, form.hold_id, chosen)
        session = await booking.book_session(services_of(request), actor_of(request), wish)
    except (Invalid, SlotTaken) as refusal:
        return await _ask_again(request, typed, refusal)
    return choosing.go(
        request, "family.session", {"done": "booked", "zone": form.zone}, session_id=session.id
    )


async def _ask_again(request: Request, typed: Mapping[str, str], refusal: Invalid | SlotTaken) -> Response:
    zone, kind_id = choosing.zone_of(request, typed.get("zone", "")), typed.get("kind_id", "")
    services, actor = services_of(request), actor_of(request)
    found = await members.see_choices(services, actor, kind_id) if kind_id else None
    return pages.show(
        request,
        "family/book_again.html",
        status=refusal.status,
        typed=typed,
        errors=choosing.errors_of(refusal),
        nearest=choosing.nearest_options(refusal, zone),
        refusal=refusal,
        zone=zone,
        people=found.people if found else (),
        kind=found.kind if found else None,
        chosen=choosing.members_of(typed),
        longest=LONGEST_TOPIC,
    )
