"""A publisher on this machine, who may be as unreliable as any in the world."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread


@dataclass
class Publisher:
    """What is offered, how, and what was asked for.

    Attributes:
        content: Each path with its content.
        drops: After how many bytes of an answer the connection ends, one for each of the first
            answers.
        resumes: Whether a part of a file can be asked for.
        errors: The status of each of the first answers, in place of content.
        stalls: Whether nothing more comes after ``drops`` bytes, rather than an end.
        asked: The ranges that were asked for, by path; empty for all of it.
        url: Where it is.
    """

    content: dict[str, bytes]
    drops: list[int] = field(default_factory=list)
    resumes: bool = True
    errors: list[int] = field(default_factory=list)
    stalls: bool = False
    asked: list[tuple[str, str]] = field(default_factory=list)
    url: str = ""
    closes: Event = field(default_factory=Event)


@contextmanager
def publishing(publisher: Publisher) -> Iterator[Publisher]:
    """Offer what a publisher has, until the end of the block."""
    handler = type("Handler", (_Handler,), {"publisher": publisher})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    publisher.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield publisher
    finally:
        publisher.closes.set()
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    publisher: Publisher

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing."""

    def do_GET(self) -> None:
        """Answer, or break off."""
        offer, wanted = self.publisher, self.headers.get("Range", "")
        offer.asked.append((self.path, wanted))
        if offer.errors:
            self.send_error(offer.errors.pop(0))
            return
        if self.path not in offer.content:
            self.send_error(404)
            return
        content = offer.content[self.path]
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and offer.resumes else 0
        if start and start >= len(content):
            self.send_error(416)
            return
        self._send(content, start)

    def _send(self, content: bytes, start: int) -> None:
        offer, rest = self.publisher, content[start:]
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(rest)))
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.end_headers()
        if not offer.drops:
            self.wfile.write(rest)
            return
        self.wfile.write(rest[: offer.drops.pop(0)])
        self.wfile.flush()
        if offer.stalls:
            offer.closes.wait(30)
