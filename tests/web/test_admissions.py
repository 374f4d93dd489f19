"""The waiting room, from the clinician's side: who waits, who may come in, who hosts."""

from datetime import timedelta

import pytest
from starlette.applications import Starlette

from scheduler.actions.rooms import end_overdue_rooms
from scheduler.domain.booking import Duty, Place
from scheduler.domain.people import FamilyMember, Person, Proof, Role
from scheduler.domain.rooms import MOST_ADMITTED, PresenceStatus
from scheduler.services import Services
from scheduler.storage import bookings, consent, join_links, people, rooms
from scheduler.storage.database import Transaction
from tests.builders import add_person, add_release
from tests.conftest import Clock, new_browser
from tests.joining import JSON, WaitingScene, add_meeting, clinician_browser, entries, heading, sign_in


async def test_the_clinician_sees_who_waits_how_proved_where_and_what_about(scene: WaitingScene) -> None:
    for path in ("/clinician", scene.meeting.url):
        page = (await scene.therapist.get(path)).text
        assert "Rosa Rivera" in page
        assert "(mother)" in page
        assert "waiting since" in page
        assert "code by mail" in page
        assert "12 Elm Street, Oakland" in page
        assert "510 555 0142" in page
        assert "They would like to talk about: <bdi>sleep</bdi>" in page


async def test_a_missing_consent_to_video_is_told_before_the_first_session(
    services: Services, scene: WaitingScene
) -> None:
    words = "No consent to video on record"
    client, now = scene.meeting.family.client.id, services.now()
    assert words in (await scene.therapist.get(scene.meeting.url)).text

    await services.database.write(
        lambda tx: consent.record_telehealth(tx, client, consented_at=now, recorded_by=None)
    )

    assert words not in (await scene.therapist.get(scene.meeting.url)).text


async def test_showing_the_list_is_an_entry_about_the_client(services: Services, scene: WaitingScene) -> None:
    before = len(await entries(services, "session.read"))

    await scene.therapist.get(scene.meeting.url)
    await scene.therapist.get("/clinician")

    read = (await entries(services, "session.read"))[before:]
    assert [(row.actor_id, row.client_id) for row in read] == [
        (scene.meeting.family.clinician.id, scene.meeting.family.client.id)
    ] * 2


async def test_following_the_list_is_no_reading(services: Services, scene: WaitingScene) -> None:
    before = len(await entries(services))

    first = (await scene.therapist.get(f"{scene.meeting.url}/version", headers=JSON)).json()
    await scene.press("open")
    second = (await scene.therapist.get(f"{scene.meeting.url}/version", headers=JSON)).json()

    assert set(first) == {"version"}
    assert first != second
    assert [row.event for row in (await entries(services))[before:]] == ["room.opened"]


async def test_nobody_is_let_in_before_the_host_has_opened(services: Services, scene: WaitingScene) -> None:
    refused = await scene.press("admit")

    assert refused.status_code == 409
    assert (await scene.state())["state"] == "waiting"
    assert (await scene.mother.post("/join/pass", headers=JSON)).status_code == 409
    assert await entries(services, "person.admitted") == []


async def test_opened_and_admitted_the_waiting_page_leads_to_the_room(
    services: Services, scene: WaitingScene
) -> None:
    assert (await scene.press("open")).headers["location"] == f"/room/{scene.meeting.session.id}"
    assert (await scene.therapist.get(f"/room/{scene.meeting.session.id}")).status_code == 200

    assert (await scene.press("admit", page="room")).headers[
        "location"
    ] == f"/room/{scene.meeting.session.id}"

    assert await scene.state() | {"version": ""} == {"state": "admitted", "version": "", "go": "/join/room"}
    assert (await scene.mother.get("/join/wait")).headers["location"] == "/join/room"
    room = await scene.mother.get("/join/room")
    assert room.status_code == 200
    assert scene.meeting.session.id not in room.text
    assert "camera=(self)" in room.headers["permissions-policy"]
    assert len((await scene.mother.post("/join/pass", headers=JSON)).json()["pass"]) < 600
    assert [row.event for row in await entries(services, "room.opened", "person.admitted")] == [
        "room.opened",
        "person.admitted",
    ]


async def test_admitting_twice_is_one_entry(services: Services, scene: WaitingScene) -> None:
    await scene.press("open")
    await scene.press("admit")
    await scene.press("admit")
    await scene.press("open")

    assert len(await entries(services, "room.opened", "person.admitted")) == 2


