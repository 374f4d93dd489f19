"""Pages that only the demo has."""

from scheduler.web.account import step_up
from scheduler.web.audiences import Audience
from scheduler.web.demo import demo
from scheduler.web.routes.page import Page

PAGES = [
    Page("GET", "/demo", demo.show_people, "demo", Audience.VISITOR),
    Page("GET", "/demo/mail", demo.show_inbox, "demo.mail", Audience.VISITOR),
    Page("GET", "/demo/mail/{key}", demo.show_letter, "demo.letter", Audience.VISITOR),
    Page("GET", "/demo/sign-in/{token}", demo.sign_in, "demo.sign_in", Audience.VISITOR),
    Page("POST", "/step-up/demo", step_up.step_up_in_demo, "step_up.demo", Audience.SIGNED_IN),
]
