"""Pages of clinicians and supervisors: the day, hours, rosters and rooms.

Inquiries, paths and releases are for coordinators too.
"""

from scheduler.web.audiences import Audience
from scheduler.web.clinician import (
    away,
    calendars,
    home,
    hours,
    hours_days,
    hours_limits,
    inquiry,
    paths,
    release_papers,
    releases,
    room,
    session,
)
from scheduler.web.routes.page import Page

_CALENDARS = "/clinician/calendars"
_HOURS = "/clinician/hours"
_INQUIRY = "/inquiries/{session_id}"
_PATH = "/paths/{client_id}"
_CREDIT = f"{_PATH}/{{person_id}}/{{step_id}}"
_RELEASE = "/releases/{release_id}"
_RELEASES = "/families/{client_id}/releases"
_SESSION = "/clinician/sessions/{session_id}"

PAGES = [
    Page("GET", "/clinician", home.show_today, "clinician.home", Audience.CLINICIAN),
    Page("GET", "/clinician/away", away.show_away, "clinician.away", Audience.CLINICIAN),
    Page("POST", "/clinician/away", away.send, "clinician.away.send", Audience.CLINICIAN),
    Page("POST", "/clinician/away/preview", away.preview, "clinician.away.preview", Audience.CLINICIAN),
    Page("GET", _CALENDARS, calendars.show_calendars, "clinician.calendars", Audience.CLINICIAN),
    Page("POST", _CALENDARS, calendars.add, "clinician.calendars.add", Audience.CLINICIAN),
    Page(
        "POST", f"{_CALENDARS}/refresh", calendars.refresh, "clinician.calendars.refresh", Audience.CLINICIAN
    ),
    Page("POST", f"{_CALENDARS}/remove", calendars.remove, "clinician.calendars.remove", Audience.CLINICIAN),
    Page("GET", _HOURS, hours.show_hours, "clinician.hours", Audience.CLINICIAN),
    Page("POST", f"{_HOURS}/extra", hours_days.add_extra, "clinician.hours.extra", Audience.CLINICIAN),
    Page("POST", f"{_HOURS}/kinds", hours_limits.save_kinds, "clinician.hours.kinds", Audience.CLINICIAN),
    Page("POST", f"{_HOURS}/limits", hours_limits.save_limits, "clinician.hours.limits", Audience.CLINICIAN),
    Page("POST", f"{_HOURS}/off", hours_days.add_days_off, "clinician.hours.off", Audience.CLINICIAN),
    Page("POST", f"{_HOURS}/only", hours_days.set_only, "clinician.hours.only", Audience.CLINICIAN),
    Page("POST", f"{_HOURS}/remove", hours_days.remove, "clinician.hours.remove", Audience.CLINICIAN),
    Page("POST", f"{_HOURS}/travel", hours_days.add_travel, "clinician.hours.travel", Audience.CLINICIAN),
    Page("POST", f"{_HOURS}/week", hours.save_week, "clinician.hours.week", Audience.CLINICIAN),
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
    Page("GET", _INQUIRY, inquiry.show_inquiry, "inquiry", Audience.CARE),
    Page("POST", f"{_INQUIRY}/cancel", inquiry.cancel, "inquiry.cancel", Audience.CARE),
    Page("POST", f"{_INQUIRY}/missed", inquiry.mark_missed, "inquiry.missed", Audience.CARE),
    Page("GET", f"{_INQUIRY}/plan", inquiry.show_plan, "inquiry.plan", Audience.CARE),
    Page("POST", f"{_INQUIRY}/plan", inquiry.plan, "inquiry.replan", Audience.CARE),
    Page("POST", f"{_INQUIRY}/reached", inquiry.mark_reached, "inquiry.reached", Audience.CARE),
    Page("GET", _PATH, paths.show_path, "path", Audience.CARE),
    Page("POST", f"{_PATH}/level", paths.change_level, "path.level", Audience.COORDINATOR),
    Page("GET", _CREDIT, paths.show_credit, "path.credit", Audience.CARE),
    Page("POST", f"{_CREDIT}/give", paths.give, "path.give", Audience.CARE),
    Page("POST", f"{_CREDIT}/take", paths.take, "path.take", Audience.CARE),
    Page("GET", _RELEASES, releases.show_releases, "releases", Audience.CARE),
    Page("GET", f"{_RELEASES}/new", releases.show_new, "releases.new", Audience.CARE),
    Page("POST", f"{_RELEASES}/new", releases.prepare, "releases.prepare", Audience.CARE),
    Page("GET", f"{_RELEASES}/paper", release_papers.show_paper, "releases.paper", Audience.CARE),
    Page("POST", f"{_RELEASES}/paper", release_papers.record, "releases.record", Audience.CARE),
    Page("GET", _RELEASE, releases.show_release, "release", Audience.CARE),
    Page("POST", f"{_RELEASE}/approve", releases.approve, "release.approve", Audience.CARE),
    Page("POST", f"{_RELEASE}/end", releases.end, "release.end", Audience.CARE),
    Page("GET", f"{_RELEASE}/revoke", releases.show_revoke, "release.revoke", Audience.CARE),
    Page("POST", f"{_RELEASE}/revoke", releases.revoke, "release.revoke.send", Audience.CARE),
    Page("GET", f"{_RELEASE}/scan", release_papers.show_scan, "release.scan", Audience.CARE),
    Page("POST", f"{_RELEASE}/send-back", releases.send_back, "release.send_back", Audience.CARE),
    Page("GET", "/room/{session_id}", room.show_room, "room", Audience.CLINICIAN),
    Page("POST", "/room/{session_id}/leave", room.leave, "room.leave", Audience.CLINICIAN),
    Page("POST", "/room/{session_id}/pass", room.give_pass, "room.pass", Audience.CLINICIAN),
]
