"""A scripted model server on loopback that speaks the chat-completions protocol, and breaks it on request.

Each request is answered by the next script (`server.will(...)`), a list of steps in order; without a
script the answer is a plain 500. What came in is kept in `server.received`.
"""

import json
import re
import select
import sys
import threading
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import SHUT_RDWR
from typing import Any
from zlib import crc32


@dataclass(frozen=True)
class Say:
    """Text, one delta per piece."""

    pieces: tuple[str, ...]

    def __init__(self, *pieces: str) -> None:
        object.__setattr__(self, "pieces", pieces)


@dataclass(frozen=True)
class Call:
    """A tool call whose arguments come in the given fragments."""

    name: str
    fragments: tuple[str, ...] = ("{}",)
    id: str | None = "call_1"
    index: int = 0


@dataclass(frozen=True)
class Count:
    """A usage chunk as OpenAI sends it: after the finish, without choices."""

    input_tokens: int
    output_tokens: int


@dataclass(frozen=True)
class Finish:
    reason: str = "stop"


@dataclass(frozen=True)
class Done:
    """The proper end: `data: [DONE]`. Without it (and without `Cut`) the connection just closes."""


@dataclass(frozen=True)
class Cut:
    """The connection dies here, in the middle of the transfer."""


@dataclass(frozen=True)
class End:
    """The transfer ends properly here, though the answer does not."""


@dataclass(frozen=True)
class Wait:
    """Silence; ends early when the client hangs up."""

    seconds: float


@dataclass(frozen=True)
class Hold:
    """Silence until the test calls `go_on()`; ends early when the client hangs up."""

    gate: threading.Event = field(default_factory=threading.Event)

    def go_on(self) -> None:
        self.gate.set()


@dataclass(frozen=True)
class Status:
    """An answer that is an error, before anything else."""

    code: int
    headers: dict[str, str] = field(default_factory=dict)
    message: str = "scripted"


@dataclass(frozen=True)
class Page:
    """Something that is no model's answer at all."""

    body: bytes
    content_type: str = "text/html"


Step = Say | Call | Count | Finish | Done | Cut | End | Wait | Hold | Status | Page


def whole(*pieces: str, usage: Count | None = None) -> list[Step]:
    """The steps of an answer as it should be."""
    steps: list[Step] = [Say(*pieces), Finish()]
    return [*steps, *([usage] if usage else []), Done()]


@dataclass
class Received:
    """A request that came in; `hung_up` is set when the client left before the script was over."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]
    hung_up: threading.Event = field(default_factory=threading.Event)


class ModelServer:
    """The server; `url` is what goes into COACH_MODEL_API_BASE."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.embedding_models: dict[str, int] = {}
        self._scripts: deque[list[Step]] = deque()
        self._lock = threading.Lock()
        owner = self

        class Handler(_Handler):
            server_of = owner

        self._http = _Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}/v1"

    def will(self, *scripts: Iterable[Step]) -> None:
        """Answers the next requests so, one script each."""
        with self._lock:
            self._scripts.extend(list(script) for script in scripts)

    def will_embed(self, **dimensions: int) -> None:
        """Answers every request for embeddings of the named models with vectors of so many numbers."""
        with self._lock:
            self.embedding_models.update(dimensions)

    def take(self, request: Received) -> list[Step]:
        with self._lock:
            self.received.append(request)
            if self._scripts:
                return self._scripts.popleft()
            size = self.embedding_models.get(str(request.body.get("model")))
            if size and request.path.endswith("/embeddings"):
                return [Page(_embeddings(request.body["input"], size), "application/json")]
            return [Status(500)]

    def forget(self) -> None:
        """Drops scripts and memories of earlier tests."""
        with self._lock:
            self._scripts.clear()
            self.received.clear()
            self.embedding_models.clear()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


