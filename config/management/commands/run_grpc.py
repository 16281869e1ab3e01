"""`manage.py run_grpc`: the gRPC gateway as a process of its own."""

import asyncio
import ipaddress
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    """Serves tasks, the coach and momentum over gRPC until it is asked to stop."""

    help = "Serve the gRPC gateway (see GRPC_* in .env.example)."
    # As for the web process: what is checked is checked before the house opens.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default=settings.GRPC_HOST)
        parser.add_argument("--port", type=int, default=settings.GRPC_PORT)

    def handle(self, *args: Any, host: str, port: int, **options: Any) -> None:
        certificate, key = settings.GRPC_TLS_CERT, settings.GRPC_TLS_KEY
        if bool(certificate) != bool(key):
            raise CommandError("TLS needs both GRPC_TLS_CERT and GRPC_TLS_KEY.")
        if not certificate and not is_loopback(host):
            self.stderr.write(
                f"gRPC on {host} without TLS: tokens can be read on the way. "
                "Set GRPC_TLS_CERT and GRPC_TLS_KEY, or let a proxy do TLS."
            )
        # Making the stubs takes a moment, so only who serves pays for it.
        from config.rpc.server import Gateway, serve

        gateway = Gateway(host, port, certificate=certificate, key=key)
        try:
            asyncio.run(serve(gateway, self._say))
        except (RuntimeError, OSError) as problem:
            raise CommandError(f"The gRPC gateway cannot listen: {problem}") from None

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches the address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
