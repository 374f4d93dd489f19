"""Pages of everybody who is signed in: the account, calendar addresses, a fresh second proof."""

from scheduler.web.account import account, appointments, feed, step_up, step_up_code
from scheduler.web.audiences import Audience
from scheduler.web.routes.page import Page

PAGES = [
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
    Page("GET", "/places/{session_id}", appointments.find_place, "place", Audience.SIGNED_IN),
    Page("GET", "/step-up", step_up.show_step_up, "step_up", Audience.SIGNED_IN),
    Page("POST", "/step-up", step_up.answer_step_up, "step_up.answer", Audience.STAFF),
    Page("GET", "/step-up/code", step_up_code.show_code, "step_up.code", Audience.FAMILY),
    Page("POST", "/step-up/code", step_up_code.ask_for_code, "step_up.code.ask", Audience.FAMILY),
    Page("POST", "/step-up/code/enter", step_up_code.enter_code, "step_up.code.enter", Audience.FAMILY),
    Page("POST", "/step-up/options", step_up.ask_step_up, "step_up.options", Audience.STAFF),
]
