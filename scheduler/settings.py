"""Settings: every variable of the environment with its unit, default and reason.

All wrong variables are reported at once. No secret has a default. The README's table is held to this file
by a test.
"""

from email.policy import SMTP
from functools import cached_property
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, HttpUrl
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from scheduler.domain.zones import is_zone


def _split(text: object) -> object:
    return [part.strip() for part in text.split(",") if part.strip()] if isinstance(text, str) else text


def _known_engine(url: str) -> str:
    path = url.removeprefix("sqlite+aiosqlite:///")
    if path not in {"", url}:
        return url
    if not url.startswith("postgresql+asyncpg://"):
        raise ValueError("use sqlite+aiosqlite:///PATH or postgresql+asyncpg://…")
    try:
        make_url(url)
    except ArgumentError as wrong:
        raise ValueError("use postgresql+asyncpg://user:password@host:port/name") from wrong
    return url


def _known_mail(url: str) -> str:
    parts = urlsplit(url)
    is_server = parts.scheme in {"smtp", "smtps"} and parts.hostname and parts.port != 0
    is_folder = url.removeprefix("maildir:") not in {"", url}
    if not is_server and not is_folder:
        raise ValueError("use smtp://HOST, smtps://HOST or maildir:DIR")
    return url


def _one_sender(text: str) -> str:
    addresses = SMTP.header_factory("from", text).addresses if text.isprintable() else []
    if [bool(one.username and one.domain) for one in addresses] != [True]:
        raise ValueError("use one address, as: Hearth <hello@example.org>")
    return text


def _known_zone(name: str) -> str:
    if not is_zone(name):
        raise ValueError("use an IANA name like America/Los_Angeles")
    return name


def _bare(url: HttpUrl) -> HttpUrl:
    if url.path not in {None, "/"} or url.query is not None or url.fragment is not None:
        raise ValueError("give scheme and host only, as https://hearth.example.org")
    return url


def _networks(texts: list[str]) -> list[str]:
    for text in texts:
        ip_network(text, strict=False)
    return texts


def _one_word(name: str) -> str:
    if "+" in name or any(letter.isspace() for letter in name):
        raise ValueError("no space and no plus, as hearth.example.org/audit")
    return name


Listed = Annotated[list[str], NoDecode, BeforeValidator(_split)]


class Settings(BaseSettings):
    """What an installation chooses; each field is the variable ``HEARTH_<NAME>``."""

    model_config = SettingsConfigDict(env_prefix="HEARTH_", frozen=True, extra="ignore")

    database_url: Annotated[str, AfterValidator(_known_engine)] = Field(
        description="Where everything is kept: sqlite+aiosqlite:///PATH or postgresql+asyncpg://…"
    )
    base_url: Annotated[HttpUrl, AfterValidator(_bare)] = Field(
        description="The public address; mailed links start with it and passkeys are bound to it"
    )
    keys_dir: Path = Field(
        description="Folder of the keys, apart from the database; made by `hearth keys new`"
    )
    mail_url: Annotated[str, AfterValidator(_known_mail)] = Field(
        description="Where mail goes: smtp://[user:password@]host:port, smtps://… or maildir:DIR"
    )
    mail_from: Annotated[str, AfterValidator(_one_sender)] = Field(
        description="Sender of all mail; a neutral name and address that hint at nothing"
    )
    exports_dir: Path = Field(
        default=Path("var/exports"), description="Folder where audit exports wait a day"
    )
    trusted_proxies: Annotated[Listed, AfterValidator(_networks)] = Field(
        default_factory=list,
        description="Comma-separated addresses of proxies whose X-Forwarded-* is believed",
    )
    log_name: Annotated[str, AfterValidator(_one_word)] = Field(
        default="", description="Name of the audit log in checkpoints; default: host of the base URL"
    )
    program_name: str = Field(default="Hearth", description="The neutral name on pages and in mail")
    appointment_word: str = Field(default="Appointment", description="What mail and calendars call a session")
    zone: Annotated[str, AfterValidator(_known_zone)] = Field(
        default="America/Los_Angeles",
        description="IANA time zone in which times are shown to whoever has no account",
    )
    crisis_line: str = Field(
        default="If someone is in danger now, call 911. For a crisis, call or text 988, day and night.",
        description="The quiet line at the foot of every family page",
    )
    stun_urls: Listed = Field(
        default_factory=list,
        description="Comma-separated STUN addresses for calls across networks; none on one network",
    )
    turn_urls: Listed = Field(
        default_factory=list, description="Comma-separated TURN addresses (coturn, REST credentials)"
    )
    turn_secret: str = Field(
        default="", description="Secret shared with the TURN server; needed with turn_urls"
    )
    metrics_token: str = Field(default="", description="Bearer token for /metrics from outside loopback")
    witness_token: str = Field(
        default="", description="Bearer token with which a witness reads /audit/checkpoint"
    )
    staff_idle_minutes: int = Field(
        default=15, ge=1, le=60, description="Minutes of rest after which staff sign in again"
    )
    family_idle_minutes: int = Field(
        default=30, ge=1, le=120, description="Minutes of rest after which a family member signs in again"
    )
    hold_minutes: int = Field(
        default=10, ge=1, le=60, description="Minutes for which a chosen time is set aside"
    )
    inquiry_days: int = Field(
        default=30,
        ge=1,
        le=365,
        description="Days after which what was told for a first conversation is gone",
    )
    offering_weeks: int = Field(
        default=6, ge=1, le=26, description="Weeks for which the program's weekly sessions are created ahead"
    )
    proposal_hours: int = Field(
        default=48, ge=1, le=168, description="Hours for which times proposed to others are set aside"
    )
    waitlist_hours: int = Field(
        default=12,
        ge=1,
        le=72,
        description="Hours for which a free place is kept for a family on the waitlist",
    )
    requests_a_minute: int = Field(
        default=240, ge=10, description="Requests a minute for one person or address before 429"
    )
    requests_a_minute_in_all: int = Field(
        default=60_000, ge=100, description="Requests a minute for everyone together"
    )
    sign_ins_a_minute: int = Field(
        default=60, ge=5, description="Tries to sign in or prove oneself a minute for one address before 429"
    )
    is_demo: bool = Field(
        default=False, description="Set by `hearth demo` alone: one-click sign-ins, loopback only"
    )
    debug: bool = Field(default=False, description="Shows /patterns; never in production")

    @property
    def is_https(self) -> bool:
        """Whether people reach the service by https, so that cookies are ``__Host-`` and Secure."""
        return self.base_url.scheme == "https"

    @cached_property
    def host(self) -> str:
        """The public host name without port; passkeys are bound to it."""
        return urlsplit(str(self.base_url)).hostname or ""

    @cached_property
    def origin(self) -> str:
        """The public origin: scheme, host and port, without a slash at the end."""
        parts = urlsplit(str(self.base_url))
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def audit_origin(self) -> str:
        """The name of the audit log: the C2SP checkpoint origin."""
        return self.log_name or f"{self.host}/audit"

    def url(self, path: str) -> str:
        """Return the absolute public address of a path that starts with a slash."""
        return self.origin + path

    def cookie(self, name: str) -> str:
        """Return a cookie's full name: with the ``__Host-`` prefix under https (RFC 6265bis, 4.1.3)."""
        return f"__Host-{name}" if self.is_https else name
