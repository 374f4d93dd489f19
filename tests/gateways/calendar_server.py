"""A real HTTPS server for tests, which answers every request with the bytes it was given."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from scheduler.gateways.outside_calendars import HttpsCalendars

HOST = "calendar.test"


@dataclass
class Place:
    """The server: ``answer`` is what it sends, in parts, the last one never where ``is_silent``."""

    answer: Sequence[bytes] = (b"",)
    is_silent: bool = False
    port: int = 0
    requests: list[str] = field(default_factory=list)
    names: list[str | None] = field(default_factory=list)

    @property
    def address(self) -> str:
        """The address of the calendar on it."""
        return f"https://{HOST}:{self.port}/secret.ics?a=b"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request."""
        try:
            self.requests.append((await reader.readuntil(b"\r\n\r\n")).decode())
            for part in self.answer:
                writer.write(part)
                await writer.drain()
            if self.is_silent:
                await reader.read()  # until the other side has had enough
        except (OSError, asyncio.IncompleteReadError):
            pass  # the other side has had enough
        finally:
            writer.close()

    def note_name(self, connection: ssl.SSLObject, name: str | None, context: ssl.SSLContext) -> None:
        """Keep the name that the client asked the certificate for (SNI)."""
        self.names.append(name)


@dataclass(frozen=True)
class Trust:
    """A certificate authority of its own: ``client`` trusts it alone, ``server`` has a certificate of it."""

    client: ssl.SSLContext
    server: ssl.SSLContext


@asynccontextmanager
async def running(place: Place, trust: Trust) -> AsyncIterator[HttpsCalendars]:
    """Run a server on loopback, and lend a gateway to which its name leads there and loopback is open."""
    trust.server.sni_callback = place.note_name

    server = await asyncio.start_server(place.serve, "127.0.0.1", 0, ssl=trust.server)
    place.port = server.sockets[0].getsockname()[1]
    async with server:
        yield gateway(trust, ["127.0.0.1"])


def gateway(trust: Trust, addresses: Sequence[str], **changes: object) -> HttpsCalendars:
    """Return a gateway for which every name has these addresses, and each of them is open."""

    async def resolve(host: str, port: int) -> Sequence[str]:
        return addresses

    settings: dict[str, object] = {"may_connect": lambda address: True, "seconds": 5.0} | changes
    return HttpsCalendars(resolve=resolve, trust=lambda: trust.client, **settings)  # type: ignore[arg-type]


def new_trust(folder: Path, *, host: str = HOST) -> Trust:
    """Make an authority and a certificate of it for ``host``, good for a day either side of now."""
    authority_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = _certificate("An authority", authority_key, "An authority", authority_key, is_authority=True)
    own = _certificate(host, key, "An authority", authority_key, is_authority=False)
    file, key_file = folder / "own.crt", folder / "own.key"
    file.write_bytes(own.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(file, key_file)
    pem = authority.public_bytes(serialization.Encoding.PEM).decode()
    return Trust(ssl.create_default_context(cadata=pem), server)


def _certificate(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: str,
    issuer_key: ec.EllipticCurvePrivateKey,
    *,
    is_authority: bool,
) -> x509.Certificate:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name.replace(" ", "-"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .sign(issuer_key, hashes.SHA256())
    )