def _embeddings(texts: list[str], size: int) -> bytes:
    """Vectors in which texts with the same words are alike."""
    data = []
    for index, text in enumerate(texts):
        vector = [0.0] * size
        for word in re.findall(r"\w+", text.lower()) or [""]:
            vector[crc32(word.encode()) % size] += 1.0
        data.append({"object": "embedding", "index": index, "embedding": vector})
    tokens = sum(len(text.split()) for text in texts)
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    return json.dumps(
        {"object": "list", "model": "scripted", "data": data, "usage": usage}
    ).encode()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Says nothing of clients that hang up: here they are supposed to."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_of: ModelServer

    def log_message(self, format: str, *args: Any) -> None:
        """Silence."""

    def do_POST(self) -> None:
        length = int(self.headers.get("content-length") or 0)
        headers = {key.lower(): value for key, value in self.headers.items()}
        request = Received(self.path, headers, json.loads(self.rfile.read(length) or b"{}"))
        steps = self.server_of.take(request)
        self._open = False
        try:
            for step in steps:
                if not self._play(step, request):
                    return
            self._end()
        except OSError:
            request.hung_up.set()
            self.close_connection = True

    def _play(self, step: Step, request: Received) -> bool:
        """Plays one step; false when nothing can follow it."""
        match step:
            case Status(code, headers, message):
                body = json.dumps({"error": {"message": message, "type": "scripted"}}).encode()
                self._answer(code, body, "application/json", headers)
                return False
            case Page(body, content_type):
                self._answer(200, body, content_type, {})
                return False
            case Wait(seconds):
                return self._wait(seconds, request)
            case Hold(gate):
                while not gate.is_set():
                    if not self._wait(0.02, request):
                        return False
            case Cut():
                self._begin()
                self.wfile.flush()
                # Clients drop what they have not read when a connection dies: what was said is to be read first.
                if not self._wait(0.15, request):
                    return False
                self.connection.shutdown(SHUT_RDWR)
                self.close_connection = True
                return False
            case End():
                self._end()
                return False
            case Say(pieces):
                for piece in pieces:
                    self._delta({"content": piece})
            case Call(name, fragments, identifier, index):
                head: dict[str, Any] = {"index": index, "type": "function"}
                if identifier is not None:
                    head["id"] = identifier
                self._delta({"tool_calls": [{**head, "function": {"name": name, "arguments": ""}}]})
                for part in fragments:
                    function = {"arguments": part}
                    self._delta({"tool_calls": [{"index": index, "function": function}]})
            case Finish(reason):
                self._delta({}, reason)
            case Count(asked, answered):
                usage = {
                    "prompt_tokens": asked,
                    "completion_tokens": answered,
                    "total_tokens": asked + answered,
                }
                self._event({**_HEAD, "choices": [], "usage": usage})
            case Done():
                self._chunk(b"data: [DONE]\n\n")
        return True

    def _answer(self, code: int, body: bytes, content_type: str, headers: dict[str, str]) -> None:
        self.send_response(code)
        self.send_header("content-type", content_type)
        self.send_header("content-length", str(len(body)))
        for key, value in headers.items():
            self.send_header(key, value)
        self.end_headers()
        self.wfile.write(body)

    def _begin(self) -> None:
        if not self._open:
            self._open = True
            self.send_response(200)
            self.send_header("content-type", "text/event-stream")
            self.send_header("transfer-encoding", "chunked")
            self.end_headers()

    def _delta(self, delta: dict[str, Any], reason: str | None = None) -> None:
        choice = {"index": 0, "delta": delta, "finish_reason": reason}
        self._event({**_HEAD, "choices": [choice]})

    def _event(self, body: dict[str, Any]) -> None:
        self._chunk(b"data: " + json.dumps(body).encode() + b"\n\n")

    def _chunk(self, data: bytes) -> None:
        self._begin()
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def _end(self) -> None:
        self._begin()
        self.wfile.write(b"0\r\n\r\n")
        self.wfile.flush()

    def _wait(self, seconds: float, request: Received) -> bool:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            readable, _, _ = select.select([self.connection], [], [], left)
            if readable and not self.connection.recv(1):
                request.hung_up.set()
                self.close_connection = True
                return False
        return True


_HEAD = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "scripted"}