async def test_ending_ends_it_for_everybody_and_the_host_may_open_again(
    services: Services, scene: WaitingScene
) -> None:
    await scene.press("open")
    await scene.press("admit")
    assert (await scene.press("end")).headers["location"] == scene.meeting.url

    page = await scene.mother.get("/join/wait")
    assert (page.status_code, heading(page)) == (410, "It is over")
    assert (await scene.mother.post("/join/pass", headers=JSON)).status_code == 409
    assert (await scene.press("end")).status_code == 409
    assert (
        await scene.therapist.post(f"/room/{scene.meeting.session.id}/pass", headers=JSON)
    ).status_code == 409
    back = await scene.therapist.get(f"/room/{scene.meeting.session.id}")
    assert back.headers["location"] == scene.meeting.url
    events = ("person.left", "room.ended")
    assert [row.event for row in await entries(services, *events)] == ["person.left", "room.ended"]

    await scene.press("open")
    assert (await scene.mother.post("/join/wait")).status_code == 303
    assert (await scene.press("admit")).status_code == 303


async def test_the_host_may_come_back_at_any_time_while_the_room_is_open(
    services: Services, app: Starlette, scene: WaitingScene, clock: Clock
) -> None:
    await scene.press("open")
    await scene.press("lock")
    path = f"/room/{scene.meeting.session.id}"
    assert (await scene.therapist.post(f"{path}/leave")).status_code == 303

    clock.move(minutes=9)
    async with await clinician_browser(services, app, scene.meeting) as elsewhere:
        assert (await elsewhere.get(path)).status_code == 200
        assert (await elsewhere.post(f"{path}/pass", headers=JSON)).status_code == 200


async def test_another_clinician_sees_nothing_of_it(
    services: Services, app: Starlette, scene: WaitingScene
) -> None:
    other = await add_person(services, "Sam Stone", Role.CLINICIAN, duty="case manager")
    async with new_browser(app) as browser:
        await sign_in(services, browser, other, Proof.PASSKEY)
        url, mother = scene.meeting.url, {"person_id": scene.meeting.family.mother.id}
        statuses = [
            (await browser.get(path)).status_code for path in (url, f"{url}/roster", f"{url}/version")
        ]
        presses = (
            "open",
            "admit",
            "turn-away",
            "remove",
            "let-back",
            "lock",
            "unlock",
            "end",
            "send-link",
            "stop-link",
        )
        statuses += [(await browser.post(f"{url}/{what}", data=mother)).status_code for what in presses]
        statuses.append((await browser.get(f"/room/{scene.meeting.session.id}")).status_code)
        statuses.append((await browser.post(f"/room/{scene.meeting.session.id}/pass")).status_code)
        home = (await browser.get("/clinician")).text

    assert set(statuses) == {404}
    assert "Rivera" not in home


async def test_one_of_the_care_team_sees_it_and_does_not_host(
    services: Services, app: Starlette, scene: WaitingScene
) -> None:
    colleague = await add_person(services, "Ada Poe", Role.CLINICIAN, duty="psychiatrist")
    client_id = scene.meeting.family.client.id
    await services.database.write(
        lambda tx: people.add_to_care_team(tx, client_id=client_id, person_id=colleague.id)
    )
    async with new_browser(app) as browser:
        await sign_in(services, browser, colleague, Proof.PASSKEY)
        page = await browser.get(scene.meeting.url)
        refused = await browser.post(f"{scene.meeting.url}/open")

    assert "12 Elm Street" in page.text
    assert "Open the room" not in page.text
    assert refused.status_code == 403
    assert [row.outcome for row in await entries(services, "room.opened")] == ["denied"]


async def test_a_supervisor_of_the_client_may_host(
    services: Services, app: Starlette, scene: WaitingScene
) -> None:
    supervisor = await add_person(services, "Lee Grey", Role.SUPERVISOR)
    client_id = scene.meeting.family.client.id
    await services.database.write(
        lambda tx: people.add_to_care_team(tx, client_id=client_id, person_id=supervisor.id)
    )
    async with new_browser(app) as browser:
        await sign_in(services, browser, supervisor, Proof.PASSKEY)
        assert "Rosa Rivera" in (await browser.get("/clinician")).text
        assert (await browser.post(f"{scene.meeting.url}/open")).status_code == 303
        mother = {"person_id": scene.meeting.family.mother.id}
        assert (await browser.post(f"{scene.meeting.url}/admit", data=mother)).status_code == 303
        assert (await browser.post(f"/room/{scene.meeting.session.id}/pass")).status_code == 200


