"""Finding a time together: proposing up to five times, answering from one's own page, taking it back."""

from collections.abc import Mapping
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from scheduler.actions import answers, proposals, slots
from scheduler.actions.proposals import Asking, ProposalSeen
from scheduler.actions.slot_page import SlotPage
from scheduler.actions.slots import SlotChoice
from scheduler.domain.errors import Invalid, SlotTaken
from scheduler.domain.proposals import Status
from scheduler.domain.times import iso, parse_iso, spoken_clock, spoken_date, spoken_start
from scheduler.web import forms, pages
from scheduler.web.days import CHOOSE_WORDS
from scheduler.web.family import choosing
from scheduler.web.family.book import choices_page
from scheduler.web.pages import actor_of, services_of

TIME_PREFIX = "time-"
ANSWER_PREFIX = "works-"
TAKEN_WORDS = "One of these times is not free any more, or too near to another of them. Please choose again."
NO_ANSWER_WORDS = "Please say of at least one time whether it works for you."
DONE_WORDS = {
    "answered": "Your answer is saved.",
    "asked": "You have asked. Each of them gets a mail.",
    "withdrawn": "You have taken it back. The times are free for others again.",
}


async def show_new(request: Request) -> Response:
    """Show a week of times that are free for all who are chosen, to tick some of them."""
    return await _new_page(request, dict(request.query_params))


async def send(request: Request) -> Response:
    """Hold the ticked times and ask the others."""
    typed = await forms.typed(request)
    try:
        asking = Asking(
            typed.get("kind_id", ""),
            _times_of(typed),
            choosing.members_of(typed),
            needs_all=typed.get("enough") != "one",
        )
        proposal = await proposals.propose(services_of(request), actor_of(request), asking)
    except (Invalid, SlotTaken) as refusal:
        return await _new_page(request, typed, refusal)
    return choosing.go(request, "family.proposal", {"done": "asked"}, proposal_id=proposal.id)


async def show_proposal(request: Request) -> Response:
    """Show a proposal: its answers to who has made it, a form to whoever is asked."""
    return await _page(request)


async def answer(request: Request) -> Response:
    """Keep which times work for the reader."""
    typed, proposal_id = await forms.typed(request), str(request.path_params["proposal_id"])
    works = {
        name.removeprefix(ANSWER_PREFIX): value == "yes"
        for name, value in typed.items()
        if name.startswith(ANSWER_PREFIX) and value in {"yes", "no"}
    }
    if not works:
        return await _page(request, {"works": NO_ANSWER_WORDS})
    try:
        await answers.answer(services_of(request), actor_of(request), proposal_id, works)
    except SlotTaken:  # another booking was made in the same instant; what it took is lost now
        await answers.answer(services_of(request), actor_of(request), proposal_id, works)
    return choosing.go(request, "family.proposal", {"done": "answered"}, proposal_id=proposal_id)


async def withdraw(request: Request) -> Response:
    """Take a proposal back."""
    proposal_id = str(request.path_params["proposal_id"])
    proposal = await proposals.withdraw(services_of(request), actor_of(request), proposal_id)
    done = "withdrawn" if proposal.status is Status.WITHDRAWN else ""  # else somebody was quicker
    return choosing.go(request, "family.proposal", {"done": done}, proposal_id=proposal_id)


async def _new_page(
    request: Request, values: Mapping[str, str], refusal: Invalid | SlotTaken | None = None
) -> Response:
    try:
        choice = await _choice(request, values)
    except Invalid as cannot_ask:
        return await choices_page(request, values, cannot_ask, is_asking=True)
    if choice.page is None:
        return pages.show(request, "family/kinds.html", choice=choice, address="family.proposals.new")
    if not choice.others:
        asked = {"kind_id": choice.page.offer.kind.id, "zone": choice.page.zone, "ask": "1"}
        return choosing.go(request, "family.who", asked)
    return pages.show(
        request,
        "family/proposal_new.html",
        status=refusal.status if refusal else 200,
        page=choice.page,
        carried=choosing.carried(choice.others),
        errors=_errors(refusal),
        typed=values,
        hours=services_of(request).settings.proposal_hours,
        **_boxes(choice.page, _ticked(values)),
    )


async def _choice(request: Request, values: Mapping[str, str]) -> SlotChoice:
    return await slots.show_slots(
        services_of(request),
        actor_of(request),
        kind_id=values.get("kind_id", ""),
        zone=choosing.zone_of(request, values.get("zone", "")),
        since=choosing.date_of(values.get("since") or values.get("week", "")),
        members=choosing.members_of(values),
    )


def _boxes(page: SlotPage, ticked: frozenset[datetime]) -> dict[str, object]:
    """Return the times that can be ticked: by day, and those ``elsewhere`` that are ticked in other weeks."""
    starts = {day.day: [slot.interval.starts_at for slot in day.slots] for day in page.days}
    others = sorted(ticked.difference(*starts.values()))
    days = [
        {"heading": spoken_date(day), "ticks": [_tick(one, page.zone, one in ticked) for one in these]}
        for day, these in starts.items()
    ]
    return {"days": days, "elsewhere": [_tick(one, page.zone, True, whole=True) for one in others]}


async def _page(request: Request, errors: Mapping[str, str] | None = None) -> Response:
    proposal_id = str(request.path_params["proposal_id"])
    seen = await proposals.see_proposal(services_of(request), actor_of(request), proposal_id)
    return pages.show(
        request,
        "family/proposal.html",
        status=422 if errors else 200,
        seen=seen,
        open_now=seen.proposal.is_open(services_of(request).now()),
        errors=errors or {},
        said=_said(seen),
        zone=choosing.zone_of(request),
        done=DONE_WORDS.get(request.query_params.get("done", ""), ""),
    )


def _said(seen: ProposalSeen) -> dict[str, str]:
    """Return what the reader has answered, by the id of the time."""
    mine = {one.id: one.answers.get(seen.reader_id) for one in seen.proposal.times}
    return {time_id: "yes" if works else "no" for time_id, works in mine.items() if works is not None}


def _times_of(values: Mapping[str, str]) -> tuple[datetime, ...]:
    """Return the ticked times, soonest first.

    Raises:
        Invalid: one of them is no time.
    """
    names = [name.removeprefix(TIME_PREFIX) for name in values if name.startswith(TIME_PREFIX)]
    try:
        return tuple(sorted(parse_iso(name) for name in names))
    except ValueError as wrong:
        raise Invalid({"times": CHOOSE_WORDS}) from wrong


def _ticked(values: Mapping[str, str]) -> frozenset[datetime]:
    """Return the ticked times as far as they can be shown again."""
    try:
        return frozenset(_times_of(values))
    except Invalid:
        return frozenset()


def _tick(starts_at: datetime, zone: str, is_ticked: bool, *, whole: bool = False) -> dict[str, object]:
    label = spoken_start(starts_at, zone)
    words = label if whole else spoken_clock(starts_at, zone)
    return {"value": iso(starts_at), "words": words, "label": label, "is_ticked": is_ticked}


def _errors(refusal: Invalid | SlotTaken | None) -> dict[str, str]:
    if refusal is None:
        return {}
    if isinstance(refusal, SlotTaken):
        return {"times": TAKEN_WORDS}
    return {"times" if name == "starts_at" else name: words for name, words in refusal.errors.items()}
