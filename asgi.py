"""Settings from the environment, services, the app; nothing else (``uvicorn asgi:app``)."""

from scheduler.app import create_app
from scheduler.services import build_services
from scheduler.settings import Settings

app = create_app(build_services(Settings()), jobs=True)  # type: ignore[call-arg]  # the environment fills it
