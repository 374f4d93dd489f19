"""Families as coordinators and supervisors keep them: who belongs to one and how, who is kept apart."""

from starlette.requests import Request
from starlette.responses import Response

from scheduler.actions import families
from scheduler.actions.families import LONGEST_LABEL, FamilySeen, Tie
from scheduler.domain.errors import Invalid
from scheduler.web import forms, pages
from scheduler.web.pages import actor_of, services_of

GUARDIAN_PREFIX, HOUSEHOLD_PREFIX, RELATION_PREFIX = "guardian-", "household-", "relation-"
DONE_WORDS = {
    "apart": "They are kept apart now.",
    "meet": "They may meet again.",
    "members": "It is saved who belongs to the family, and how.",
}


class PairForm(forms.Form):
    """Two people of a family; ``leaves`` is whose places in sessions that they share are given up."""

    person_id: str
    other_id: str
    leaves: str = ""

    @property
    def pair(self) -> tuple[str, str]:
        """Return the ids of both."""
        return self.person_id, self.other_id


async def show_family(request: Request) -> Response:
    """Show a family."""
    return await _family_page(request)


async def set_ties(request: Request) -> Response:
    """Keep how each of the family belongs to it, in which household, and who is a guardian."""
    typed = await forms.typed(request)
    try:
        await families.set_ties(services_of(request), actor_of(request), _client_id(request), _ties(typed))
    except Invalid as invalid:
        return await _family_page(request, invalid, typed)
    return _done(request, "members")


def _ties(typed: dict[str, str]) -> dict[str, Tie]:
    """Return what the form says of each person, by id."""
    ids = [name.removeprefix(RELATION_PREFIX) for name in typed if name.startswith(RELATION_PREFIX)]
    return {
        one: Tie(
            typed[RELATION_PREFIX + one],
            typed.get(HOUSEHOLD_PREFIX + one, ""),
            bool(typed.get(GUARDIAN_PREFIX + one)),
        )
        for one in ids
    }


async def show_pair(request: Request) -> Response:
    """Ask whether two people shall be kept apart or, where they are, whether they may meet again."""
    try:
        form = forms.check(dict(request.query_params), PairForm)
        return await _pair_page(request, form)
    except Invalid as invalid:
        return await _family_page(request, invalid, dict(request.query_params))


async def keep_apart(request: Request) -> Response:
    """Keep two people apart."""
    typed = await forms.typed(request)
    try:
        form = forms.check(typed, PairForm)
    except Invalid as invalid:
        return await _family_page(request, invalid, typed)
    try:
        await families.keep_apart(
            services_of(request), actor_of(request), _client_id(request), form.pair, leaves=form.leaves
        )
    except Invalid as invalid:
        if "leaves" not in invalid.errors:
            return await _family_page(request, invalid, typed)
        return await _pair_page(request, form, invalid)
    return _done(request, "apart")


async def let_meet(request: Request) -> Response:
    """Let two people meet again."""
    typed = await forms.typed(request)
    try:
        form = forms.check(typed, PairForm)
        await families.let_meet(services_of(request), actor_of(request), _client_id(request), form.pair)
    except Invalid as invalid:
        return await _family_page(request, invalid, typed)
    return _done(request, "meet")


async def _family_page(
    request: Request, invalid: Invalid | None = None, typed: dict[str, str] | None = None
) -> Response:
    found = await families.see_family(services_of(request), actor_of(request), _client_id(request))
    return pages.show(
        request,
        "coordinator/family.html",
        status=invalid.status if invalid else 200,
        family=found,
        done=DONE_WORDS.get(request.query_params.get("done", ""), ""),
        typed=_filled(found) | (typed or {}),
        ticked=typed if typed and any(name.startswith(RELATION_PREFIX) for name in typed) else _filled(found),
        labels=_labels(found),
        longest=LONGEST_LABEL,
        errors=invalid.errors if invalid else {},
    )


def _filled(family: FamilySeen) -> dict[str, str]:
    """Return the fields of the members as they are kept."""
    fields = {}
    for one in family.members[1:]:
        fields[RELATION_PREFIX + one.person.id] = one.relation
        fields[HOUSEHOLD_PREFIX + one.person.id] = one.household
        fields |= {GUARDIAN_PREFIX + one.person.id: "yes"} if one.is_guardian else {}
    return fields


def _labels(family: FamilySeen) -> dict[str, str]:
    """Return what the fields of the members are called in the list of what is wrong."""
    named = {}
    for one in family.members[1:]:
        named[RELATION_PREFIX + one.person.id] = f"Relation of {one.person.name}"
        named[HOUSEHOLD_PREFIX + one.person.id] = f"Household of {one.person.name}"
    return named


async def _pair_page(request: Request, form: PairForm, invalid: Invalid | None = None) -> Response:
    found = await families.see_pair(services_of(request), actor_of(request), _client_id(request), form.pair)
    return pages.show(
        request,
        "coordinator/pair.html",
        status=invalid.status if invalid else 200,
        found=found,
        leaves=form.leaves,
        errors=invalid.errors if invalid else {},
    )


def _client_id(request: Request) -> str:
    return str(request.path_params["client_id"])


def _done(request: Request, done: str) -> Response:
    response = pages.go(request, "coordinator.family", client_id=_client_id(request))
    response.headers["location"] += f"?done={done}"
    return response
