"""Settings from the environment, services, the app; nothing else (``uvicorn asgi:app``)."""

from scheduler.app import create_app
from scheduler.services import build_services
from scheduler.settings import Settings

services = build_services(Settings())  # type: ignore[call-arg]  # the environment fills it
app = create_app(services, jobs=services.database.engine_name == "sqlite")  # else: hearth jobs
