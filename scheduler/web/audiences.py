"""For whom a page is: every route names one audience, and is closed to everybody else."""

from enum import StrEnum

from scheduler.domain.errors import Denied, NotSignedIn
from scheduler.domain.people import FAMILY, STAFF, Actor, Role


class Audience(StrEnum):
    """Who may open a page at all; what they may do on it is the permission table's business."""

    VISITOR = "visitor"  # everyone; link holders prove themselves in the action
    MACHINE = "machine"  # other programs, with a token or from loopback
    SIGNED_IN = "signed_in"
    FAMILY = "family"
    STAFF = "staff"
    CARE = "care"  # whoever hosts, coordinates or supervises
    CLIENT = "client"
    CLINICIAN = "clinician"
    COORDINATOR = "coordinator"
    COMPLIANCE = "compliance"
    ADMIN = "admin"


OPEN = frozenset({Audience.VISITOR, Audience.MACHINE})

ROLES: dict[Audience, frozenset[Role]] = {
    Audience.SIGNED_IN: FAMILY | STAFF,
    Audience.FAMILY: FAMILY,
    Audience.STAFF: STAFF,
    Audience.CARE: frozenset({Role.CLINICIAN, Role.COORDINATOR, Role.SUPERVISOR}),
    Audience.CLIENT: frozenset({Role.CLIENT}),
    Audience.CLINICIAN: frozenset({Role.CLINICIAN, Role.SUPERVISOR}),
    Audience.COORDINATOR: frozenset({Role.COORDINATOR, Role.SUPERVISOR}),
    Audience.COMPLIANCE: frozenset({Role.PRIVACY_OFFICER}),
    Audience.ADMIN: frozenset({Role.ADMINISTRATOR}),
}


def admit(actor: Actor, audience: Audience) -> None:
    """Return when the actor belongs to the audience.

    Raises:
        NotSignedIn: nobody is signed in.
        Denied: the role is another.
    """
    if audience in OPEN:
        return
    if actor.person_id is None or actor.role is Role.LINK_HOLDER:  # a remembered device still signs in
        raise NotSignedIn
    if actor.role not in ROLES[audience]:
        raise Denied(f"{actor.role} is not {audience}")
