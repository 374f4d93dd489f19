"""The waiting room, as the family is told about it: always the truth."""

from starlette.applications import Starlette

from scheduler.domain.booking import Status
from scheduler.domain.people import Proof
from scheduler.services import Services
from scheduler.storage import consent, join_links, notices, sessions
from tests.conftest import Clock, new_browser
from tests.joining import JSON, WaitingScene, entries, heading, sign_in


async def test_without_scripts_the_waiting_page_looks_again_every_ten_seconds(scene: WaitingScene) -> None:
    page = (await scene.mother.get("/join/wait")).text

    assert '<noscript><meta http-equiv="refresh" content="10"></noscript>' in page.split("</head>")[0]


async def test_without_scripts_whoever_was_kept_out_or_came_late_sees_it_change_too(
    scene: WaitingScene,
) -> None:
    refreshing = '<noscript><meta http-equiv="refresh" content="10"></noscript>'
    for what in (("turn-away",), ("let-back",), ("open", "end")):
        for press in what:
            await scene.press(press)
        page = (await scene.mother.get("/join/wait")).text
        assert (refreshing in page) is (what != ("let-back",)), what


async def test_of_whoever_has_left_a_room_that_ended_nobody_says_that_they_may_come_back(
    scene: WaitingScene,
) -> None:
    for what in ("open", "admit", "end"):
        await scene.press(what)

    page = (await scene.therapist.get(scene.meeting.url)).text

    assert "has left" in page
    assert "may come back" not in page


async def test_whoever_is_kept_out_and_signs_in_is_told_so_and_offered_no_way_in(
    services: Services, app: Starlette, scene: WaitingScene
) -> None:
    await scene.press("turn-away")
    path = f"/family/sessions/{scene.meeting.session.id}"
    async with new_browser(app) as browser:
        await sign_in(services, browser, scene.meeting.family.mother, Proof.EMAIL_CODE)
        pages = [await browser.get("/family"), await browser.get(path)]
        pressed = await browser.post(f"{path}/join")
        await scene.press("let-back")
        after = await browser.get("/family")

    for page in pages:
        assert "We cannot let you in at the moment." in page.text
        assert "Please call the program" in page.text
        assert "Go to the waiting room" not in page.text
    assert (pressed.status_code, heading(pressed)) == (403, "We cannot let you in at the moment")
    assert "newer one" not in pressed.text
    assert 'href="/family"' in pressed.text
    assert "Go to the waiting room" in after.text


async def test_before_turning_away_the_list_says_what_the_family_will_read(scene: WaitingScene) -> None:
    roster = (await scene.therapist.get(scene.meeting.url)).text
    await scene.press("turn-away")

    told = heading(await scene.mother.get("/join/wait"))
    assert f"“Turn away” tells them: “{told}." in roster


async def test_whoever_is_turned_away_is_told_kindly_and_cannot_come_back_by_themselves(
    services: Services, scene: WaitingScene
) -> None:
    await scene.press("turn-away")

    page = await scene.mother.get("/join/wait")
    assert (page.status_code, heading(page)) == (403, "We cannot let you in just now")
    assert "this page changes by itself" in page.text
    pressed = await scene.mother.post("/join/wait")
    assert (pressed.status_code, heading(pressed)) == (403, "We cannot let you in at the moment")
    assert (await scene.mother.post("/join/leave")).status_code == 409
    await scene.mother.get(scene.meeting.path)
    assert (await scene.mother.get("/join")).status_code == 410
    assert (await scene.mother.post("/join/code")).status_code == 410
    await scene.press("open")
    assert (await scene.press("admit")).status_code == 409
    assert (await scene.mother.post("/join/pass", headers=JSON)).status_code == 409

    before = (await scene.state())["version"]
    await scene.press("let-back")
    assert (await scene.state())["version"] != before
    assert "may come back" in (await scene.therapist.get(scene.meeting.url)).text
    assert heading(await scene.mother.get("/join/wait")) == "You can come back in"
    assert (await scene.mother.post("/join/wait")).status_code == 303
    assert (await scene.state())["state"] == "waiting"
    events = ("person.turned_away", "person.let_back", "person.waiting")
    assert [(row.event, row.outcome) for row in await entries(services, *events)] == [
        ("person.waiting", "success"),
        ("person.turned_away", "success"),
        ("person.waiting", "denied"),
        ("person.let_back", "success"),
        ("person.waiting", "success"),
    ]


async def test_whoever_is_removed_stays_out(services: Services, scene: WaitingScene) -> None:
    await scene.press("open")
    await scene.press("admit")
    await scene.press("remove")

    page = await scene.mother.get("/join/room")
    assert page.headers["location"] == "/join/wait"
    assert (await scene.mother.get("/join/wait")).status_code == 403
    assert (await scene.mother.post("/join/pass", headers=JSON)).status_code == 409
    assert (await scene.press("admit")).status_code == 409
    assert len(await entries(services, "person.removed")) == 1


async def test_a_locked_door_lets_nobody_new_in_and_the_waiting_are_told(scene: WaitingScene) -> None:
    await scene.press("open")
    await scene.press("lock")

    assert (await scene.press("admit")).status_code == 409
    assert (await scene.state())["state"] == "locked"
    await scene.press("unlock")
    assert (await scene.press("admit")).status_code == 303
    await scene.press("lock")
    assert (await scene.state())["state"] == "admitted"
    assert (await scene.mother.post("/join/pass", headers=JSON)).status_code == 200


