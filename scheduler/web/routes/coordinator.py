"""Pages of coordinators and supervisors."""

from scheduler.web.audiences import Audience
from scheduler.web.coordinator import desk
from scheduler.web.routes.page import Page

PAGES = [
    Page("GET", "/coordinator", desk.show_desk, "coordinator.desk", Audience.COORDINATOR),
]
