"""What programs read: calendars, health, the log."""

from scheduler.web.audiences import Audience
from scheduler.web.machine import calendar, health, log
from scheduler.web.routes.page import Page

PAGES = [
    Page("GET", "/audit/checkpoint", log.show_checkpoint, "checkpoint", Audience.MACHINE),
    Page("GET", "/calendar/{token}.ics", calendar.show_feed, "calendar", Audience.MACHINE),
    Page("GET", "/healthz", health.show_alive, "healthz", Audience.MACHINE),
    Page("GET", "/metrics", health.show_metrics, "metrics", Audience.MACHINE),
    Page("GET", "/readyz", health.show_ready, "readyz", Audience.MACHINE),
]
