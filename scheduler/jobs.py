"""The clockwork: what is done without anybody asking."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from scheduler.services import Services


@asynccontextmanager
async def clockwork(services: Services) -> AsyncIterator[None]:
    """Run the jobs as long as the context is open."""
    yield
