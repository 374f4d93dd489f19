"""Caring for a link: who is not of the care team learns nothing about the release."""

import pytest

from scheduler.actions.link_care import send_link_again
from scheduler.domain.errors import Denied, NotReleased
from scheduler.domain.people import Actor, Proof
from scheduler.services import Services
from tests.joining import add_meeting


@pytest.mark.parametrize(("is_assigned", "refusal"), [(False, Denied), (True, NotReleased)])
async def test_only_the_care_team_is_told_that_a_release_is_missing(
    services: Services, is_assigned: bool, refusal: type[Denied]
) -> None:
    meeting = await add_meeting(services, has_release=False)
    family = meeting.family
    clients = frozenset({family.client.id}) if is_assigned else frozenset[str]()
    host = Actor(family.clinician.id, family.clinician.role, Proof.PASSKEY, clients)

    with pytest.raises(Denied) as refused:
        await send_link_again(services, host, meeting.session.id, family.mother.id)

    assert refused.type is refusal
