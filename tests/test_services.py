"""The real services of a command: whatever happens, no thread is left to hold up the end of the process."""

import threading

import pytest

from scheduler.app import create_app
from scheduler.domain.errors import SlotTaken
from scheduler.services import Services, opened
from scheduler.settings import Settings
from scheduler.storage import people

LONGEST_WAIT = 5  # seconds; a thread that was told to end needs a moment


async def failing(settings: Settings) -> None:
    """Do what a command does that reads something and is refused."""
    async with opened(settings) as real:
        await real.database.read(people.everyone)
        raise SlotTaken


async def broken_off(services: Services) -> None:
    """Serve, and be ended by Ctrl+C."""
    app = create_app(services)
    async with app.router.lifespan_context(app):
        await services.database.read(people.everyone)
        raise KeyboardInterrupt


def left_since(before: set[threading.Thread]) -> list[threading.Thread]:
    """Return the threads that were begun since and do not end."""
    begun = set(threading.enumerate()) - before
    for thread in begun:
        thread.join(LONGEST_WAIT)
    return [thread for thread in begun if thread.is_alive()]


async def test_a_command_that_fails_leaves_no_thread_behind(services: Services) -> None:
    before = set(threading.enumerate())
    with pytest.raises(SlotTaken):
        await failing(services.settings)
    assert left_since(before) == []


async def test_serving_that_is_broken_off_leaves_no_thread_behind(services: Services) -> None:
    before = set(threading.enumerate())
    with pytest.raises(KeyboardInterrupt):
        await broken_off(services)
    assert left_since(before) == []
