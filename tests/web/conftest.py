"""Scenes of the pages' tests: somebody waits, somebody is in the room."""

from collections.abc import AsyncIterator

import httpx2
import pytest
from starlette.applications import Starlette

from scheduler.services import Services
from tests.conftest import new_browser
from tests.joining import WaitingScene, add_meeting, clinician_browser, wait
from tests.sockets import RoomScene


@pytest.fixture
async def second(app: Starlette) -> AsyncIterator[httpx2.AsyncClient]:
    """Another browser."""
    async with new_browser(app) as client:
        yield client


@pytest.fixture
async def scene(
    services: Services, app: Starlette, browser: httpx2.AsyncClient
) -> AsyncIterator[WaitingScene]:
    """The mother waits; the therapist is signed in."""
    meeting = await add_meeting(services)
    await wait(services, browser, meeting.path)
    async with await clinician_browser(services, app, meeting) as therapist:
        yield WaitingScene(meeting, browser, therapist)


@pytest.fixture
async def room(services: Services, app: Starlette, browser: httpx2.AsyncClient) -> AsyncIterator[RoomScene]:
    """The room is open; the mother was let in."""
    meeting = await add_meeting(services)
    await wait(services, browser, meeting.path)
    async with await clinician_browser(services, app, meeting) as therapist:
        scene = RoomScene(services, app, meeting, browser, therapist)
        await scene.press("open")
        await scene.press("admit")
        async with scene.open_sockets:
            yield scene
