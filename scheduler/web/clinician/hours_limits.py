"""A clinician's limits, and the kinds of session that they offer."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import BeforeValidator
from starlette.requests import Request
from starlette.responses import Response

from scheduler.actions import availability
from scheduler.domain.limits import Limits
from scheduler.web import forms
from scheduler.web.clinician import hours_page
from scheduler.web.pages import actor_of, services_of


def _number(text: object) -> int:
    digits = str(text).strip()
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 6):
        raise ValueError("Please enter a whole number, or leave this empty.")
    return int(digits)


Number = Annotated[int, BeforeValidator(_number)]


class LimitsForm(forms.Form):
    """Limits; an empty field asks for nothing. The least notice is typed in hours."""

    pause_before: Number | None = None
    pause_after: Number | None = None
    least_notice: Number | None = None
    horizon_days: Number | None = None
    most_a_day: Number | None = None
    most_a_week: Number | None = None


async def save_limits(request: Request) -> Response:
    """Replace the limits."""

    async def change(typed: Mapping[str, str], _: set[str]) -> None:
        form = forms.check(dict(typed), LimitsForm)
        asked = form.model_dump()
        if form.least_notice is not None:
            asked["least_notice"] = form.least_notice * 60
        await availability.set_limits(services_of(request), actor_of(request), Limits(**asked))

    return await hours_page.change(request, "limits", change)


async def save_kinds(request: Request) -> Response:
    """Offer the kinds that are ticked, in fields like ``offers_check-in``, and no others."""

    async def change(typed: Mapping[str, str], despite: set[str]) -> None:
        ticked = {name.removeprefix("offers_") for name in typed if name.startswith("offers_")}
        await availability.offer_kinds(services_of(request), actor_of(request), ticked, despite=despite)

    return await hours_page.change(request, "kinds", change)
