"""Single days of a clinician's hours: days off, one day that is different, extra hours, days elsewhere."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import BeforeValidator
from starlette.requests import Request
from starlette.responses import Response

from scheduler.actions import availability
from scheduler.domain.errors import Invalid
from scheduler.domain.times import DAY_MINUTES
from scheduler.domain.zones import is_zone
from scheduler.web import forms
from scheduler.web.clinician import hours_page
from scheduler.web.clinician.hours import blocks_of
from scheduler.web.days import Day, Minutes
from scheduler.web.pages import actor_of, services_of


def _zone(text: object) -> str:
    if not is_zone(str(text)):
        raise ValueError("Please choose a time zone of the list.")
    return str(text)


Zone = Annotated[str, BeforeValidator(_zone)]


class DaysOffForm(forms.Form):
    """Days off, both ends included; the last may be left out for a single day."""

    first_date: Day
    last_date: Day | None = None


class ExtraHoursForm(forms.Form):
    """A block of one date."""

    date: Day
    starts: Minutes
    ends: Minutes


class OnlyHoursForm(forms.Form):
    """A date; its blocks are in fields like those of the week."""

    only_date: Day


class RemoveForm(forms.Form):
    """Which days off, extra hours or travel are taken away."""

    rule_id: str


class TravelForm(forms.Form):
    """Days in another zone, both ends included; the last may be left out for a single day."""

    there_from: Day
    there_until: Day | None = None
    there_zone: Zone


async def add_days_off(request: Request) -> Response:
    """Add days off."""

    async def change(typed: Mapping[str, str], despite: set[str]) -> None:
        form = forms.check(dict(typed), DaysOffForm)
        await availability.add_days_off(
            services_of(request),
            actor_of(request),
            first_date=form.first_date,
            last_date=form.last_date or form.first_date,
            despite=despite,
        )

    return await hours_page.change(request, "off", change)


async def add_extra(request: Request) -> Response:
    """Add extra hours."""

    async def change(typed: Mapping[str, str], _: set[str]) -> None:
        form = forms.check(dict(typed), ExtraHoursForm)
        await availability.add_extra_hours(
            services_of(request),
            actor_of(request),
            day=form.date,
            starts=form.starts,
            ends=form.ends or DAY_MINUTES,
        )

    return await hours_page.change(request, "extra", change)


async def set_only(request: Request) -> Response:
    """Give one date hours of its own, in place of all others."""

    async def change(typed: Mapping[str, str], despite: set[str]) -> None:
        errors: dict[str, str] = {}
        blocks = blocks_of(typed, "only", errors)
        if not blocks and not errors:
            errors["only_starts_1"] = "Please say from when. For a day without any hours, add a day off."
        try:
            form = forms.check(dict(typed), OnlyHoursForm)
        except Invalid as invalid:
            raise Invalid(invalid.errors | errors) from invalid
        if errors:
            raise Invalid(errors)
        await availability.set_only_hours(
            services_of(request), actor_of(request), day=form.only_date, blocks=blocks, despite=despite
        )

    return await hours_page.change(request, "only", change)


async def add_travel(request: Request) -> Response:
    """Add days in another zone."""

    async def change(typed: Mapping[str, str], despite: set[str]) -> None:
        form = forms.check(dict(typed), TravelForm)
        await availability.add_travel(
            services_of(request),
            actor_of(request),
            first_date=form.there_from,
            last_date=form.there_until or form.there_from,
            zone=form.there_zone,
            despite=despite,
        )

    return await hours_page.change(request, "travel", change)


async def remove(request: Request) -> Response:
    """Take days off, extra hours or travel away."""

    async def change(typed: Mapping[str, str], despite: set[str]) -> None:
        form = forms.check(dict(typed), RemoveForm)
        await availability.remove_hours(
            services_of(request), actor_of(request), form.rule_id, despite=despite
        )

    return await hours_page.change(request, "removed", change)
