"""The load's process: keep-alive connections that each send their requests one after the other.

``python -m benchmarks.load`` reads a `Plan` as JSON from standard input and writes a `Result` to standard
output. Raw sockets, so that the load takes little of the machine from what is measured.
"""

import asyncio
import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import cast

import uvloop


@dataclass(frozen=True, slots=True)
class Plan:
    """For each connection its requests, whole as text, sent until they or the ``seconds`` are over."""

    port: int
    seconds: float
    connections: Sequence[Sequence[str]]
    is_repeated: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """How many answers came with which status, in how many seconds, with how many bytes of body each."""

    statuses: dict[str, int]
    seconds: float
    body_bytes: int

    def rate(self, status: int) -> float:
        """Return answers with this status per second."""
        return self.statuses.get(str(status), 0) / self.seconds


class Line(asyncio.Protocol):
    """One connection: the next request goes out when the last one is answered."""

    def __init__(self, requests: Iterator[bytes], stops_at: float) -> None:
        self._requests, self._stops_at = requests, stops_at
        self._received = b""
        self.statuses: Counter[str] = Counter()
        self.body_bytes = 0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the first request."""
        self._transport = cast(asyncio.Transport, transport)
        self._send_next()

    def data_received(self, data: bytes) -> None:
        """Take the answer, and send the next request when it is whole."""
        self._received += data
        head, blank, body = self._received.partition(b"\r\n\r\n")
        if not blank:
            return
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
        if len(body) < length:
            return
        self.statuses[head[9:12].decode()] += 1
        self.body_bytes = length
        self._received = b""
        self._send_next()

    def connection_lost(self, exc: Exception | None) -> None:
        """End, whether all was sent or not."""
        if not self.done.done():
            self.done.set_result(None)

    def _send_next(self) -> None:
        request = next(self._requests, None) if time.monotonic() < self._stops_at else None
        if request is None:
            self._transport.close()
        else:
            self._transport.write(request)


def put(plan: Plan) -> Result:
    """Run a plan in a process of its own."""
    text = json.dumps(asdict(plan))
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.load"], input=text, capture_output=True, check=True, text=True
    )
    return Result(**json.loads(done.stdout))


def request(method: str, path: str, *, cookie: str = "", body: str = "") -> str:
    """Return a request whole."""
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", "Accept: text/html"]
    if cookie:
        lines.append(f"Cookie: {cookie}")
    if body:
        lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", body])


async def run(plan: Plan) -> Result:
    """Send everything and count the answers."""
    started = time.monotonic()
    loop = asyncio.get_running_loop()
    lines = [Line(_requests(texts, plan), started + plan.seconds) for texts in plan.connections]
    for line in lines:
        await loop.create_connection(lambda line=line: line, "127.0.0.1", plan.port)  # type: ignore[misc]
    await asyncio.gather(*(line.done for line in lines))
    statuses = sum((line.statuses for line in lines), Counter[str]())
    return Result(dict(statuses), time.monotonic() - started, lines[0].body_bytes)


def _requests(texts: Sequence[str], plan: Plan) -> Iterator[bytes]:
    sent = [text.encode() for text in texts]
    while True:
        yield from sent
        if not plan.is_repeated:
            return


if __name__ == "__main__":
    result = uvloop.run(run(Plan(**json.load(sys.stdin))))
    json.dump(asdict(result), sys.stdout)
