"""Mail: out by SMTP (RFC 5321), or into a Maildir that people read as an inbox in the demo.

A message is handed over whole or not at all. A refusal for good (5xx about this message or its address) is
told apart from everything that may pass: a 4xx, a server that is away, a certificate that does not fit, a
password that was changed. The latter are tried again later, so that no fault of ours loses a message.
"""

import asyncio
import mailbox
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Protocol
from urllib.parse import parse_qs, unquote, urlsplit

import aiosmtplib

TIMEOUT_SECONDS = 20.0
SMTP_PORT = 25
SUBMISSION_PORT = 587
SMTPS_PORT = 465


class MailRefused(Exception):
    """The server will never take this message: 5xx. The text is its code; it holds no address."""


class MailDelayed(Exception):
    """Not taken now: 4xx, no connection, no trust. The text is a code or a word; it holds no address."""


class Mail(Protocol):
    """Where messages go."""

    async def send(self, message: EmailMessage) -> None:
        """Hand a message over; it has one recipient, in ``To``.

        Raises:
            MailRefused: it will never be taken.
            MailDelayed: it was not taken now.
        """


@dataclass(frozen=True, slots=True)
class SmtpMail:
    """A mail server. With a password the connection must be encrypted; without one it is where offered."""

    host: str
    port: int
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    implicit_tls: bool = False
    tls: ssl.SSLContext | None = None
    timeout_seconds: float = TIMEOUT_SECONDS

    async def send(self, message: EmailMessage) -> None:
        """See `Mail.send`."""
        try:
            await aiosmtplib.send(
                message,
                hostname=self.host,
                port=self.port,
                username=self.username,
                password=self.password,
                use_tls=self.implicit_tls,
                start_tls=self._start_tls,
                tls_context=self.tls,
                timeout=self.timeout_seconds,
            )
        except aiosmtplib.SMTPRecipientsRefused as refused:
            raise _verdict(refused.recipients[0].code) from refused
        except aiosmtplib.SMTPDataError as refused:
            raise _verdict(refused.code) from refused
        except aiosmtplib.SMTPResponseException as refused:
            raise MailDelayed(str(refused.code)) from refused
        except (aiosmtplib.SMTPException, OSError, TimeoutError, ValueError) as failed:
            raise MailDelayed(type(failed).__name__) from failed

    @property
    def _start_tls(self) -> bool | None:
        if self.implicit_tls:
            return False
        return True if self.password is not None else None  # None: where the server offers it


@dataclass(frozen=True, slots=True)
class MaildirMail:
    """A Maildir: each message a file, on disk before `send` returns."""

    folder: Path

    async def send(self, message: EmailMessage) -> None:
        """See `Mail.send`."""
        try:
            await asyncio.to_thread(self._add, message)
        except OSError as failed:
            raise MailDelayed(type(failed).__name__) from failed

    def _add(self, message: EmailMessage) -> None:
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        box = mailbox.Maildir(self.folder, create=True)
        box.add(message.as_bytes(policy=SMTP.clone(linesep="\n")))


def mail_for(url: str) -> Mail:
    """Return the mail of a ``HEARTH_MAIL_URL``: smtp://, smtps:// or maildir:DIR.

    An SMTP address may end in ``?ca=FILE``, the certificate of a private authority to trust. The port is
    25, 587 with a user, 465 for smtps.

    Raises:
        ValueError: the address is none of these, or names no host.
    """
    if url.startswith("maildir:"):
        return MaildirMail(Path(url.removeprefix("maildir:")))
    parts = urlsplit(url)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise ValueError("use smtp://HOST, smtps://HOST or maildir:DIR")
    authority = parse_qs(parts.query).get("ca", [None])[0]
    return SmtpMail(
        host=parts.hostname,
        port=parts.port or _default_port(parts.scheme, parts.username),
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        implicit_tls=parts.scheme == "smtps",
        tls=ssl.create_default_context(cafile=authority) if authority else None,
    )


def _default_port(scheme: str, username: str | None) -> int:
    if scheme == "smtps":
        return SMTPS_PORT
    return SUBMISSION_PORT if username else SMTP_PORT


def _verdict(code: int) -> MailRefused | MailDelayed:
    """Return the refusal of a reply code: 5xx is for good (RFC 5321, section 4.2.1)."""
    return MailRefused(str(code)) if code >= 500 else MailDelayed(str(code))
