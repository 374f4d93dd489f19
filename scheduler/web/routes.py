"""Every URL with its handler, name and audience, in one list.

A page is closed to everybody but its audience; ``tests/conventions`` walk this list as nobody and as each
wrong role. Add a page at its alphabetical place within its block.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocket

from scheduler.actions.access import log_denied_access
from scheduler.domain.errors import Denied, Refusal
from scheduler.settings import Settings
from scheduler.web import audiences, signalling
from scheduler.web.account import account, appointments, feed, step_up
from scheduler.web.admin import people
from scheduler.web.audiences import Audience
from scheduler.web.clinician import home as clinician_home
from scheduler.web.clinician import hours, room, session
from scheduler.web.compliance import exports, log, overview
from scheduler.web.coordinator import desk
from scheduler.web.demo import demo
from scheduler.web.family import book
from scheduler.web.family import home as family_home
from scheduler.web.family import sessions as family_sessions
from scheduler.web.machine import calendar, health
from scheduler.web.machine import log as machine_log
from scheduler.web.pages import STATIC, actor_of, services_of
from scheduler.web.signposts import Signposts
from scheduler.web.visitor import enrol, home, join, join_waiting, patterns, sign_in

Handler = Callable[[Request], Awaitable[Response]]
SocketHandler = Callable[[WebSocket], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Page:
    """One address: ``method`` is GET (HEAD comes with it) or POST."""

    method: str
    path: str
    handler: Handler
    name: str
    audience: Audience


@dataclass(frozen=True, slots=True)
class Socket:
    """One WebSocket address."""

    path: str
    handler: SocketHandler
    name: str
    audience: Audience


VISITOR = [
    Page("GET", "/", home.show_home, "home", Audience.VISITOR),
    Page("GET", "/enrol/{token}", enrol.show_enrol, "enrol", Audience.VISITOR),
    Page("POST", "/enrol/{token}", enrol.answer_enrol, "enrol.answer", Audience.VISITOR),
    Page("POST", "/enrol/{token}/options", enrol.ask_enrol, "enrol.ask", Audience.VISITOR),
    Page("GET", "/j/{token:path}", join.follow_link, "join.follow", Audience.VISITOR),
    Page("GET", "/join", join.show_door, "join", Audience.VISITOR),
    Page("GET", "/join/camera", join_waiting.show_camera, "join.camera", Audience.VISITOR),
    Page("POST", "/join/code", join.send_code, "join.code", Audience.VISITOR),
    Page("GET", "/join/details", join_waiting.show_details, "join.details", Audience.VISITOR),
    Page("POST", "/join/details", join_waiting.tell_details, "join.tell", Audience.VISITOR),
    Page("POST", "/join/fresh", join.send_fresh_link, "join.fresh", Audience.VISITOR),
    Page("GET", "/join/fresh", join.show_fresh_sent, "join.fresh.sent", Audience.VISITOR),
    Page("POST", "/join/leave", join_waiting.leave, "join.leave", Audience.VISITOR),
    Page("POST", "/join/pass", join_waiting.give_pass, "join.pass", Audience.VISITOR),
    Page("GET", "/join/prove", join.show_prove, "join.prove", Audience.VISITOR),
    Page("POST", "/join/prove", join.prove, "join.try", Audience.VISITOR),
    Page("GET", "/join/room", join_waiting.show_room, "join.room", Audience.VISITOR),
    Page("GET", "/join/state", join_waiting.tell_state, "join.state", Audience.VISITOR),
    Page("GET", "/join/wait", join_waiting.show_waiting, "join.wait", Audience.VISITOR),
    Page("POST", "/join/wait", join_waiting.begin_to_wait, "join.begin", Audience.VISITOR),
    Page("GET", "/sign-in", sign_in.show_sign_in, "sign_in", Audience.VISITOR),
    Page("POST", "/sign-in", sign_in.ask_for_code, "sign_in.ask", Audience.VISITOR),
    Page("GET", "/sign-in/code", sign_in.show_code, "sign_in.code", Audience.VISITOR),
    Page("POST", "/sign-in/code", sign_in.enter_code, "sign_in.enter", Audience.VISITOR),
    Page("POST", "/sign-in/passkey", sign_in.answer_passkey, "sign_in.passkey", Audience.VISITOR),
    Page("POST", "/sign-in/passkey/options", sign_in.ask_passkey, "sign_in.options", Audience.VISITOR),
    Page("POST", "/sign-out", sign_in.sign_out, "sign_out", Audience.VISITOR),
]

ACCOUNT = [
    Page("GET", "/account", account.show_account, "account", Audience.SIGNED_IN),
    Page("GET", "/account/calendar", feed.show_feed, "account.calendar", Audience.SIGNED_IN),
    Page("POST", "/account/calendar", feed.make_feed, "account.calendar.make", Audience.SIGNED_IN),
    Page("POST", "/account/calendar/revoke", feed.revoke_feed, "account.calendar.revoke", Audience.SIGNED_IN),
    Page("POST", "/account/passkeys", account.add_passkey, "account.passkey", Audience.STAFF),
    Page("POST", "/account/passkeys/options", account.ask_to_add, "account.options", Audience.STAFF),
    Page(
        "POST",
        "/account/passkeys/{credential_id}/remove",
        account.remove_passkey,
        "account.remove",
        Audience.STAFF,
    ),
    Page(
        "POST",
        "/account/sign-ins/end-others",
        account.end_other_sign_ins,
        "account.end_others",
        Audience.SIGNED_IN,
    ),
    Page(
        "POST", "/account/sign-ins/{sign_in_id}/end", account.end_sign_in, "account.end", Audience.SIGNED_IN
    ),
    Page("GET", "/appointments/{session_id}", appointments.find_session, "appointment", Audience.SIGNED_IN),
    Page("GET", "/step-up", step_up.show_step_up, "step_up", Audience.STAFF),
    Page("POST", "/step-up", step_up.answer_step_up, "step_up.answer", Audience.STAFF),
    Page("POST", "/step-up/options", step_up.ask_step_up, "step_up.options", Audience.STAFF),
]

ADMIN = [
    Page("GET", "/admin", people.show_admin, "admin", Audience.ADMIN),
    Page("GET", "/admin/people/new", people.show_new, "admin.new", Audience.ADMIN),
    Page("POST", "/admin/people/new", people.add, "admin.add", Audience.ADMIN),
    Page("GET", "/admin/people/{person_id}/end", people.show_end, "admin.show_end", Audience.ADMIN),
    Page("POST", "/admin/people/{person_id}/end", people.end, "admin.end", Audience.ADMIN),
    Page("POST", "/admin/people/{person_id}/enrolment", people.renew, "admin.enrolment", Audience.ADMIN),
]

_EXPORT = "/compliance/exports/{export_id}"
_SESSION = "/clinician/sessions/{session_id}"

CLINICIAN = [
    Page("GET", "/clinician", clinician_home.show_today, "clinician.home", Audience.CLINICIAN),
    Page("GET", "/clinician/hours", hours.show_hours, "clinician.hours", Audience.CLINICIAN),
    Page("POST", "/clinician/hours/extra", hours.add_extra, "clinician.hours.extra", Audience.CLINICIAN),
    Page("POST", "/clinician/hours/off", hours.add_days_off, "clinician.hours.off", Audience.CLINICIAN),
    Page("POST", "/clinician/hours/remove", hours.remove, "clinician.hours.remove", Audience.CLINICIAN),
    Page("POST", "/clinician/hours/week", hours.save_week, "clinician.hours.week", Audience.CLINICIAN),
    Page("GET", _SESSION, session.show_session, "clinician.session", Audience.CLINICIAN),
    Page("POST", f"{_SESSION}/admit", session.admit, "clinician.admit", Audience.CLINICIAN),
    Page("POST", f"{_SESSION}/end", session.end_room, "clinician.end", Audience.CLINICIAN),
    Page("POST", f"{_SESSION}/let-back", session.let_back, "clinician.let_back", Audience.CLINICIAN),
    Page("POST", f"{_SESSION}/lock", session.lock_room, "clinician.lock", Audience.CLINICIAN),
    Page("POST", f"{_SESSION}/open", session.open_room, "clinician.open", Audience.CLINICIAN),
    Page("POST", f"{_SESSION}/remove", session.remove, "clinician.remove", Audience.CLINICIAN),
    Page("GET", f"{_SESSION}/roster", session.show_roster, "clinician.roster", Audience.CLINICIAN),
    Page("POST", f"{_SESSION}/send-link", session.send_link, "clinician.send_link", Audience.CLINICIAN),
    Page("POST", f"{_SESSION}/stop-link", session.stop_link, "clinician.stop_link", Audience.CLINICIAN),
    Page("POST", f"{_SESSION}/turn-away", session.turn_away, "clinician.turn_away", Audience.CLINICIAN),
    Page("POST", f"{_SESSION}/unlock", session.unlock_room, "clinician.unlock", Audience.CLINICIAN),
    Page("GET", f"{_SESSION}/version", session.tell_version, "clinician.version", Audience.CLINICIAN),
    Page("GET", "/room/{session_id}", room.show_room, "room", Audience.CLINICIAN),
    Page("POST", "/room/{session_id}/leave", room.leave, "room.leave", Audience.CLINICIAN),
    Page("POST", "/room/{session_id}/pass", room.give_pass, "room.pass", Audience.CLINICIAN),
]

_FAMILY_SESSION = "/family/sessions/{session_id}"

COMPLIANCE = [
    Page("GET", "/compliance", overview.show_overview, "compliance", Audience.COMPLIANCE),
    Page("GET", "/compliance/audit", log.show_log, "compliance.audit", Audience.COMPLIANCE),
    Page("GET", "/compliance/audit/{seq:int}", log.show_entry, "compliance.entry", Audience.COMPLIANCE),
    Page("POST", "/compliance/check", overview.check, "compliance.check", Audience.COMPLIANCE),
    Page("GET", "/compliance/exports", exports.show_exports, "compliance.exports", Audience.COMPLIANCE),
    Page("POST", "/compliance/exports", exports.ask_for_export, "compliance.ask", Audience.COMPLIANCE),
    Page("GET", _EXPORT, exports.show_export, "compliance.export", Audience.COMPLIANCE),
    Page("GET", f"{_EXPORT}/file", exports.fetch_export, "compliance.file", Audience.COMPLIANCE),
]

FAMILY = [
    Page("GET", "/family", family_home.show_home, "family.home", Audience.FAMILY),
    Page("GET", "/family/book", book.show_slots, "family.book", Audience.FAMILY),
    Page("POST", "/family/book", book.book, "family.book.send", Audience.FAMILY),
    Page("POST", "/family/book/hold", book.hold_time, "family.book.hold", Audience.FAMILY),
    Page("GET", "/family/book/{hold_id}", book.show_form, "family.hold", Audience.FAMILY),
    Page("POST", "/family/book/{hold_id}/release", book.let_go, "family.hold.release", Audience.FAMILY),
    Page("GET", "/family/program", family_home.show_program, "family.program", Audience.FAMILY),
    Page("GET", _FAMILY_SESSION, family_sessions.show_session, "family.session", Audience.FAMILY),
    Page("GET", f"{_FAMILY_SESSION}/cancel", family_sessions.show_cancel, "family.cancel", Audience.FAMILY),
    Page("POST", f"{_FAMILY_SESSION}/cancel", family_sessions.cancel, "family.cancel.send", Audience.FAMILY),
    Page("GET", f"{_FAMILY_SESSION}/move", family_sessions.show_move, "family.move", Audience.FAMILY),
    Page("POST", f"{_FAMILY_SESSION}/move", family_sessions.move, "family.move.send", Audience.FAMILY),
    Page(
        "GET",
        "/family/sessions/{session_id}/appointment.ics",
        calendar.show_session_file,
        "family.session.calendar",
        Audience.FAMILY,
    ),
    Page("POST", "/family/sessions/{session_id}/join", join.join_signed_in, "family.join", Audience.FAMILY),
]

MACHINE = [
    Page("GET", "/audit/checkpoint", machine_log.show_checkpoint, "checkpoint", Audience.MACHINE),
    Page("GET", "/calendar/{token}.ics", calendar.show_feed, "calendar", Audience.MACHINE),
    Page("GET", "/healthz", health.show_alive, "healthz", Audience.MACHINE),
    Page("GET", "/metrics", health.show_metrics, "metrics", Audience.MACHINE),
    Page("GET", "/readyz", health.show_ready, "readyz", Audience.MACHINE),
]

COORDINATOR = [
    Page("GET", "/coordinator", desk.show_desk, "coordinator.desk", Audience.COORDINATOR),
]

PAGES = [*VISITOR, *ACCOUNT, *ADMIN, *CLINICIAN, *COMPLIANCE, *COORDINATOR, *FAMILY, *MACHINE]

SOCKETS: list[Socket] = [
    Socket("/join/signal", signalling.join_line, "join.signal", Audience.VISITOR),
    Socket("/room/{session_id}/signal", signalling.host_line, "room.signal", Audience.CLINICIAN),
]

DEBUG_PAGES: list[Page] = [
    Page("GET", "/patterns", patterns.show_patterns, "patterns", Audience.VISITOR),
    Page("GET", "/patterns/{page}", patterns.show_refusal, "patterns.refusal", Audience.VISITOR),
]

DEMO_PAGES: list[Page] = [
    Page("GET", "/demo", demo.show_people, "demo", Audience.VISITOR),
    Page("GET", "/demo/mail", demo.show_inbox, "demo.mail", Audience.VISITOR),
    Page("GET", "/demo/mail/{key}", demo.show_letter, "demo.letter", Audience.VISITOR),
    Page("GET", "/demo/sign-in/{token}", demo.sign_in, "demo.sign_in", Audience.VISITOR),
    Page("POST", "/step-up/demo", step_up.step_up_in_demo, "step_up.demo", Audience.STAFF),
]


def pages(settings: Settings) -> list[Page]:
    """Return the pages of this installation: the demo's and the debugging ones only where they are on."""
    return PAGES + (DEMO_PAGES if settings.is_demo else []) + (DEBUG_PAGES if settings.debug else [])


def build_routes(settings: Settings) -> list[BaseRoute]:
    """Return the routing table."""
    found: list[Route | WebSocketRoute] = [
        *(
            Route(page.path, _guarded(page), name=page.name, methods=[page.method])
            for page in pages(settings)
        ),
        *(WebSocketRoute(socket.path, socket.handler, name=socket.name) for socket in SOCKETS),
    ]
    return [
        Signposts(found),
        Mount("/static", StaticFiles(directory=STATIC), name="static"),
    ]


def _guarded(page: Page) -> Handler:
    async def guarded(request: Request) -> Response:
        try:
            audiences.admit(actor_of(request), page.audience)
        except Denied as denied:
            await log_denied_access(services_of(request), actor_of(request), denied)
            raise
        return await page.handler(request)

    return guarded


async def refuse_socket(socket: WebSocket, refusal: Refusal) -> None:
    """Close a WebSocket before it is accepted; the browser sees 403 (RFC 6455, section 4.2.2)."""
    await socket.close(code=1008, reason=refusal.page)
