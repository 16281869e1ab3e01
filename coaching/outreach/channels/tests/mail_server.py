"""A mail server on loopback that keeps what it is sent and, when told to, refuses or hangs up."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage

HANG_UP = "hang up"


class MailServer(socketserver.ThreadingTCPServer):
    """`answers` maps MAIL, RCPT, DATA or "." (the end of the data) to another line than the good one."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Dialogue)
        self.answers: dict[str, str] = {}
        self.mails: list[EmailMessage] = []
        self.recipients: list[str] = []

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class _Dialogue(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self._say("220 ready")
        for line in self.rfile:
            verb = line.decode().strip().upper()[:4]
            if verb == "QUIT":
                self._say("221 bye")
                return
            if verb == "RCPT":
                self.server.recipients.append(line.decode().split("<")[1].split(">")[0])
            usual = "354 go on" if verb == "DATA" else "250 fine"
            if not self._answer(verb, usual):
                return
            if verb == "DATA" and "DATA" not in self.server.answers:
                text = b"".join(iter(self.rfile.readline, b".\r\n"))
                if "." not in self.server.answers:
                    mail = message_from_bytes(text, policy=policy.default)
                    assert isinstance(mail, EmailMessage)
                    self.server.mails.append(mail)
                if not self._answer(".", "250 taken"):
                    return

    def _answer(self, verb: str, usual: str) -> bool:
        answer = self.server.answers.get(verb, usual)
        if answer == HANG_UP:
            return False
        self._say(answer)
        return True

    def _say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")


@contextmanager
def running() -> Iterator[MailServer]:
    with MailServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
