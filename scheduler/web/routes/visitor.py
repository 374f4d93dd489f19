"""Everybody's pages: the first page, a first conversation, joining, signing in."""

from scheduler.web.audiences import Audience
from scheduler.web.routes.page import Page
from scheduler.web.visitor import enrol, first_conversation, home, join, join_waiting, sign_in

PAGES = [
    Page("GET", "/", home.show_home, "home", Audience.VISITOR),
    Page("GET", "/c/{token}", first_conversation.show_own, "inquiry.own", Audience.VISITOR),
    Page("POST", "/c/{token}/cancel", first_conversation.withdraw, "inquiry.withdraw", Audience.VISITOR),
    Page("GET", "/enrol/{token}", enrol.show_enrol, "enrol", Audience.VISITOR),
    Page("POST", "/enrol/{token}", enrol.answer_enrol, "enrol.answer", Audience.VISITOR),
    Page("POST", "/enrol/{token}/options", enrol.ask_enrol, "enrol.ask", Audience.VISITOR),
    Page("GET", "/first-conversation", first_conversation.show_times, "inquiry.times", Audience.VISITOR),
    Page("POST", "/first-conversation", first_conversation.ask, "inquiry.ask", Audience.VISITOR),
    Page("GET", "/first-conversation/about", first_conversation.show_form, "inquiry.form", Audience.VISITOR),
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
