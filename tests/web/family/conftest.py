"""A family that is signed in, with times to book."""

import httpx2
import pytest

from scheduler.services import Services
from tests.scheduling import World, add_world
from tests.signing_in import sign_in


@pytest.fixture
async def world(services: Services, browser: httpx2.AsyncClient) -> World:
    """A family whose mother is signed in at ``browser``."""
    made = await add_world(services)
    await sign_in(services, browser, made.family.mother)
    return made
