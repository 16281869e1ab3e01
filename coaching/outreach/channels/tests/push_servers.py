"""Push services on loopback: one over HTTP, for browsers and Firebase, and one like Apple's over HTTP/2 with TLS."""

import asyncio
import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import DataReceived, RequestReceived, StreamEnded

HANG_UP = 0


@dataclass
class Heard:
    """A request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Answer:
    """What is said to a path; the status `HANG_UP` closes the line without a word."""

    status: int
    body: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)


class PushService(ThreadingHTTPServer):
    """Answers each path as `answers` says, 201 otherwise, and keeps what it heard."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Listener)
        self.answers: dict[str, Answer] = {}
        self.heard: list[Heard] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Listener(BaseHTTPRequestHandler):
    server: PushService

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.heard.append(Heard(self.path, headers, body))
        answer = self.server.answers.get(self.path, Answer(201))
        if answer.status == HANG_UP:
            return
        content = json.dumps(answer.body).encode()
        self.send_response(answer.status)
        for name, value in {**answer.headers, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Silence."""


@contextmanager
def push_service() -> Iterator[PushService]:
    with PushService() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def certificate(directory: Path) -> Path:
    """A file with a key and a certificate for 127.0.0.1 that signs itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "push service of the tests")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = directory / "certificate.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(private + signed.public_bytes(Encoding.PEM))
    return file


class Apple:
    """Answers each device token as `answers` says, 200 otherwise, and keeps what it heard."""

    def __init__(self, pem: Path) -> None:
        self.answers: dict[str, Answer] = {}
        self.heard: list[Heard] = []
        self.lines: set[_AppleLine] = set()
        self.address = ""
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.load_cert_chain(pem)
        self._tls.set_alpn_protocols(["h2"])
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> "Apple":
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, *error: object) -> None:
        self._loop.call_soon_threadsafe(self._hang_up)
        self._thread.join()
        self._loop.close()

    def _hang_up(self) -> None:
        for line in list(self.lines):
            line.transport.abort()
        self._loop.call_later(0.02, self._loop.stop)

    def _run(self) -> None:
        async def start() -> asyncio.Server:
            return await self._loop.create_server(
                lambda: _AppleLine(self), "127.0.0.1", 0, ssl=self._tls
            )

        server = self._loop.run_until_complete(start())
        host, port = server.sockets[0].getsockname()
        self.address = f"{host}:{port}"
        self._ready.set()
        self._loop.run_forever()
        server.close()
        self._loop.run_until_complete(server.wait_closed())


class _AppleLine(asyncio.Protocol):
    transport: asyncio.Transport

    def __init__(self, apple: Apple) -> None:
        self.apple = apple
        self.line = H2Connection(H2Configuration(client_side=False, header_encoding="utf-8"))
        self.open: dict[int, Heard] = {}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.apple.lines.add(self)
        self.line.initiate_connection()
        transport.write(self.line.data_to_send())

    def connection_lost(self, error: Exception | None) -> None:
        self.apple.lines.discard(self)

    def data_received(self, data: bytes) -> None:
        for event in self.line.receive_data(data):
            if isinstance(event, RequestReceived):
                headers = {str(name): str(value) for name, value in event.headers}
                self.open[event.stream_id] = Heard(headers[":path"], headers, b"")
            elif isinstance(event, DataReceived):
                self.open[event.stream_id].body += event.data
            elif isinstance(event, StreamEnded):
                self.answer(event.stream_id, self.open.pop(event.stream_id))
        self.transport.write(self.line.data_to_send())

    def answer(self, stream: int, heard: Heard) -> None:
        self.apple.heard.append(heard)
        answer = self.apple.answers.get(heard.path.rpartition("/")[2], Answer(200))
        if answer.status == HANG_UP:
            self.transport.close()
            return
        headers = [(":status", str(answer.status)), ("apns-id", heard.headers["apns-id"])]
        self.line.send_headers(stream, headers, end_stream=not answer.body)
        if answer.body:
            self.line.send_data(stream, json.dumps(answer.body).encode(), end_stream=True)
