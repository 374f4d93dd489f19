"""The pages of coverage, alike for clinicians about themselves and for coordinators about others.

Three steps without anything kept in between: when (a form that asks by GET), what becomes of each session (a
list that is sent to the preview), and the preview, whose hidden fields carry the plan to the one act.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Self
from urllib.parse import urlencode

from pydantic import Field, model_validator
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from scheduler.actions import absences, covering
from scheduler.actions.absences import AbsenceSeen, Asked, Row
from scheduler.actions.covering import Cover
from scheduler.domain.absences import Absence
from scheduler.domain.availability import DayOff
from scheduler.domain.coverage import LEAVE, Act, Choice, Planned
from scheduler.domain.coverage_plan import Preset, planned
from scheduler.domain.errors import Invalid, NotNow, SlotTaken
from scheduler.domain.hours_changes import spoken_days_off
from scheduler.domain.times import DAY_MINUTES, Interval, day_of, spoken_near_span, wall_text
from scheduler.domain.zones import spoken_zone
from scheduler.web import forms, pages
from scheduler.web.days import Day, Minutes
from scheduler.web.pages import actor_of, services_of

DONE_WORDS = {
    Act.CANCEL: "Cancelled",
    Act.LEAVE: "Stays",
    Act.MOVE: "Moved",
    Act.REASSIGN: "Reassigned",
}
PRESETS = {
    Preset.REASSIGN: "Somebody else, where one fits",
    Preset.REASSIGN_OR_CANCEL: "Somebody else, where one fits; cancel the rest",
    Preset.MOVE: "Move to the next free time",
    Preset.DAY: "Move to the same time of the other day",
    Preset.CANCEL: "Cancel all",
    Preset.LEAVE: "Leave all",
}
CHOICE = "choice_"  # the field of a session's choice begins so


@dataclass(frozen=True, slots=True)
class Behalf:
    """On whose behalf: the name of their first route, and whether they are about the reader."""

    route: str
    is_own: bool


class AbsenceForm(forms.Form):
    """When somebody is away, or which ``day`` is to move ``to_date``; what is empty is the whole day."""

    clinician_id: str = ""
    first_date: Day | None = None
    last_date: Day | None = None
    starts: Minutes = 0
    ends: Minutes = DAY_MINUTES
    day: Day | None = None
    to_date: Day | None = None
    preset: Preset = Field(default=Preset.REASSIGN)

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.day is not None and self.to_date is None:
            raise ValueError("Please choose the day to which it moves.")
        return self

    @property
    def absence(self) -> Absence:
        """Return the absence."""
        first = self.day or self.first_date
        assert first is not None, "one of the two forms was sent"
        return Absence(first, self.day or self.last_date or first, self.starts, self.ends or DAY_MINUTES)

    @property
    def query(self) -> dict[str, str]:
        """Return the fields that say it again, as an address or hidden fields carry them."""
        said: dict[str, date | str | None] = {"clinician_id": self.clinician_id}
        if self.day is not None:
            said |= {"day": self.day, "to_date": self.to_date}
        else:
            said |= {"first_date": self.first_date, "last_date": self.absence.last_date}
            said |= {"starts": wall_text(self.starts), "ends": wall_text(self.absence.ends)}
        return {name: str(value) for name, value in said.items() if value}


async def show(request: Request, behalf: Behalf) -> Response:
    """Show the forms or, once it is said when, the sessions with a choice for each."""
    asked = dict(request.query_params)
    if not {"first_date", "day"} & asked.keys():
        return await _show_forms(request, behalf)
    try:
        form = _checked(request, behalf, asked)
        preset = Preset.DAY if form.day and "preset" not in asked else form.preset
        seen = await _see(request, form, preset=preset)
    except Invalid as invalid:
        return await _show_forms(request, behalf, _by_form(invalid, asked))
    return _show_list(request, behalf, form, seen)


async def preview(request: Request, behalf: Behalf) -> Response:
    """Show what will happen, or the list again where something chosen cannot be."""
    typed = await forms.typed(request)
    try:
        form = _checked(request, behalf, typed)
        seen = await _see(request, form, plan=_plan(typed))
    except Invalid as invalid:
        return await _show_forms(request, behalf, _by_form(invalid, typed))
    closes_days = bool(typed.get("closes_days"))
    if not seen.is_sound:
        return _show_list(request, behalf, form, seen, status=422, closes_days=closes_days)
    return pages.show(
        request,
        "coverage/preview.html",
        **_context(request, behalf, form, seen, closes_days=closes_days),
        lines=[
            (row, _when(request, seen, row.one.session.interval), _becomes(request, seen, row))
            for row in seen.rows
        ],
        left=sum(row.choice.act is Act.LEAVE for row in seen.rows),
        counted=_counted(seen),
        told=sum(row.told for row in seen.rows),
    )


async def send(request: Request, behalf: Behalf) -> Response:
    """Do what was previewed; where it is no longer of now, nothing, and show the list as it is now."""
    typed = await forms.typed(request)
    try:
        form = _checked(request, behalf, typed)
    except Invalid as invalid:
        return await _show_forms(request, behalf, _by_form(invalid, typed))
    plan, closes_days = _plan(typed), bool(typed.get("closes_days"))
    status = 200
    if not typed.get("again"):
        wanted = Cover(form.clinician_id, form.absence, plan, closes_days)
        try:
            changed = await covering.cover(services_of(request), actor_of(request), wanted)
            return RedirectResponse(
                f"{request.app.url_path_for(behalf.route)}?done={changed}", status_code=303
            )
        except (NotNow, SlotTaken) as outdated:
            status = outdated.status
    seen = await _see(request, form, plan=plan)
    return _show_list(request, behalf, form, seen, status=status, closes_days=closes_days)


def _checked(request: Request, behalf: Behalf, typed: Mapping[str, str]) -> AbsenceForm:
    """Return the form with the reader as whoever is away on their own pages.

    Raises:
        Invalid: something typed cannot be right.
    """
    own = {"clinician_id": actor_of(request).person_id or ""} if behalf.is_own else {}
    form = forms.check(dict(typed) | own, AbsenceForm)
    missing = {} if form.clinician_id else {"clinician_id": "Please choose who is away."}
    if form.first_date is None and form.day is None:
        missing["first_date"] = "Please choose a day."
    if missing:
        raise Invalid(missing, typed=typed)
    return form


async def _see(
    request: Request,
    form: AbsenceForm,
    *,
    preset: Preset = Preset.LEAVE,
    plan: dict[str, Planned] | None = None,
) -> AbsenceSeen:
    asked = Asked(form.clinician_id, form.absence, preset, form.to_date, plan)
    return await absences.see_absence(services_of(request), actor_of(request), asked)


def _plan(typed: Mapping[str, str]) -> dict[str, Planned]:
    """Return the plan that the fields carry; what no page of ours wrote is left out."""
    plan = {}
    for name, text in typed.items():
        if name.startswith(CHOICE):
            try:
                plan[name.removeprefix(CHOICE)] = Planned.parse(text)
            except ValueError:
                continue
    return plan


def _by_form(invalid: Invalid, typed: Mapping[str, str]) -> Invalid:
    """Return the refusal with its words beside the fields of the form that was sent."""
    if "day" not in typed:
        return Invalid(invalid.errors, typed=typed)
    names = {"first_date": "day", "last_date": "day", "form": "to_date"}
    return Invalid({names.get(name, name): words for name, words in invalid.errors.items()}, typed=typed)


async def _show_forms(request: Request, behalf: Behalf, invalid: Invalid | None = None) -> Response:
    own = actor_of(request).person_id or ""
    seen = await absences.see_absence(
        services_of(request), actor_of(request), Asked(own if behalf.is_own else "")
    )
    done = request.query_params.get("done", "")
    return pages.show(
        request,
        "coverage/when.html",
        status=invalid.status if invalid else 200,
        behalf=behalf,
        clinicians=_clinicians(seen),
        typed=invalid.typed if invalid else {"clinician_id": request.query_params.get("clinician_id", "")},
        errors=invalid.errors if invalid else {},
        done=int(done) if done.isascii() and done.isdigit() and len(done) < 4 else None,
    )


def _clinicians(seen: AbsenceSeen) -> list[tuple[str, str]]:
    return [(one.id, ", ".join(filter(None, (one.name, one.duty)))) for one in seen.clinicians]


def _show_list(
    request: Request,
    behalf: Behalf,
    form: AbsenceForm,
    seen: AbsenceSeen,
    *,
    status: int = 200,
    closes_days: bool = True,
) -> Response:
    path = request.app.url_path_for(behalf.route)
    return pages.show(
        request,
        "coverage/list.html",
        status=status,
        **_context(request, behalf, form, seen, closes_days=closes_days),
        errors={CHOICE + row.one.session.id: row.fault for row in seen.rows if row.fault},
        labels={
            CHOICE + row.one.session.id: _when(request, seen, row.one.session.interval) for row in seen.rows
        },
        options={row.one.session.id: _options(request, seen, row) for row in seen.rows},
        presets=[
            (words, f"{path}?{urlencode(form.query | {'preset': preset.value})}")
            for preset, words in PRESETS.items()
            if preset is not Preset.DAY or form.to_date
        ],
        is_outdated=status == NotNow.status or bool(seen.vanished),
    )


def _context(
    request: Request, behalf: Behalf, form: AbsenceForm, seen: AbsenceSeen, *, closes_days: bool
) -> dict[str, Any]:
    assert seen.situation is not None
    away, zone = seen.situation.away, seen.situation.zone
    choices = {row.one.session.id: row.choice for row in seen.rows}
    return {
        "behalf": behalf,
        "seen": seen,
        "zone": zone,
        "span": _span(form, seen.situation.gone, zone, services_of(request).now()),
        "name": seen.names[away.id],
        "query": form.query,
        "closes_days": closes_days,
        "can_close_days": bool(form.absence.days_to_close(away.hours.days_off)),
        "values": {session_id: str(one) for session_id, one in planned(seen.situation, choices).items()},
    }


def _options(request: Request, seen: AbsenceSeen, row: Row) -> list[tuple[str, str]]:
    """Return what can be chosen for a session: the field's value and its words."""
    stand_ins = [Choice(Act.REASSIGN, one.id) for one in row.stand_ins]
    beyond = [Choice(Act.REASSIGN, one.id, is_beyond=True) for one in row.beyond]
    choices: Sequence[Choice] = [LEAVE, *stand_ins, *row.times, *beyond, Choice(Act.CANCEL)]
    seen_at = row.one.session.starts_at
    return [(str(Planned(seen_at, choice)), _words(request, seen, row, choice)) for choice in choices]


