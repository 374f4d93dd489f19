"""Pages of family members and clients."""

from scheduler.web.audiences import Audience
from scheduler.web.family import book, groups, home, members, proposals, releases, sessions
from scheduler.web.machine import calendar
from scheduler.web.routes.page import Page
from scheduler.web.visitor import join

_GROUP = "/family/groups/{session_id}"
_PROPOSAL = "/family/proposals/{proposal_id}"
_RELEASE = "/family/releases/{release_id}"
_SESSION = "/family/sessions/{session_id}"

PAGES = [
    Page("GET", "/family", home.show_home, "family.home", Audience.FAMILY),
    Page("GET", "/family/book", book.show_slots, "family.book", Audience.FAMILY),
    Page("POST", "/family/book", book.book, "family.book.send", Audience.FAMILY),
    Page("POST", "/family/book/hold", book.hold_time, "family.book.hold", Audience.FAMILY),
    Page("GET", "/family/book/who", book.show_choices, "family.who", Audience.FAMILY),
    Page("GET", "/family/book/{hold_id}", book.show_form, "family.hold", Audience.FAMILY),
    Page("POST", "/family/book/{hold_id}/release", book.let_go, "family.hold.release", Audience.FAMILY),
    Page("GET", _GROUP, groups.show_group, "family.group", Audience.FAMILY),
    Page("POST", f"{_GROUP}/leave", groups.leave, "family.group.leave", Audience.FAMILY),
    Page("POST", f"{_GROUP}/take", groups.take, "family.group.take", Audience.FAMILY),
    Page("POST", f"{_GROUP}/wait", groups.wait, "family.group.wait", Audience.FAMILY),
    Page("GET", "/family/program", home.show_program, "family.program", Audience.FAMILY),
    Page(
        "GET",
        "/family/program/certificate.pdf",
        home.show_certificate,
        "family.certificate",
        Audience.FAMILY,
    ),
    Page("GET", "/family/program/steps/{step_id}", home.show_step, "family.step", Audience.FAMILY),
    Page("GET", "/family/proposals/new", proposals.show_new, "family.proposals.new", Audience.FAMILY),
    Page("POST", "/family/proposals", proposals.send, "family.proposals.send", Audience.FAMILY),
    Page("GET", _PROPOSAL, proposals.show_proposal, "family.proposal", Audience.FAMILY),
    Page("POST", _PROPOSAL, proposals.answer, "family.proposal.answer", Audience.FAMILY),
    Page("POST", f"{_PROPOSAL}/withdraw", proposals.withdraw, "family.proposal.withdraw", Audience.FAMILY),
    Page("GET", "/family/releases", releases.show_releases, "family.releases", Audience.CLIENT),
    Page("GET", "/family/releases/new", releases.show_new, "family.releases.new", Audience.CLIENT),
    Page("POST", "/family/releases/new", releases.write, "family.releases.write", Audience.CLIENT),
    Page("GET", _RELEASE, releases.show_release, "family.release", Audience.CLIENT),
    Page("GET", f"{_RELEASE}/revoke", releases.show_revoke, "family.release.revoke", Audience.CLIENT),
    Page("POST", f"{_RELEASE}/revoke", releases.revoke, "family.release.revoke.send", Audience.CLIENT),
    Page("POST", f"{_RELEASE}/sign", releases.sign, "family.release.sign", Audience.CLIENT),
    Page("GET", _SESSION, sessions.show_session, "family.session", Audience.FAMILY),
    Page("GET", f"{_SESSION}/cancel", sessions.show_cancel, "family.cancel", Audience.FAMILY),
    Page("POST", f"{_SESSION}/cancel", sessions.cancel, "family.cancel.send", Audience.FAMILY),
    Page("GET", f"{_SESSION}/members", members.show_members, "family.members", Audience.FAMILY),
    Page("POST", f"{_SESSION}/members", members.change_members, "family.members.send", Audience.FAMILY),
    Page("GET", f"{_SESSION}/move", sessions.show_move, "family.move", Audience.FAMILY),
    Page("POST", f"{_SESSION}/move", sessions.move, "family.move.send", Audience.FAMILY),
    Page(
        "GET",
        f"{_SESSION}/appointment.ics",
        calendar.show_session_file,
        "family.session.calendar",
        Audience.FAMILY,
    ),
    Page("POST", f"{_SESSION}/join", join.join_signed_in, "family.join", Audience.FAMILY),
]
