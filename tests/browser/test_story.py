"""The whole story in real browsers: book, read the mail, join, wait, be let in, see and hear each other."""

import json
import re
import zipfile
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from tests.browser.steps import (
    TEN_BEFORE,
    book,
    come_to_wait,
    export_the_log,
    link_in_mail,
    meet,
    open_the_room,
    sign_in_by_code,
)
from tests.browser.story import Stage, sees_and_hears, staged, until
from tests.conftest import ENGINES
from tests.engines import postgresql_url
from tests.stories.demo_process import hearth

STORY = [  # what each act left in the log, once, in order
    "code.sent",  # to sign in
    "session.booked",
    "link.viewed",
    "link.viewed",
    "code.sent",  # to join
    "proof.succeeded",
    "person.prepared",
    "person.waiting",
    "room.opened",
    "room.entered",
    "person.admitted",
    "room.entered",
    "person.left",
    "room.ended",
    "proof.succeeded",  # of the officer, before the export
]


@pytest.fixture(params=ENGINES)
def stage_on_each_engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    """A small program on Monday morning, on each engine."""
    folder = tmp_path_factory.mktemp("stage")
    if request.param == "sqlite":
        with staged(folder) as stage:
            yield stage
    else:
        with postgresql_url() as url, staged(folder, url) as stage:
            yield stage


def test_a_family_and_their_therapist_book_meet_and_see_and_hear_each_other(
    stage_on_each_engine: Stage, phone: BrowserContext, desk: BrowserContext
) -> None:
    stage, mother, therapist = stage_on_each_engine, phone.new_page(), desk.new_page()
    sign_in_by_code(stage, mother)
    book(stage, mother)
    mother.goto(link_in_mail(stage))
    expect(mother.get_by_role("heading", name="You are early")).to_be_visible()
    expect(mother.get_by_text("Tuesday 3 November at 8:40 am")).to_be_visible()

    phone.clear_cookies()
    stage.clock.move_to(TEN_BEFORE)
    come_to_wait(stage, mother)

    open_the_room(stage, therapist)
    expect(therapist.get_by_text("code by mail")).to_be_visible()
    expect(therapist.get_by_text("12 Elm Street, Oakland")).to_be_visible()
    expect(therapist.get_by_text("Sleep, and the car.")).to_be_visible()
    therapist.get_by_role("button", name="Admit Rosa Rivera").click()
    mother.wait_for_url("**/join/room")

    assert sees_and_hears(mother)
    assert sees_and_hears(therapist)
    expect(mother.get_by_text("Maya Okafor Rivera, family therapist")).to_be_visible()
    expect(therapist.get_by_text("Rosa Rivera, mother")).to_be_visible()

    mother.get_by_role("button", name="Turn camera off").click()
    expect(therapist.get_by_text("camera off", exact=True)).to_be_visible()
    mother.get_by_role("button", name="Turn camera on").click()
    expect(therapist.get_by_text("camera off", exact=True)).to_be_hidden()
    assert sees_and_hears(therapist)

    mother.get_by_role("button", name="Leave", exact=True).click()
    expect(mother.get_by_role("heading", name="You can come back in")).to_be_visible()
    expect(therapist.get_by_text("is outside, may come back")).to_be_visible()
    therapist.get_by_text("End …").click()
    therapist.get_by_role("button", name="End for everyone").click()
    expect(therapist.get_by_role("button", name="Open the room")).to_be_visible()
    mother.reload()
    expect(mother.get_by_role("heading", name="It is over")).to_be_visible()

    bundle = export_the_log(stage, desk.new_page())
    checked = hearth("audit", "verify", str(bundle))
    assert checked.returncode == 0
    assert re.match(r"OK \d+ entries, root [0-9a-f]{64}\n", checked.stdout)
    with zipfile.ZipFile(bundle) as files:
        told = [json.loads(line)["event"] for line in files.read("entries.jsonl").splitlines()]
    assert [event for event in told if event in STORY] == STORY


def test_whoever_was_taken_out_and_is_let_back_is_offered_the_way_in_without_doing_anything(
    stage: Stage, phone: BrowserContext, desk: BrowserContext
) -> None:
    mother, therapist = meet(stage, phone, desk)
    therapist.get_by_role("button", name="Take out Rosa Rivera").click()
    expect(mother.get_by_role("heading", name="You are no longer in the room")).to_be_visible()

    therapist.get_by_role("button", name="Let back Rosa Rivera").click()

    expect(therapist.get_by_text("is outside, may come back")).to_be_visible()
    mother.get_by_role("button", name="Go back in").click()
    expect(mother.get_by_role("heading", name="You are in the waiting room")).to_be_visible()


