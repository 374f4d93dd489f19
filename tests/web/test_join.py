"""The way in from a mail, as a browser sees it."""

import httpx2

from scheduler.services import Services
from tests.joining import DETAILS, add_meeting, entries, heading, prove


async def test_a_link_leads_to_the_door_and_out_of_the_address_bar(
    services: Services, browser: httpx2.AsyncClient
) -> None:
    meeting = await add_meeting(services)

    followed = await browser.get(meeting.path)

    assert (followed.status_code, followed.headers["location"]) == (303, "/join")
    cookie = followed.headers["set-cookie"]
    assert cookie.startswith("__Host-hearth-join=")
    assert "HttpOnly" in cookie
    assert "Max-Age=900" in cookie
    assert "Secure" in cookie
    assert heading(await browser.get("/join")) == "First, is it you?"


async def test_before_the_proof_no_page_names_anybody(
    services: Services, browser: httpx2.AsyncClient
) -> None:
    meeting = await add_meeting(services)
    await browser.get(meeting.path)

    pages = [await browser.get("/join"), await browser.get("/join/prove")]

    assert [page.status_code for page in pages] == [200, 200]
    for page in pages:
        text = page.text.lower()
        assert not [
            word for word in ("rivera", "rosa", "okafor", "therap", "family", "check-in") if word in text
        ]


async def test_the_whole_way_to_the_waiting_room(services: Services, browser: httpx2.AsyncClient) -> None:
    meeting = await add_meeting(services)

    proved = await prove(services, browser, meeting.path)
    assert (proved.status_code, proved.headers["location"]) == (303, "/join/details")

    details = await browser.get("/join/details")
    assert "42 CFR part 2 prohibits unauthorized use or disclosure of these records." in details.text
    assert "That I take part, and how family sessions go" in details.text

    told = await browser.post("/join/details", data=DETAILS)
    assert (told.status_code, told.headers["location"]) == (303, "/join/camera")
    assert (await browser.get("/join/camera")).status_code == 200

    waits = await browser.post("/join/wait")
    assert (waits.status_code, waits.headers["location"]) == (303, "/join/wait")
    assert heading(await browser.get("/join/wait")) == "You are in the waiting room"
    assert [row.event for row in await entries(services)] == [
        "link.viewed",
        "code.sent",
        "proof.succeeded",
        "session.read",
        "person.prepared",
        "person.waiting",
    ]