async def test_the_room_opens_twenty_minutes_before(services: Services, app: Starlette, clock: Clock) -> None:
    meeting = await add_meeting(services, starts_in=timedelta(minutes=30))
    async with await clinician_browser(services, app, meeting) as therapist:
        early = await therapist.post(f"{meeting.url}/open")
        clock.move(minutes=10)
        in_time = await therapist.post(f"{meeting.url}/open")

    assert (early.status_code, heading(early)) == (409, "You are early")
    assert in_time.status_code == 303


async def test_nobody_is_admitted_who_is_not_of_the_session(services: Services, scene: WaitingScene) -> None:
    other = await add_meeting(services, surname="Baker", clinician=scene.meeting.family.clinician)
    await scene.press("open")

    for person_id in (
        other.family.mother.id,
        scene.meeting.family.client.id,
        "nobody",
        scene.meeting.session.id,
    ):
        assert (await scene.press("admit", person_id=person_id)).status_code == 404
    assert (await scene.therapist.post(f"{scene.meeting.url}/admit")).status_code == 422


async def waiting_aunt(services: Services, scene: WaitingScene, number: int) -> Person:
    """Return one more of the family, who waits before the room."""
    client, now = scene.meeting.family.client, services.now()
    aunt = await add_person(services, f"Aunt{number} Rivera", Role.FAMILY_MEMBER)
    await add_release(services, client, aunt)
    jti, where = services.new_secret(), {"session_id": scene.meeting.session.id, "person_id": aunt.id}

    def work(tx: Transaction) -> None:
        people.add_family_member(tx, FamilyMember(aunt.id, client.id, "aunt", "home"))
        bookings.add_places(tx, [Place(scene.meeting.session.id, aunt.id, Duty.MEMBER, client.id)])
        join_links.open_for(tx, **where, jti=jti, now=now)
        rooms.arrive(tx, **where, status=PresenceStatus.WAITING, proof=Proof.EMAIL_CODE, now=now)

    await services.database.write(work)
    return aunt


@pytest.mark.parametrize("co_hosts", [0, 1])
async def test_six_are_the_most_in_a_room(services: Services, scene: WaitingScene, co_hosts: int) -> None:
    await scene.press("open")
    colleague = await add_person(services, "Theo Larsen", Role.CLINICIAN)
    beside = [Place(scene.meeting.session.id, colleague.id, Duty.CO_HOST)][:co_hosts]
    await services.database.write(lambda tx: bookings.add_places(tx, beside))
    for number in range(MOST_ADMITTED - co_hosts):
        aunt = await waiting_aunt(services, scene, number)
        assert (await scene.press("admit", person_id=aunt.id)).status_code == 303, number

    full = await scene.press("admit")
    assert (full.status_code, heading(full)) == (409, "The room is full")
    assert "moved on" not in full.text
    page = (await scene.therapist.get(scene.meeting.url)).text
    assert f"The room is full: {MOST_ADMITTED - co_hosts} family members beside" in page
    assert ">Admit<" not in page


async def test_a_forgotten_room_is_ended_by_the_clock(
    services: Services, scene: WaitingScene, clock: Clock
) -> None:
    await scene.press("open")
    await scene.press("admit")
    assert await end_overdue_rooms(services) == 0

    clock.move(minutes=30 + 60)

    assert await end_overdue_rooms(services) == 1
    assert await end_overdue_rooms(services) == 0
    ended = await entries(services, "person.left", "room.ended")
    assert [(row.event, row.actor_id) for row in ended] == [("person.left", None), ("room.ended", None)]


async def test_a_day_without_sessions_says_so(services: Services, app: Starlette) -> None:
    clinician = await add_person(services, "Sam Stone", Role.CLINICIAN)
    async with new_browser(app) as browser:
        await sign_in(services, browser, clinician, Proof.PASSKEY)
        page = await browser.get("/clinician")

    assert page.status_code == 200
    assert "Nothing more today" in page.text


async def test_the_day_shows_what_comes_later_and_in_the_next_days(
    services: Services, app: Starlette, scene: WaitingScene
) -> None:
    clinician = scene.meeting.family.clinician
    await add_meeting(services, surname="Baker", starts_in=timedelta(hours=3), clinician=clinician)
    await add_meeting(services, surname="Cole", starts_in=timedelta(days=2), clinician=clinician)
    await add_meeting(services, surname="Diaz", starts_in=timedelta(days=2, hours=1), clinician=clinician)

    page = (await scene.therapist.get("/clinician")).text

    assert "12:00 noon</time> Check-in" in page
    assert page.count("Wednesday 4 November") == 1
    assert "1 of 1 here" not in page.split("Later today")[1]
