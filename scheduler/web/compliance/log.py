"""The log itself: a search, and one entry with all it says and its proof."""

import json

from starlette.requests import Request
from starlette.responses import Response

from scheduler.actions import audit
from scheduler.domain.errors import Invalid
from scheduler.web import forms, pages
from scheduler.web.compliance.filter_form import EVENT_CHOICES, OUTCOME_CHOICES, FilterForm, query
from scheduler.web.pages import actor_of, services_of


async def show_log(request: Request) -> Response:
    """Show the entries that were asked for, newest first."""
    typed = dict(request.query_params)
    try:
        form = forms.check(typed, FilterForm)
    except Invalid as invalid:
        return _page(request, typed, found=None, errors=invalid.errors)
    actor = actor_of(request)
    found = await audit.search(services_of(request), actor, form.wanted(actor.zone), before=form.before)
    return _page(request, typed, found=found, errors={})


async def show_entry(request: Request) -> Response:
    """Show one entry: what it says, what was sealed beside it, and the proof that it is in the signed log."""
    seq = request.path_params["seq"]
    explained = await audit.explain(services_of(request), actor_of(request), seq)
    detail = None if explained.detail is None else _readable(explained.detail)
    return pages.show(
        request, "compliance/entry.html", explained=explained, said=explained.said, detail=detail
    )


def _page(
    request: Request, typed: dict[str, str], *, found: audit.Found | None, errors: dict[str, str]
) -> Response:
    more = "" if found is None or found.next_before is None else query(typed, before=found.next_before)
    return pages.show(
        request,
        "compliance/log.html",
        status=422 if errors else 200,
        typed=typed,
        errors=errors,
        found=found,
        more=more,
        exports_query=query(typed),
        is_filtered=bool(query(typed)),
        events=EVENT_CHOICES,
        outcomes=OUTCOME_CHOICES,
    )


def _readable(detail: str) -> str:
    return json.dumps(json.loads(detail), indent=2, ensure_ascii=False)
