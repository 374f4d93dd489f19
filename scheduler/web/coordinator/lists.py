"""The desk's lists: a page each that can be searched, and the same for a spreadsheet.

What is searched for stands in the address, so that a reader can go back to it; our own log keeps no query.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated
from urllib.parse import urlencode

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from scheduler.actions import lists
from scheduler.actions.lists import Listed
from scheduler.domain.errors import Invalid
from scheduler.domain.lists import HEADINGS, LONGEST_SEARCH, Listing
from scheduler.domain.spreadsheets import csv_bytes, defused
from scheduler.web import forms, pages
from scheduler.web.pages import actor_of, services_of

Handler = Callable[[Request], Awaitable[Response]]

TITLES: Mapping[Listing, str] = {
    Listing.FAMILIES: "Families",
    Listing.COHORTS: "Groups",
    Listing.WAITLISTS: "Waitlists",
    Listing.HOLDS: "Times held",
    Listing.HOSTLESS: "Without a host",
}
FILES: Mapping[Listing, str] = {  # a file lies in a folder that others may see
    Listing.FAMILIES: "list-people",
    Listing.COHORTS: "list-groups",
    Listing.WAITLISTS: "list-waiting",
    Listing.HOLDS: "list-held",
    Listing.HOSTLESS: "list-to-cover",
}


class SearchForm(forms.Form):
    """What is searched for, and which page of it."""

    q: Annotated[
        str,
        Field(
            max_length=LONGEST_SEARCH,
            json_schema_extra={"words": f"Please use {LONGEST_SEARCH} characters or fewer."},
        ),
    ] = ""
    page: Annotated[int, Field(ge=1, le=1_000_000)] = 1


def page_of(listing: Listing) -> Handler:
    """Return the handler that shows a list."""

    async def show_list(request: Request) -> Response:
        typed = dict(request.query_params)
        services, actor = services_of(request), actor_of(request)
        try:
            form, errors = forms.check(typed, SearchForm), {}
        except Invalid as invalid:
            form, errors = SearchForm(), invalid.errors
        found = await lists.show_list(services, actor, listing, words=form.q, page=form.page)
        return _page(request, listing, found, typed, errors, form.q)

    return show_list


def export_of(listing: Listing) -> Handler:
    """Return the handler that hands a list over as a file for spreadsheets."""

    async def export_list(request: Request) -> Response:
        form, actor = forms.check(dict(request.query_params), SearchForm), actor_of(request)
        rows = await lists.export_list(services_of(request), actor, listing, words=form.q)
        cells = ([_harmless(cell) for cell in row.cells(actor.zone)] for row in rows)
        headers = {"Content-Disposition": f'attachment; filename="{FILES[listing]}.csv"'}
        return Response(
            csv_bytes([HEADINGS[listing], *cells]), media_type="text/csv; charset=utf-8", headers=headers
        )

    return export_list


def _harmless(cell: str | int) -> str | int:
    return defused(cell) if isinstance(cell, str) else cell


def _page(
    request: Request,
    listing: Listing,
    found: Listed,
    typed: Mapping[str, str],
    errors: Mapping[str, str],
    words: str,
) -> Response:
    path = request.app.url_path_for(f"coordinator.{listing}")
    return pages.show(
        request,
        "coordinator/list.html",
        status=422 if errors else 200,
        listing=listing,
        titles=TITLES,
        found=found,
        typed=typed,
        errors=errors,
        words=words,
        file=request.app.url_path_for(f"coordinator.{listing}.csv") + _query(q=words),
        earlier=path + _query(q=words, page=found.page - 1) if found.page > 1 else "",
        later=path + _query(q=words, page=found.page + 1) if found.page < found.pages else "",
    )


def _query(**terms: str | int) -> str:
    said = {name: value for name, value in terms.items() if value}
    return f"?{urlencode(said)}" if said else ""
