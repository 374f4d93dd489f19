"""The administrator's pages."""

from scheduler.web.admin import people
from scheduler.web.audiences import Audience
from scheduler.web.routes.page import Page

PAGES = [
    Page("GET", "/admin", people.show_admin, "admin", Audience.ADMIN),
    Page("GET", "/admin/people/new", people.show_new, "admin.new", Audience.ADMIN),
    Page("POST", "/admin/people/new", people.add, "admin.add", Audience.ADMIN),
    Page("GET", "/admin/people/{person_id}/end", people.show_end, "admin.show_end", Audience.ADMIN),
    Page("POST", "/admin/people/{person_id}/end", people.end, "admin.end", Audience.ADMIN),
    Page("POST", "/admin/people/{person_id}/enrolment", people.renew, "admin.enrolment", Audience.ADMIN),
]