def _words(request: Request, seen: AbsenceSeen, row: Row, choice: Choice) -> str:
    """Return a choice in words: "Move to Wednesday 4 November, 9:00 to 9:20 am, with Kim Lee"."""
    if choice.act is Act.LEAVE:
        return "Leave it as it is"
    if choice.act is Act.CANCEL:
        return "Cancel it"
    name = seen.names.get(choice.clinician_id, "")
    assert seen.situation is not None
    if choice.act is Act.REASSIGN:
        other = seen.situation.colleague(choice.clinician_id)
        duty = other.duty if other and other.duty != seen.situation.away.duty else ""
        beyond = "one more than they asked for" if choice.is_beyond else ""
        return ", ".join(filter(None, (f"Reassign it to {name}", duty, beyond)))
    assert choice.starts_at is not None
    when = _when(request, seen, Interval.lasting(choice.starts_at, minutes=row.one.session.interval.minutes))
    with_whom = "" if choice.clinician_id == seen.situation.away.id else f", with {name}"
    return f"Move it to {when}{with_whom}"


def _counted(seen: AbsenceSeen) -> list[tuple[str, int]]:
    """Return how many sessions are reassigned, moved and cancelled, those that there are."""
    found = Counter(row.choice.act for row in seen.rows)
    return [(DONE_WORDS[act], found[act]) for act in (Act.REASSIGN, Act.MOVE, Act.CANCEL) if found[act]]


def _becomes(request: Request, seen: AbsenceSeen, row: Row) -> str:
    """Return what will happen to a session: "Moved to Wednesday 4 November, 9:00 to 9:20 am"."""
    says = _words(request, seen, row, row.choice)
    return DONE_WORDS[row.choice.act] + says.partition(" it")[2]


def _span(form: AbsenceForm, gone: Interval, zone: str, now: datetime) -> str:
    """Return when somebody is away: whole days by their names, a part of a day by the clock."""
    absence, today = form.absence, day_of(now, zone)
    if absence.starts or absence.ends != DAY_MINUTES:
        return spoken_near_span(gone, zone, now=now)
    return spoken_days_off(DayOff(absence.first_date, absence.last_date), today=today)


def _when(request: Request, seen: AbsenceSeen, interval: Interval) -> str:
    """Return a time where whoever is away is then, with the zone unless it is that of the page."""
    assert seen.situation is not None
    zone = seen.situation.away.hours.zone_at(interval.starts_at)
    words = spoken_near_span(interval, zone, now=services_of(request).now())
    return words if zone == seen.situation.zone else f"{words}, {spoken_zone(zone)}"