async def test_leaving_and_coming_back(services: Services, scene: WaitingScene) -> None:
    assert (await scene.mother.post("/join/leave")).headers["location"] == "/join/wait"
    outside = await scene.mother.get("/join/wait")
    assert heading(outside) == "You can come back in"
    assert "Go back in" in outside.text
    assert "is outside, may come back" in (await scene.therapist.get(scene.meeting.url)).text

    await scene.mother.post("/join/wait")

    assert (await scene.state())["state"] == "waiting"
    assert len(await entries(services, "person.waiting")) == 2
    assert len(await entries(services, "person.left")) == 1


async def test_a_phone_that_sleeps_for_two_minutes_keeps_its_place(scene: WaitingScene, clock: Clock) -> None:
    clock.move(minutes=2)

    assert "phone asleep, keeps the place" in (await scene.therapist.get(scene.meeting.url)).text
    assert (await scene.state())["state"] == "waiting"
    assert "phone asleep" not in (await scene.therapist.get(scene.meeting.url)).text
    clock.move(minutes=2)
    await scene.press("open")
    assert (await scene.press("admit")).status_code == 303
    assert (await scene.state())["go"] == "/join/room"


async def test_the_truth_about_a_cancelled_session(services: Services, scene: WaitingScene) -> None:
    before = (await scene.state())["version"]
    await services.database.write(
        lambda tx: sessions.set_status(tx, scene.meeting.session.id, Status.CANCELLED)
    )

    after = await scene.state()
    page = await scene.mother.get("/join/wait")

    assert after["state"] == "cancelled"
    assert after["version"] != before
    assert (page.status_code, heading(page)) == (410, "This was cancelled")
    assert (await scene.press("open")).status_code == 410


async def test_the_truth_about_a_moved_session(services: Services, scene: WaitingScene, clock: Clock) -> None:
    ticks = scene.meeting.session.interval.ticks
    later = scene.meeting.session.interval.of_ticks(ticks.start + 288, ticks.stop + 288)
    await services.database.write(lambda tx: sessions.move(tx, scene.meeting.session.id, later))

    page = await scene.mother.get("/join/wait")
    assert heading(page) == "The time has changed"
    assert "Tuesday 3 November at 9:10 am" in page.text
    assert (await scene.press("open")).status_code == 409
    clock.move(days=1)
    assert (await scene.state())["state"] == "waiting"


async def test_a_release_revoked_while_waiting_keeps_the_person_out(
    services: Services, scene: WaitingScene
) -> None:
    assert scene.meeting.release is not None
    release_id, now = scene.meeting.release.id, services.now()
    await scene.press("open")
    await services.database.write(lambda tx: consent.revoke(tx, release_id, revoked_at=now))

    refused = await scene.press("admit")

    assert (refused.status_code, heading(refused)) == (403, "There is no release in force")
    assert "no release in force" in (await scene.therapist.get(scene.meeting.url)).text
    assert heading(await scene.mother.get("/join/wait")) == "This cannot be joined now"
    denied = await entries(services, "person.admitted")
    assert [(row.outcome, row.session_id) for row in denied] == [("denied", None)]


async def test_a_stopped_link_opens_nothing_until_a_fresh_one_is_sent(
    services: Services, app: Starlette, scene: WaitingScene
) -> None:
    await scene.press("stop-link")
    await scene.press("stop-link")

    assert heading(await scene.mother.get("/join/wait")) == "This cannot be joined now"
    assert "link stopped" in (await scene.therapist.get(scene.meeting.url)).text
    assert len(await entries(services, "link.revoked")) == 1
    await scene.press("send-link")
    mother = {"session_id": scene.meeting.session.id, "person_id": scene.meeting.family.mother.id}
    jti = await services.database.read(lambda tx: join_links.jti_for(tx, **mother))
    assert jti not in (None, scene.meeting.jti)
    async with new_browser(app) as browser:
        await browser.get(scene.meeting.path)
        assert (await browser.get("/join")).status_code == 410


async def test_no_link_is_sent_without_a_release_or_to_strangers(
    services: Services, scene: WaitingScene
) -> None:
    assert scene.meeting.release is not None
    release_id, now = scene.meeting.release.id, services.now()
    await services.database.write(lambda tx: consent.revoke(tx, release_id, revoked_at=now))

    assert (await scene.press("send-link")).status_code == 403
    assert (await scene.press("send-link", person_id=scene.meeting.family.client.id)).status_code == 404
    assert (await scene.press("stop-link", person_id="nobody")).status_code == 404


async def test_the_care_team_sends_a_link_again(services: Services, scene: WaitingScene) -> None:
    sent = await scene.press("send-link")

    assert sent.headers["location"] == scene.meeting.url
    owed = await services.database.read(lambda tx: notices.of_session(tx, scene.meeting.session.id))
    assert [one.person_id for one in owed if one.rule == "fresh_link"] == [scene.meeting.family.mother.id]
    assert [row.outcome for row in await entries(services, "link.sent")] == ["success"]