def test_a_phone_that_sleeps_for_two_minutes_in_the_room_keeps_its_place(
    stage: Stage, phone: BrowserContext, desk: BrowserContext
) -> None:
    mother, therapist = meet(stage, phone, desk)
    assert sees_and_hears(mother)

    mother.route("**/join/pass", lambda route: route.abort())  # no network, as in a pocket
    mother.evaluate("window.sockets.at(-1).close()")
    expect(therapist.get_by_text("trying to come back")).to_be_visible()
    expect(mother.get_by_text("The connection is gone.").first).to_be_visible()
    stage.clock.move(minutes=2)
    mother.unroute("**/join/pass")
    mother.evaluate("window.dispatchEvent(new Event('online'))")

    expect(therapist.get_by_text("trying to come back")).to_be_hidden()
    assert sees_and_hears(mother)
    assert sees_and_hears(therapist)


def test_a_phone_that_sleeps_while_waiting_is_let_in_when_it_wakes(
    stage: Stage, phone: BrowserContext, desk: BrowserContext
) -> None:
    mother, therapist = phone.new_page(), desk.new_page()
    sign_in_by_code(stage, mother)
    book(stage, mother)
    stage.clock.move_to(TEN_BEFORE)
    come_to_wait(stage, mother)
    mother.route("**/join/state", lambda route: route.abort())
    expect(mother.get_by_text("No connection. We try again by ourselves.")).to_be_visible()

    stage.clock.move(minutes=2)
    open_the_room(stage, therapist)
    expect(therapist.get_by_text("phone asleep, keeps the place")).to_be_visible()
    therapist.get_by_role("button", name="Admit Rosa Rivera").click()
    mother.unroute("**/join/state")
    mother.evaluate("window.dispatchEvent(new Event('online'))")

    mother.wait_for_url("**/join/room")
    assert sees_and_hears(mother)


def test_a_therapist_who_reloads_is_back_at_once(
    stage: Stage, phone: BrowserContext, desk: BrowserContext
) -> None:
    mother, therapist = meet(stage, phone, desk)
    assert sees_and_hears(mother)
    therapist.get_by_role("button", name="Lock the door").click()
    expect(therapist.get_by_role("button", name="Unlock the door")).to_be_visible()

    therapist.reload()

    assert sees_and_hears(therapist)
    assert sees_and_hears(mother)


def test_whoever_loses_the_release_is_out_of_the_room_at_once(
    stage: Stage, phone: BrowserContext, desk: BrowserContext
) -> None:
    mother, therapist = meet(stage, phone, desk)
    assert sees_and_hears(therapist)

    stage.revoke_release()

    expect(mother.get_by_role("heading", name="This cannot be joined now")).to_be_visible()
    expect(therapist.get_by_text("no release in force")).to_be_visible()
    assert until(lambda: therapist.evaluate("window.peers.every((one) => one.connectionState === 'closed')"))


def test_without_a_camera_and_a_microphone_people_still_see_and_hear(
    stage: Stage, chromium: Browser, phone: BrowserContext, desk: BrowserContext
) -> None:
    mother, therapist = meet(stage, phone, desk)
    phone.clear_permissions()
    mother.reload()
    expect(mother.get_by_text("does not let us use the camera or the microphone")).to_be_visible()

    assert sees_and_hears(mother)
    expect(therapist.get_by_text("camera off", exact=True)).to_be_visible()
    expect(therapist.get_by_text("sound off", exact=True)).to_be_visible()


def test_a_second_window_takes_the_call_over_and_the_first_does_not_take_it_back_by_itself(
    stage: Stage, phone: BrowserContext, desk: BrowserContext
) -> None:
    first, therapist = meet(stage, phone, desk)
    assert sees_and_hears(first)

    second = phone.new_page()
    second.goto(first.url)
    second.get_by_role("button", name="Come in with camera").click()
    expect(
        first.get_by_text("This call is open in another window. You can go on there.").first
    ).to_be_visible()
    lines = first.evaluate("window.sockets.length")
    first.evaluate("window.dispatchEvent(new Event('online'))")

    assert sees_and_hears(second)
    assert sees_and_hears(therapist)
    assert first.evaluate("window.sockets.length") == lines

    first.get_by_role("button", name="Come back to this window").click()
    expect(second.get_by_role("button", name="Come back to this window")).to_be_visible()
